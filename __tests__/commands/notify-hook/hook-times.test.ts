import { expect, test } from '@jest/globals';
import { hookRunOptions } from '../../../src/commands/notify-hook/hook-times.js';

test('a hook is over 15 s after its start, and gives a server 10 s and a silent turn 5 minutes', () => {
  const places = { env: {}, homeDir: '/h', userName: 'ada', codexHome: '/c', stateDir: '/c/mlflow-codex' };
  expect(hookRunOptions(places, 1_000_000)).toEqual({
    ...places,
    deadlineMs: 1_015_000,
    requestTimeoutMs: 10_000,
    abandonedMs: 5 * 60_000,
  });
});
