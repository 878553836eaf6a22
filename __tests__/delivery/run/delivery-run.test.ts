import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { DeliveryRun, type RunOptions } from '../../../src/delivery/run/delivery-run.js';
import type { Destination } from '../../../src/mlflow/server.js';
import { startLoopback } from '../../support/loopback.js';
import { removeFolder } from '../../support/remove-folder.js';

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

test('a request has its own time, no more than is left of the run, and none once the run is ended', () => {
  expect(runOf().requestMs()).toBe(900);
  const short = runOf({ deadlineMs: Date.now() + 10_000, requestTimeoutMs: 60_000 });
  // A fifth of a second is kept for what is to be done after an answer.
  expect(short.requestMs()).toBeGreaterThan(5000);
  expect(short.requestMs()).toBeLessThanOrEqual(9800);
  expect(short.remainingMs()).toBeLessThanOrEqual(10_000);
  expect(short.retryInMs).toBeUndefined();
  const run = runOf({ signal: AbortSignal.abort() });
  expect([run.requestMs(), run.retryInMs]).toEqual([0, undefined]);
});

describe('a server', () => {
  test('is left alone after two requests in vain, whatever the experiment, or after as many as are allowed', async () => {
    for (const [maxRequests, allowed] of [
      [undefined, 2],
      [1, 1],
      [3, 3],
    ] as const) {
      const run = runOf(maxRequests === undefined ? {} : { maxRequests });
      const cwd = project({ trackingUri: 'http://127.0.0.1:9' });
      const route = await run.route(cwd);
      if (route.kind !== 'deliver') throw new Error(route.kind);
      for (let requests = 0; requests < allowed; requests++) {
        expect(run.obstacle(route.destination)).toBeUndefined();
        await route.sender.send([], undefined, { timeoutMs: 900 });
      }
      const obstacle = { reason: 'ECONNREFUSED', blocked: false };
      expect(run.obstacle(route.destination)).toEqual(obstacle);
      expect(run.obstacle({ ...route.destination, experimentId: '5' })).toEqual(obstacle);
      expect(run.obstacle(to('b'))).toBeUndefined();
      run.close();
    }
  });

  test('that is down says so before what it has asked of earlier runs', () => {
    const run = runOf();
    run.openCircuit(to('a'), pending({ reason: '429', transient: true, retryAfterMs: 30_000 }));
    expect(run.obstacle(to('a'))).toEqual({ reason: '429', blocked: false });
    expect(existsSync(path.join(stateDir, 'holds.json'))).toBe(true);
  });

  test('that asks for no wait is held by no other run', () => {
    runOf().openCircuit(to('a'), pending({ transient: true }));
    runOf().openCircuit(to('a'), pending({ transient: true, retryAfterMs: 0 }));
    expect(existsSync(path.join(stateDir, 'holds.json'))).toBe(false);
  });
});

/** A folder with a tracing config of its own. */
function project(config: object | string, name = 'project'): string {
  const folder = path.join(stateDir, name);
  mkdirSync(path.join(folder, '.codex'), { recursive: true });
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  writeFileSync(path.join(folder, '.codex', 'mlflow-tracing.json'), text);
  return folder;
}

