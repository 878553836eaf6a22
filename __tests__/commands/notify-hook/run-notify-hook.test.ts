import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { runNotifyHook } from '../../../src/commands/notify-hook/notify-hook.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { DeliveryHome } from '../../support/delivery-home.js';

let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
});
afterEach(() => home.close());

/** In this process; what it would leave behind is a file that ends at once. */
function hook(
  payload: string | undefined,
  trigger: 'notify' | 'stop' = 'notify',
  more: { startedMs?: number } = {},
): Promise<boolean> {
  const script = path.join(home.codexHome, 'left-behind.cjs');
  writeFileSync(script, `require('node:fs').writeFileSync(__filename + '.' + process.argv[2], '')`);
  return runNotifyHook(
    payload,
    { CODEX_HOME: home.codexHome, PATH: process.env.PATH },
    { trigger, script, ...more },
  );
}
const logged = () => readLog(home.stateDir).map(({ turn, outcome, detail }) => ({ turn, outcome, detail }));
const leftBehind = (command: string) => existsSync(path.join(home.codexHome, `left-behind.cjs.${command}`));

describe('a hook', () => {
  test('sends what was announced, and says so in one line', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await hook(thread.payload(turn))).toBe(true);
    expect(home.arrived()).toEqual([turn]);
    expect(logged()).toEqual([{ turn, outcome: 'sent', detail: undefined }]);
    expect(readLog(home.stateDir)[0]?.thread).toBe(thread.threadId);
  });

  test.each([
    [undefined, 'problem', 'no payload given'],
    ['{', 'problem', 'payload of 1 characters is not JSON'],
    ['{"type":"something-else"}', 'ignored', 'announcement of type something-else'],
  ])('that is told %s sends nothing, and says why', async (payload, outcome, detail) => {
    for (const trigger of ['notify', 'stop'] as const) expect(await hook(payload, trigger)).toBe(false);
    expect(logged()).toEqual([
      { turn: undefined, outcome, detail },
      { turn: undefined, outcome, detail },
    ]);
    expect(home.receiver.requests).toEqual([]);
  });

  test('says when it was, and how long it took', async () => {
    const before = Date.now();
    await hook('{');
    const [entry] = readLog(home.stateDir);
    expect(Date.parse(entry?.time ?? '')).toBeGreaterThanOrEqual(before);
    // It is a span of time, and no time of day.
    expect(entry?.ms).toBeLessThan(before);
  });

  test('that meets what nobody foresaw says what kind it was, and ends', async () => {
    const thread = home.thread();
    const env = new Proxy({ CODEX_HOME: home.codexHome } as NodeJS.ProcessEnv, {
      get: (target, name) => {
        if (name === 'MLFLOW_TRACKING_URI') throw new RangeError('somebody’s words');
        return Reflect.get(target, name);
      },
    });
    const told = thread.payload(thread.turn());
    expect(await runNotifyHook(told, env, { trigger: 'notify', script: '' })).toBe(false);
    expect(logged()).toEqual([
      { turn: undefined, outcome: 'problem', detail: 'internal error: RangeError at Object.get' },
    ]);
  });

  test('has sent something also where another turn was refused', async () => {
    const [thread, other] = [home.thread(), home.thread()];
    home.answer(503);
    await home.hook(other.payload(other.turn()));
    const turn = thread.turn();
    home.receiver.answerWith(({ spans }) =>
      JSON.stringify(spans).includes(other.threadId) ? { status: 422 } : {},
    );
    expect(await hook(thread.payload(turn))).toBe(true);
    expect(logged().map(({ outcome }) => outcome)).toEqual(['sent', 'rejected']);
  });

  test('has a line for each other turn that it sent', async () => {
    const [thread, other] = [home.thread(), home.thread()];
    await home.hook(thread.payload(thread.turn()));
    home.answer(503);
    const left = other.turn();
    await home.hook(other.payload(left));
    home.receiver.answerWith({});
    const [silent, turn] = [thread.turn('failed'), thread.turn()];
    expect(await hook(thread.payload(turn))).toBe(true);
    const detail = 'caught up with by another turn';
    expect(logged()).toEqual([
      { turn, outcome: 'sent', detail: undefined },
      { turn: silent, outcome: 'sent', detail },
      { turn: left, outcome: 'sent', detail },
    ]);
  });

  test('at a session’s end has lines for the turns alone', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    const failed = thread.turn('failed');
    const end = { type: 'session-end', 'thread-id': thread.threadId, 'transcript-path': thread.path };
    expect(await hook(JSON.stringify({ ...end, cwd: home.codexHome }), 'stop')).toBe(true);
    expect(logged()).toEqual([{ turn: failed, outcome: 'sent', detail: 'when the session ended' }]);
  });

  test('at a session’s end says what is left of it', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    thread.turn('failed');
    const end = JSON.stringify({
      ...{ type: 'session-end', 'thread-id': thread.threadId, 'transcript-path': thread.path },
      cwd: home.codexHome,
    });
    home.answer(401);
    expect(await hook(end, 'stop')).toBe(false);
    expect(logged()[0]).toEqual({ turn: undefined, outcome: 'pending', detail: '401' });
    rmSync(path.join(home.stateDir, 'hook.log'));
    writeFileSync(path.join(home.stateDir, 'threads', `${thread.threadId}.json`), '{"version":99}');
    await hook(end, 'stop');
    expect(logged()).toMatchObject([{ outcome: 'problem' }]);
  });

  test('whose time is over before its work keeps the turn, and leaves a process behind that sends it', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await hook(thread.payload(turn), 'notify', { startedMs: Date.now() - 15_000 })).toBe(false);
    expect(logged()).toEqual([{ turn, outcome: 'pending', detail: 'out of time' }]);
    await waitFor('the process', () => leftBehind('retry-pending'));
    expect(home.receiver.requests).toEqual([]);
  });

  test('leaves a watcher behind where turns are to be shown while they go on', async () => {
    const thread = home.thread();
    await hook(thread.payload(thread.turn()));
    expect(leftBehind('watch')).toBe(false);
    home.sendTo(home.receiver.url, { experimentId: '0', live: true });
    await hook(thread.payload(thread.turn()));
    await waitFor('the watcher', () => leftBehind('watch'));
  });

  test('of a folder that is not traced leaves other threads’ turns alone', async () => {
    const other = home.thread();
    home.answer(503);
    await home.hook(other.payload(other.turn()));
    home.receiver.answerWith({});
    const { length } = home.receiver.requests;
    const thread = home.thread();
    const turn = thread.turn();
    writeFileSync(path.join(home.codexHome, 'mlflow-tracing.json'), '{"enabled": false}');
    expect(await hook(thread.payload(turn))).toBe(false);
    expect(logged()).toMatchObject([{ turn, outcome: 'disabled' }]);
    rmSync(path.join(home.codexHome, 'mlflow-tracing.json'));
    expect(await hook(thread.payload(thread.turn()))).toBe(false);
    expect(logged()[1]).toMatchObject({ outcome: 'untraced' });
    expect(home.receiver.requests).toHaveLength(length);
  });

  test('before its turn’s end is written waits for it', async () => {
    const thread = home.thread();
    const turn = thread.begin();
    const sent = hook(thread.payload(turn), 'stop');
    thread.end(turn, 'complete');
    expect(await sent).toBe(true);
    expect(home.arrived()).toEqual([turn]);
  });

  test('leaves a process behind where the server is overloaded, and none where all went well', async () => {
    const thread = home.thread();
    await hook(thread.payload(thread.turn()));
    expect(leftBehind('retry-pending')).toBe(false);
    home.answer(503, { 'retry-after': '1' });
    expect(await hook(thread.payload(thread.turn()))).toBe(false);
    await waitFor('the process', () => leftBehind('retry-pending'));
    expect(logged().at(-1)).toMatchObject({ outcome: 'pending' });
  });
});

