import { execFileSync } from 'node:child_process';
import { constants, getPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DeliveryHome } from '../support/delivery-home.js';
import { type Ended, runIn } from '../support/delivery-process.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { program } from '../support/test-program.js';

/**
 * The process that a hook leaves behind where a server was there but slow or overloaded, as it is
 * shipped: the hook as Codex starts it, and what goes on after it.
 */
let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
});
afterEach(async () => {
  for (const pid of leftBehind()) process.kill(pid, 'SIGKILL');
  await home.close();
});

const hook = (thread: ThreadFile, turn: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  runIn(home, [process.execPath, program, 'notify-hook', thread.payload(turn)], { env });

/** The processes of this test's program that try again. */
function leftBehind(): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(program) && line.includes('retry-pending'))
    .map((line) => Number.parseInt(line, 10));
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (isSo()) return;
    await sleep(200);
  }
  throw new Error(`a minute has passed, and still not: ${what}`);
}

const quiet = { code: 0, signal: null, output: '' };

it('a server that takes 20 s for its first request has the turn soon after, and then nothing is left running', async () => {
  const coldUntilMs = Date.now() + 20_000;
  home.receiver.answerWith((_, n) => (n === 0 ? { instead: 'hang' } : { delayMs: coldUntilMs - Date.now() }));
  const thread = home.thread();
  const turn = thread.turn();
  expect(await hook(thread, turn)).toMatchObject(quiet);
  expect(home.arrived()).toEqual([]);
  await until('the turn has arrived', () => home.arrived().length > 0);
  await until('no process is left', () => leftBehind().length === 0);
  expect(home.arrived()).toEqual([turn]);
  expect(home.receiver.requests).toHaveLength(2);
}, 90_000);

describe('an overloaded server', () => {
  it('met by ten hooks at once is met by one process after them, which sends all turns once', async () => {
    home.answer(503);
    const threads = Array.from({ length: 10 }, () => home.thread());
    const turns = threads.map((thread) => thread.turn());
    await Promise.all(threads.map((thread, i) => hook(thread, turns[i] ?? '')));
    await until('one process is left', () => leftBehind().length === 1);
    const [left = 0] = leftBehind();
    await until('it lets all others go first', () => getPriority(left) === constants.priority.PRIORITY_LOW);
    home.answer(200);
    await until('all turns have arrived', () => home.arrived().length >= 10);
    await until('no process is left', () => leftBehind().length === 0);
    expect(home.arrived().sort()).toEqual([...turns].sort());
  }, 90_000);

  it('has one process more where the first was killed', async () => {
    home.answer(503);
    const thread = home.thread();
    const turns = [thread.turn()];
    await hook(thread, turns[0] ?? '');
    const [first = 0] = leftBehind();
    process.kill(first, 'SIGKILL');
    await until('it is gone', () => leftBehind().length === 0);
    turns.push(thread.turn());
    await hook(thread, turns[1] ?? '');
    expect(leftBehind()).toEqual([expect.any(Number)]);
    expect(leftBehind()).not.toContain(first);
    home.answer(200);
    await until('the turns have arrived', () => home.arrived().length === 2);
    expect(home.arrived()).toEqual(turns);
  }, 60_000);

  it('has a process of low priority, in a session of its own', async () => {
    home.answer(503);
    const thread = home.thread();
    await hook(thread, thread.turn());
    const [pid] = leftBehind();
    await sleep(500);
    const said = execFileSync('ps', ['-o', 'pid=,pgid=,ni=', '-p', String(pid)], { encoding: 'utf8' });
    expect(said.trim().split(/\s+/)).toEqual([String(pid), String(pid), '19']);
  }, 30_000);
});

describe('no process is left', () => {
  it.each([
    ['where nothing listens', 'http://127.0.0.1:9'],
    ['where there is no such host', 'http://no-such-host.invalid:5000'],
  ])('%s', async (_, address) => {
    home.sendTo(address);
    const thread = home.thread();
    await hook(thread, thread.turn());
    expect(leftBehind()).toEqual([]);
  });

  it.each([401, 404, 501, 400])('where a server answers with %i', async (status) => {
    home.answer(status);
    const thread = home.thread();
    await hook(thread, thread.turn());
    expect(leftBehind()).toEqual([]);
  });

  it('where the server has the turn', async () => {
    const thread = home.thread();
    await hook(thread, thread.turn());
    expect(leftBehind()).toEqual([]);
  });

  it('that was started where everything is switched off', async () => {
    home.answer(503);
    const thread = home.thread();
    await hook(thread, thread.turn());
    for (const pid of leftBehind()) process.kill(pid, 'SIGKILL');
    home.answer(200);
    const env = { MLFLOW_CODEX_DISABLED: '1' };
    const ended = await runIn(home, [process.execPath, program, 'retry-pending'], { env });
    expect(ended).toMatchObject(quiet);
    expect(home.arrived()).toEqual([]);
  }, 30_000);
});
