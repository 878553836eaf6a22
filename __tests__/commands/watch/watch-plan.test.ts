import { expect, test } from '@jest/globals';
import { watchPlan } from '../../../src/commands/watch/watch-plan.js';
import type { Settings } from '../../../src/settings/merge-settings.js';

const MINUTE_MS = 60_000;
const IO = { env: { CODEX_HOME: '/codex', USER: 'ada' }, homeDir: '/home/ada' };
const TYPED = { isLeft: false, once: false };
const LEFT = { isLeft: true, once: false };

test('a watcher follows the turns of one home, and takes a turn for over after five minutes of silence', () => {
  expect(watchPlan(IO, TYPED).run).toMatchObject({
    env: IO.env,
    homeDir: '/home/ada',
    codexHome: '/codex',
    stateDir: '/codex/mlflow-codex',
    abandonedMs: 5 * MINUTE_MS,
  });
});

test('a turn is shown from its tenth second on, and at once where what goes on now is asked for', () => {
  const { pace } = watchPlan(IO, TYPED);
  expect(pace.firstMs).toBe(10_000);
  expect(watchPlan(IO, { isLeft: false, once: true }).pace).toEqual({ ...pace, firstMs: 0 });
});

test('one that is left behind waits ten minutes for another turn, one that was typed for ever', () => {
  expect(watchPlan(IO, LEFT).idleMs).toBe(10 * MINUTE_MS);
  expect(watchPlan(IO, TYPED).idleMs).toBeUndefined();
});

test.each<[boolean | undefined, boolean, boolean]>([
  [true, true, true],
  [undefined, true, false],
  [false, false, false],
])(
  'with live = %j turns are shown by one that was typed: %j, by one that is left behind: %j',
  (live, typed, left) => {
    const settings = { live } as Settings;
    expect(watchPlan(IO, TYPED).isWanted(settings)).toBe(typed);
    expect(watchPlan(IO, LEFT).isWanted(settings)).toBe(left);
  },
);
