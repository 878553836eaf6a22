import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryRun, type RunOptions } from '../../src/delivery/run/delivery-run.js';
import type { Destination } from '../../src/mlflow/server.js';
import { removeFolder } from '../support/remove-folder.js';

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(stateDir));

const runOf = (options: Partial<RunOptions> = {}) =>
  new DeliveryRun({
    env: {},
    homeDir: stateDir,
    userName: 'ada',
    codexHome: stateDir,
    stateDir,
    deadlineMs: Date.now() + 60_000,
    requestTimeoutMs: 900,
    abandonedMs: 0,
    ...options,
  });
const to = (host: string, experimentId = '0'): Destination => ({
  url: `http://${host}/v1/traces`,
  trackingUri: `http://${host}`,
  experimentId,
  headers: {},
  compression: 'none',
  server: 'mlflow',
  tls: {},
});
const pending = (more: object = {}) => ({ kind: 'pending', reason: '503', blocked: false, ...more }) as const;

describe('a server that took no turn', () => {
  test('is tried no more in this run where it does not answer, whatever the experiment', () => {
    const run = runOf();
    run.openCircuit(to('a'), pending({ transient: true }));
    expect(run.obstacle(to('a'))).toEqual({ reason: '503', blocked: false });
    expect(run.obstacle(to('a', '1'))).toEqual({ reason: '503', blocked: false });
    expect(run.obstacle(to('b'))).toBeUndefined();
    expect(runOf().obstacle(to('a'))).toBeUndefined();
  });

  test('is tried for another experiment where somebody must mend this one', () => {
    const run = runOf();
    run.openCircuit(to('a'), pending({ reason: '403', blocked: true }));
    expect(run.obstacle(to('a'))).toEqual({ reason: '403', blocked: true });
    expect(run.obstacle(to('a', '1'))).toBeUndefined();
  });

  test('and asks to wait holds the runs after this one as well', () => {
    const run = runOf();
    run.openCircuit(to('a'), pending({ reason: '429', transient: true, retryAfterMs: 30_000 }));
    expect(run.retryInMs).toBe(30_000);
    const next = runOf();
    expect(next.obstacle(to('b'))).toBeUndefined();
    expect(next.retryInMs).toBeUndefined();
    expect(next.obstacle(to('a'))).toEqual({ reason: 'the server asked to wait', blocked: false });
    expect(next.retryInMs).toBeGreaterThan(20_000);
  });

  test.each([
    ['404', false],
    ['403', true],
  ])('because of %s keeps the ids of its experiments: %s', (reason, kept) => {
    const ids = path.join(stateDir, 'experiments');
    mkdirSync(ids);
    writeFileSync(path.join(ids, 'one.json'), '{}');
    runOf().openCircuit(to('a'), pending({ reason, blocked: true }));
    expect(existsSync(ids)).toBe(kept);
  });
});

describe('another run may send what this one could not', () => {
  test.each([
    ['at once where the server was busy', [pending({ transient: true })], 0],
    ['when the first of the servers can be asked again', [1000, 9000, 3000], 1000],
    ['at no known time where nothing listens', [pending()], undefined],
  ])('%s', (_, outcomes, expected) => {
    const run = runOf();
    for (const one of outcomes)
      run.openCircuit(
        to('a'),
        typeof one === 'number' ? pending({ transient: true, retryAfterMs: one }) : one,
      );
    expect(run.retryInMs).toBe(expected);
  });

  test('at once where the time was too short for a request', () => {
    const run = runOf({ deadlineMs: Date.now() + 300 });
    expect([run.requestMs(), run.retryInMs]).toEqual([0, 0]);
  });
});

test('a request has its own time, and none once the run is ended', () => {
  expect(runOf().requestMs()).toBe(900);
  const run = runOf({ signal: AbortSignal.abort() });
  expect([run.requestMs(), run.retryInMs]).toEqual([0, undefined]);
});
