import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  destinationKey,
  heldUntil,
  holdMs,
  holdServer,
  serverKey,
} from '../../../src/delivery/store/throttle.js';
import type { Destination } from '../../../src/mlflow/server.js';

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const NOW = 1_795_573_000_000;
const MINUTE = 60_000;
const at = (url: string, experimentId = '1', headers: Record<string, string> = {}) =>
  ({ url, experimentId, headers }) as Destination;
const hold = (destination: Destination, retryAfterMs: number, nowMs = NOW) =>
  holdServer(folder, destination, { retryAfterMs, nowMs });

describe('a server that has asked to wait', () => {
  test('is held for all its experiments, as long as it said and up to a tenth and a second more', () => {
    hold(at('http://a'), 100_000);
    const until = heldUntil(folder, at('http://a', '2'), NOW);
    expect(until).toBeGreaterThanOrEqual(NOW + 100_000);
    expect(until).toBeLessThanOrEqual(NOW + 111_000);
    expect(heldUntil(folder, at('http://b'), NOW)).toBe(0);
    expect(heldUntil(folder, at('http://a'), until)).toBe(0);
    expect(heldUntil(folder, at('http://a'), until - 1)).toBe(until);
  });

  test('is held ten minutes at most, also by a clock that was wrong', () => {
    hold(at('http://a'), 60 * MINUTE);
    expect(heldUntil(folder, at('http://a'), NOW)).toBe(NOW + 10 * MINUTE);
    expect(heldUntil(folder, at('http://a'), NOW - 1)).toBe(0);
  });

  test('is held beside others, and what is over is forgotten', () => {
    hold(at('http://a'), MINUTE);
    hold(at('http://b'), MINUTE, NOW + 1);
    expect(heldUntil(folder, at('http://a'), NOW)).toBeGreaterThan(NOW);
    hold(at('http://c'), MINUTE, NOW + 5 * MINUTE);
    const kept = JSON.parse(readFileSync(path.join(folder, 'holds.json'), 'utf8'));
    expect(Object.keys(kept)).toEqual([serverKey(at('http://c'))]);
  });

  test.each([
    [100_000, 0, 100_000],
    [100_000, 0.5, 105_500],
    [100_000, 1, 111_000],
    [0, 1, 1000],
    [1000, 0.0001, 1001],
    [599_999, 0, 599_999],
    [540_000, 1, 595_000],
    [600_001, 0, 600_000],
  ])('%i ms, of whose jitter %d was drawn, is held for %i ms', (retryAfterMs, drawn, expected) => {
    expect(holdMs(retryAfterMs, drawn)).toBe(expected);
  });

  test('is forgotten when its time is over, and what is no time with it', () => {
    const holds = { past: NOW - 1, now: NOW, later: NOW + 1, text: 'x' };
    writeFileSync(path.join(folder, 'holds.json'), JSON.stringify(holds));
    hold(at('http://a'), MINUTE);
    const kept = JSON.parse(readFileSync(path.join(folder, 'holds.json'), 'utf8'));
    expect(kept).toStrictEqual({ later: NOW + 1, [serverKey(at('http://a'))]: expect.any(Number) });
  });

  test('is told from others by a clock that begins in 1970, too', () => {
    expect(heldUntil(folder, at('http://a'), 0)).toBe(0);
    writeFileSync(path.join(folder, 'holds.json'), '{"text": "x"}');
    hold(at('http://a'), MINUTE, 0);
    const kept = JSON.parse(readFileSync(path.join(folder, 'holds.json'), 'utf8'));
    expect(Object.keys(kept)).toEqual([serverKey(at('http://a'))]);
  });

  test.each(['no JSON', '[]', '7'])('is none in a file that holds %s', (text) => {
    writeFileSync(path.join(folder, 'holds.json'), text);
    expect(heldUntil(folder, at('http://a'), NOW)).toBe(0);
  });
});

test('experiments and workspaces of a server are told apart, the server is one', () => {
  const all = [at('http://a'), at('http://a', '2'), at('http://a', '1', { 'x-mlflow-workspace': 'w' })];
  expect(new Set(all.map(destinationKey)).size).toBe(3);
  expect(new Set(all.map(serverKey)).size).toBe(1);
  expect(serverKey(at('http://b'))).not.toBe(serverKey(at('http://a')));
});

test('the names of servers and destinations are those of earlier versions, whose files go on to count', () => {
  // Of SHA-256 over 'http://a 1 ', 'http://a 1 w' and 'http://a'.
  expect(destinationKey(at('http://a'))).toBe('be72f8670d43a8db');
  expect(destinationKey(at('http://a', '1', { 'x-mlflow-workspace': 'w' }))).toBe('9eaa41674347b38e');
  expect(serverKey(at('http://a'))).toBe('54df484bb282e7e4');
});