describe('the turns of a folder', () => {
  const HERE = 'http://127.0.0.1:9';

  test('go to the server and experiment that its settings name', async () => {
    const run = runOf();
    const route = await run.route(project({ trackingUri: HERE, experimentId: '7' }));
    expect(route).toMatchObject({
      kind: 'deliver',
      settings: { trackingUri: HERE, experimentId: '7' },
      destination: { trackingUri: HERE, experimentId: '7', url: `${HERE}/v1/traces` },
    });
    expect(run.wantsLive).toBe(false);
  });

  test.each<[string, () => string, NodeJS.ProcessEnv, object]>([
    ['nothing is traced', () => stateDir, {}, { kind: 'skip', outcome: 'untraced', detail: 'no-config' }],
    [
      'tracing is switched off',
      () => stateDir,
      { MLFLOW_CODEX_DISABLED: '1' },
      { kind: 'skip', outcome: 'disabled', detail: 'environment' },
    ],
  ])('go nowhere where %s', async (_, folder, env, expected) => {
    expect(await runOf({ env }).route(folder())).toEqual(expected);
  });

  test('wait for somebody where its settings are broken or name no experiment', async () => {
    const broken = await runOf().route(project('{'));
    expect(broken).toEqual({ kind: 'problem', detail: expect.stringContaining('mlflow-tracing.json') });
    const run = runOf({ env: { MLFLOW_EXPERIMENT_ID: 'none', MLFLOW_TRACKING_URI: HERE } });
    expect(await run.route(stateDir)).toEqual({
      kind: 'problem',
      detail: expect.stringContaining('experiment id is not a number'),
    });
    expect(run.retryInMs).toBeUndefined();
  });

  test('wait for the server where that alone knows the experiment and is not there', async () => {
    const run = runOf();
    const cwd = project({ trackingUri: HERE, experimentName: 'mine' });
    expect(await run.route(cwd)).toEqual({ kind: 'problem', detail: expect.any(String), passes: true });
    expect(run.retryInMs).toBeUndefined();
  });

  test('wait for it, and soon, where it is there and says nothing of the experiment in time', async () => {
    const server = await startLoopback(() => ({ status: 503, body: '' }));
    const run = runOf();
    const route = await run.route(project({ trackingUri: server.url, experimentName: 'mine' }));
    expect(route).toMatchObject({ kind: 'problem', passes: true });
    expect(run.retryInMs).toBe(0);
    await server.close();
  });

  test('are asked for once, and share a connection with those of other folders of the same place', async () => {
    const run = runOf();
    const routeIn = async (name: string, experimentId: string) => {
      const route = await run.route(project({ trackingUri: HERE, experimentId }, name));
      if (route.kind !== 'deliver') throw new Error(route.kind);
      return route;
    };
    const first = await routeIn('one', '7');
    expect(await routeIn('one', '7')).toBe(first);
    const second = await routeIn('two', '7');
    expect(second).not.toBe(first);
    expect(second.sender).toBe(first.sender);
    const third = await routeIn('three', '8');
    expect(third.sender).not.toBe(first.sender);
    const closed: string[] = [];
    first.sender.close = () => closed.push('first');
    third.sender.close = () => closed.push('third');
    run.close();
    expect(closed).toEqual(['first', 'third']);
  });

  test('are wanted live where the user says so', async () => {
    writeFileSync(
      path.join(stateDir, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: HERE, experimentId: '0', live: true }),
    );
    const run = runOf();
    await run.route(stateDir);
    await run.route(project({ live: false }));
    expect(run.wantsLive).toBe(true);
    const off = runOf();
    await off.route(project({ live: false }));
    expect(off.wantsLive).toBe(false);
  });
});

describe('a thread’s place', () => {
  const env = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' };

  test('is the environment’s and its folder’s word of where turns go', async () => {
    const cwd = project({ trackingUri: 'http://127.0.0.1:9' });
    const run = runOf();
    const place = await run.placeOf(cwd);
    expect(place.startsWith(`${run.environment} `)).toBe(true);
    expect(await run.placeOf(project('{', 'broken'))).toBe(run.environment);
    expect(await runOf({ env }).placeOf(cwd)).not.toBe(place);
  });

  test('is read once a run, whatever becomes of the folder’s settings meanwhile', async () => {
    const cwd = project({ trackingUri: 'http://127.0.0.1:9' });
    const run = runOf();
    const place = await run.placeOf(cwd);
    project({ trackingUri: 'http://127.0.0.1:8' });
    expect(await run.placeOf(cwd)).toBe(place);
    expect(await runOf().placeOf(cwd)).not.toBe(place);
  });

  test('is this run’s where it is the same, or leads to the same server all the same', async () => {
    const cwd = project({ trackingUri: 'http://127.0.0.1:9' });
    const run = runOf();
    expect(await run.isPlaceOf(undefined, cwd)).toBe(true);
    expect(await run.isPlaceOf(run.environment, cwd)).toBe(true);
    expect(await run.isPlaceOf(runOf({ env }).environment, cwd)).toBe(false);
    expect(await run.isPlaceOf(await runOf({ env }).placeOf(cwd), cwd)).toBe(true);
    const other = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:8' };
    expect(await run.isPlaceOf(await runOf({ env: other }).placeOf(cwd), cwd)).toBe(false);
  });
});

test('every turn that was tried is taken down, and told to whoever asked', () => {
  const told: unknown[] = [];
  const report = { threadId: 't', at: { file: 't', start: 0 }, outcome: 'sent', ms: 1 } as const;
  const run = runOf({ onTurn: (one) => told.push(one) });
  const second = { ...report, outcome: 'pending' } as const;
  for (const one of [report, second]) run.report(one);
  runOf().report(report);
  expect([run.reports, told]).toEqual([
    [report, second],
    [report, second],
  ]);
});
