import { expect, test } from '@jest/globals';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import { home } from '../support/test-home.js';

/** Turns whose experiment is given by its name, which a server has to be asked for first. */

const LOOKED_UP = JSON.stringify({ experiment: { experiment_id: '7', lifecycle_stage: 'active' } });

async function pendingTurn(experiment: object = { experimentName: 'ci' }, uri = home.receiver.url) {
  home.sendTo(uri, experiment);
  const thread = home.thread();
  const turn = thread.turn();
  const outcome = await home.hook(thread.payload(turn));
  const run = home.run();
  await drainThread(run, thread.threadId);
  run.close();
  return { thread, turn, outcome, retryInMs: run.retryInMs, waiting: home.state(thread.threadId).waiting };
}

test('wait where the server is overloaded, as any others, and a process tries again', async () => {
  home.answer(503);
  const { thread, turn, ...told } = await pendingTurn();
  expect(told).toMatchObject({
    outcome: { outcome: 'pending', detail: expect.stringContaining('HTTP 503') },
    retryInMs: 0,
    waiting: { blocked: false },
  });
  home.receiver.answerWith(({ method }) => (method === 'GET' ? { body: LOOKED_UP } : {}));
  const other = home.thread();
  const own = other.turn();
  await home.hook(other.payload(own));
  expect(home.arrived()).toEqual([own, turn]);
  expect(home.state(thread.threadId).waiting).toBeUndefined();
});

test('wait where nothing listens, and no process is left behind', async () => {
  const told = await pendingTurn({ experimentName: 'ci' }, 'http://127.0.0.1:9');
  expect(told).toMatchObject({
    outcome: { outcome: 'pending', detail: expect.stringContaining('ECONNREFUSED') },
    retryInMs: undefined,
    waiting: { blocked: false },
  });
});

test.each([
  ['refuses the question', 403, ''],
  ['is no MLflow', 404, '<html>'],
  ['has no workspaces', 500, '{"error_code":"FEATURE_DISABLED"}'],
])('need a person where the server %s', async (_, status, body) => {
  home.answer(status, {}, body);
  const told = await pendingTurn();
  expect(told).toMatchObject({
    outcome: { outcome: 'problem' },
    retryInMs: undefined,
    waiting: { blocked: true },
  });
});
