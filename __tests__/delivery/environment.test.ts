import { utimesSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import { putAnnouncement } from '../../src/delivery/store/inbox.js';
import { placeInEnvironment } from '../../src/settings/place-of-turns.js';
import { home } from '../support/test-home.js';

/** Turns of one shell, and hooks and `sync` of another whose environment names another server. */

const SHORT = { requestTimeoutMs: 300, maxRequests: 1 };
let other: OtlpReceiver;
const inOtherShell = () => ({ env: { MLFLOW_TRACKING_URI: other.url } });
const arrivedThere = () => other.spans().flatMap(({ attributes }) => attributes['codex.turn.id'] ?? []);

beforeEach(async () => {
  other = await startOtlpReceiver();
});
afterEach(() => other.close());

test('a turn that waits for its server is not sent to that of another shell, but goes with the next hook of its own', async () => {
  home.answer(503);
  const thread = home.thread();
  const turn = thread.turn();
  await home.hook(thread.payload(turn), SHORT);
  home.receiver.answerWith({});
  const [theirs, ours] = [home.thread(), home.thread()];
  const foreign = theirs.turn();
  await home.hook(theirs.payload(foreign), inOtherShell());
  expect(arrivedThere()).toEqual([foreign]);
  const last = ours.turn();
  await home.hook(ours.payload(last));
  expect(home.arrived()).toEqual([last, turn]);
});

test('nor is a failed turn that nobody announced, or the turn of a hook that was killed', async () => {
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn()));
  thread.turn('failed');
  const minuteAgo = Date.now() / 1000 - 60;
  utimesSync(thread.path, minuteAgo, minuteAgo);
  const killed = home.thread();
  const place = placeInEnvironment({});
  putAnnouncement(home.stateDir, {
    threadId: killed.threadId,
    turnId: killed.turn(),
    place,
    atMs: Date.now() - 2 * 86_400_000,
  });
  const theirs = home.thread();
  const foreign = theirs.turn();
  await home.hook(theirs.payload(foreign), inOtherShell());
  expect(arrivedThere()).toEqual([foreign]);
  const ours = home.thread();
  await home.hook(ours.payload(ours.turn()));
  expect(home.arrived()).toHaveLength(4);
});

test('no experiment of one shell’s project is looked for, or made, at another shell’s server', async () => {
  home.sendTo(home.receiver.url, { experimentName: 'secret plans' });
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn()), SHORT);
  const run = home.run(inOtherShell());
  expect(await drainThread(run, thread.threadId)).toEqual({ kind: 'elsewhere', hasPending: true });
  expect(other.requests).toEqual([]);
});

test('a thread that is resumed in another shell goes to that one’s server from then on', async () => {
  home.answer(503);
  const thread = home.thread();
  const first = thread.turn();
  await home.hook(thread.payload(first), SHORT);
  const second = thread.turn();
  await home.hook(thread.payload(second), inOtherShell());
  expect(arrivedThere()).toEqual([first, second]);
});

test.each([
  ['a slash at the end', (uri: string) => ({ MLFLOW_TRACKING_URI: `${uri}/` })],
  ['a token', (uri: string) => ({ MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: 'new' })],
  ['a variable that says the same as the file', () => ({})],
  [
    'a workspace that is none of its server’s',
    (uri: string) => ({ MLFLOW_TRACKING_URI: uri, DATABRICKS_HOST: 'https://h' }),
  ],
])('shells that differ by %s are the same', async (_, env) => {
  home.answer(503);
  const thread = home.thread();
  const turn = thread.turn();
  await home.hook(thread.payload(turn), { ...SHORT, env: { MLFLOW_TRACKING_URI: home.receiver.url } });
  home.receiver.answerWith({});
  const run = home.run({ env: env(home.receiver.url) });
  expect(await drainThread(run, thread.threadId)).toMatchObject({ kind: 'drained', sent: 1 });
});

test.each([
  ['MLFLOW_EXPERIMENT_ID', '7'],
  ['MLFLOW_EXPERIMENT_NAME', 'x'],
  ['MLFLOW_WORKSPACE', 'w'],
  ['MLFLOW_TRACE_LOCATION', 'a.b.c'],
])('shells that differ by %s are not', async (name, value) => {
  home.answer(503);
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn()), SHORT);
  const run = home.run({ env: { [name]: value } });
  expect(await drainThread(run, thread.threadId)).toEqual({ kind: 'elsewhere', hasPending: true });
});

test('a thread’s turns do not go to the workspace that another shell names', async () => {
  home.sendTo('databricks', { experimentId: '12' });
  const thread = home.thread();
  const own = { DATABRICKS_HOST: 'http://127.0.0.1:9', DATABRICKS_TOKEN: 'one' };
  await home.hook(thread.payload(thread.turn()), { ...SHORT, env: own });
  const run = home.run({ env: { DATABRICKS_HOST: other.url, DATABRICKS_TOKEN: 'two' } });
  expect(await drainThread(run, thread.threadId)).toEqual({ kind: 'elsewhere', hasPending: true });
  expect(other.requests).toEqual([]);
});
