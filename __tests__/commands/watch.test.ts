import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WATCH_LOCK } from '../../src/commands/watch/leave-watcher.js';
import { tryLock } from '../../src/delivery/store/lock/lock.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { LiveThread } from '../support/live-thread.js';
import { Workbench } from './workbench.js';

let home: DeliveryHome;
let bench: Workbench;
beforeEach(async () => {
  home = await DeliveryHome.make();
  bench = new Workbench();
  bench.env['CODEX_HOME'] = home.codexHome;
});
afterEach(async () => {
  bench.remove();
  await home.close();
});

const watch = (...args: string[]) => bench.run('watch', ...args);

describe('watch --once', () => {
  test('shows what goes on, however young, and ends', async () => {
    const thread = LiveThread.begun(home.codexHome, 1000);
    const turn = thread.begin();
    thread.call(turn);
    const { code, stdout } = await watch('--once');
    expect(code).toBe(0);
    expect(stdout).toContain(`turn ${turn}: 4 spans in 1 request, ${home.receiver.url}/#/experiments/0/`);
    expect(home.arrived()).toEqual([turn]);
  });

  test('is one document with --json', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    const { stdout } = await watch('--once', '--json');
    expect(JSON.parse(stdout).turns).toEqual([
      expect.objectContaining({ thread: thread.threadId, turn, isOver: false, requests: 1, spans: 4 }),
    ]);
  });

  test('says that nothing goes on, and why a turn is not shown', async () => {
    expect((await watch('--once')).stdout).toBe('No turn goes on.\n');
    home.sendTo(home.receiver.url, { experimentId: '0', live: false });
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    expect((await watch('--once')).stdout).toContain('not shown: live is switched off');
    expect(home.arrived()).toEqual([]);
  });

  test('exits 1 where the server takes nothing', async () => {
    home.answer(503);
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    expect((await watch('--once')).code).toBe(1);
  });
});

test('a second watcher of a home says that there is one', async () => {
  const lock = await tryLock(home.stateDir, WATCH_LOCK);
  const { code, stderr } = await watch('--once');
  expect([code, stderr]).toEqual([1, expect.stringContaining('Another watcher is at work')]);
  expect((await watch('--left-behind')).code).toBe(0);
  await lock?.release();
});

test('where tracing is switched off nothing is watched', async () => {
  bench.env['MLFLOW_CODEX_DISABLED'] = '1';
  const { code, stderr } = await watch('--once');
  expect([code, stderr]).toEqual([1, expect.stringContaining('MLFLOW_CODEX_DISABLED')]);
});
