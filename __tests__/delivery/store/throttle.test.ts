import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { destinationKey, heldUntil, holdServer, serverKey } from '../../../src/delivery/store/throttle.js';
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
