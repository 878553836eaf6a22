import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { WATCH_LOCK } from '../../../src/commands/watch/leave-watcher.js';
import { runWatch } from '../../../src/commands/watch/watch.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import { LiveThread } from '../../support/live-thread.js';
import { type Ran, Workbench } from '../workbench.js';

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

/** What a person sees of a turn, without the time of day. */
const told = (stdout: string) => stdout.replace(/^\d\d:\d\d:\d\d {2}/gm, '');

/** Runs a watcher until a signal, which comes once something has arrived. */
async function watchUntil(signal: NodeJS.Signals, argv: string[], hasArrived: () => boolean): Promise<Ran> {
  const io = bench.io();
  const ended = runWatch(argv, io);
  await waitFor('what is to be shown', hasArrived);
  process.emit(signal);
  return io.ran(await ended);
}
const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal));

describe('watch --once', () => {
  test('shows what goes on, however young, and ends', async () => {
    const thread = LiveThread.begun(home.codexHome, 1000);
    const turn = thread.begin();
    thread.call(turn);
    const ran = await watch('--once');
    expect(ran).toEqual({ code: 0, stdout: expect.any(String), stderr: '' });
    expect(told(ran.stdout)).toMatch(
      new RegExp(`^turn ${turn}: 4 spans in 1 request, ${home.receiver.url}/#/experiments/0/\\S+\n$`),
    );
    expect(home.arrived()).toEqual([turn]);
  });

  test('is one document with --json', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    const { code, stdout, stderr } = await watch('--once', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const shown = JSON.parse(stdout);
    expect(shown).toEqual({
      turns: [
        {
          thread: thread.threadId,
          turn,
          isOver: false,
          requests: 1,
          spans: 4,
          link: expect.stringContaining(`${home.receiver.url}/#/experiments/0/`),
        },
      ],
    });
    expect(stdout).toBe(`${JSON.stringify(shown, null, 2)}\n`);
    thread.end(turn, 'complete');
  });

  test('says that nothing goes on, and why a turn is not shown', async () => {
    expect(await watch('--once')).toEqual({ code: 0, stdout: 'No turn goes on.\n', stderr: '' });
    expect(await watch('--once', '--json')).toEqual({ code: 0, stdout: '{\n  "turns": []\n}\n', stderr: '' });
    home.sendTo(home.receiver.url, { experimentId: '0', live: false });
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    const { code, stdout } = await watch('--once');
    expect([code, told(stdout)]).toEqual([0, `turn ${turn}: not shown: live is switched off\n`]);
    expect(home.arrived()).toEqual([]);
  });

  test('exits 1 where the server takes nothing, also where another turn is not to be shown', async () => {
    const project = path.join(home.codexHome, 'project');
    bench.put(path.join(project, '.codex', 'mlflow-tracing.json'), { live: false });
    const hidden = LiveThread.begun(home.codexHome);
    hidden.call(hidden.begin(0, project));
    home.answer(503);
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    const { code, stdout } = await watch('--once');
    expect(code).toBe(1);
    expect(told(stdout)).toContain(': not shown: live is switched off\n');
    expect(told(stdout)).toContain(`turn ${turn}: nothing more is shown until it is over (`);
  });
});

describe('watch', () => {
  test('goes on until Ctrl-C: exit 0; says where it looks, and from when on turns are shown', async () => {
    const before = listeners();
    const [thread, young] = [LiveThread.begun(home.codexHome), LiveThread.begun(home.codexHome, 2000)];
    const turn = thread.begin();
    thread.call(turn);
    young.call(young.begin());
    const { code, stdout, stderr } = await watchUntil('SIGINT', [], () => home.arrived().length > 0);
    expect(code).toBe(0);
    expect(told(stdout)).toMatch(new RegExp(`^turn ${turn}: 4 spans in 1 request, \\S+\n$`));
    expect(stderr).toBe(
      `Watching ${home.codexHome}: turns are shown in MLflow from their 10th second on. Ctrl-C ends it.\n` +
        'MLflow’s page does not reload itself: reload it to see more.\n',
    );
    expect(home.arrived()).toEqual([turn]);
    expect(listeners()).toEqual(before);
  });

  test('exits 0 where a server has taken nothing, which is not its end', async () => {
    home.answer(503);
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    const ran = await watchUntil('SIGTERM', ['--json'], () => home.receiver.requests.length > 0);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(JSON.parse(ran.stdout).turns).toMatchObject([{ stopped: expect.any(String) }]);
  });

  test('shows nothing and says nothing where no turn goes on', async () => {
    const { stdout } = await watchUntil('SIGTERM', [], () => home.hasStateDir());
    expect(stdout).toBe('');
  });

  test('that a hook has left behind is silent, and shows what is to be shown live', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', live: true });
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    const isShown = () => home.arrived().length > 0;
    expect(await watchUntil('SIGTERM', ['--left-behind'], isShown)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(home.arrived()).toEqual([turn]);
  });
});

test('a second watcher of a home says that there is one, and one that a hook leaves ends in silence', async () => {
  const lock = await tryLock(home.stateDir, WATCH_LOCK);
  expect(await watch('--once')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      `mlflow-codex: Another watcher is at work on ${home.codexHome}\n` +
      '  End it first; one that a hook has left behind ("live": true) does the same work, and ends 10 minutes after the last turn\n',
  });
  expect(await watch('--left-behind')).toEqual({ code: 0, stdout: '', stderr: '' });
  await lock?.release();
  expect((await watch('--once')).code).toBe(0);
});

test('where tracing is switched off nothing is watched', async () => {
  bench.env['MLFLOW_CODEX_DISABLED'] = '1';
  expect(await watch('--once')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'mlflow-codex: Tracing is switched off by MLFLOW_CODEX_DISABLED\n  Unset it, and watch again\n',
  });
  expect(await watch('--left-behind')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(home.hasStateDir()).toBe(false);
});