describe('the notifier that was there first', () => {
  const heard = () => path.join(home.codexHome, 'heard');
  beforeEach(() => {
    const bell = path.join(home.codexHome, 'bell');
    writeFileSync(
      bell,
      `#!/bin/sh\nprintf '%s|' "$@" > '${heard()}.new' && mv '${heard()}.new' '${heard()}'\n`,
    );
    chmodSync(bell, 0o755);
    const config = path.join(home.codexHome, 'config.toml');
    mkdirSync(home.stateDir, { recursive: true });
    const notify = [
      { file: config, argv: ['mlflow-codex'], created: false, createdFolder: false, forward: [bell, 'ding'] },
    ];
    writeFileSync(
      path.join(home.stateDir, 'setup.json'),
      JSON.stringify({ version: 1, tracing: [], notify }),
    );
  });

  test('is called with the same words, also with words that mean nothing to us', async () => {
    const words = '{"type":"something-else"}';
    await hook(words);
    await waitFor('the bell', () => existsSync(heard()));
    expect(readFileSync(heard(), 'utf8')).toBe(`ding|${words}|`);
  });

  test('is called without words where there are none', async () => {
    await hook(undefined);
    await waitFor('the bell', () => existsSync(heard()));
    expect(readFileSync(heard(), 'utf8')).toBe('ding|');
  });

  test('of a project is called for its turns alone', async () => {
    const record = path.join(home.stateDir, 'setup.json');
    const project = path.join(home.codexHome, 'project');
    const users = path.join(home.codexHome, 'config.toml');
    const projects = path.join(project, '.codex', 'config.toml');
    writeFileSync(record, readFileSync(record, 'utf8').replace(users, projects));
    const thread = home.thread();
    await hook(thread.payload(thread.turn(), { cwd: home.codexHome }));
    expect(existsSync(heard())).toBe(false);
    await hook(thread.payload(thread.turn(), { cwd: project }));
    await waitFor('the bell', () => existsSync(heard()));
  });

  test('is not called by a Stop hook', async () => {
    const thread = home.thread();
    await hook(thread.payload(thread.turn()), 'stop');
    expect(existsSync(heard())).toBe(false);
  });
});
