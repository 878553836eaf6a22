import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import { putAnnouncement } from '../../src/delivery/store/inbox.js';
import { appendLog, readLog } from '../../src/delivery/store/journal.js';
import type { DeliveryHome } from '../support/delivery-home.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { home } from '../support/test-home.js';

/** What a crash, a full disk or a hand in our folder leaves behind. */

const threads = () => path.join(home.stateDir, 'threads');
const inbox = () => path.join(home.stateDir, 'inbox');
const stateFile = (thread: ThreadFile) => path.join(threads(), `${thread.threadId}.json`);

/** A thread with one turn sent and one owed, as its log says too. */
async function threadThatOwes(): Promise<{ thread: ThreadFile; sent: string; owed: string }> {
  const thread = home.thread();
  const sent = thread.turn();
  log(thread, sent, await home.hook(thread.payload(sent)));
  const owed = thread.turn();
  home.answer(401);
  log(thread, owed, await home.hook(thread.payload(owed)));
  home.receiver.answerWith({});
  return { thread, sent, owed };
}

/** What the hook's process adds to the log. */
function log(thread: ThreadFile, turn: string, outcome: Awaited<ReturnType<DeliveryHome['hook']>>): void {
  appendLog(home.stateDir, {
    time: new Date().toISOString(),
    thread: thread.threadId,
    turn,
    ms: 1,
    ...outcome,
  });
}

async function hookOfAnotherThread(): Promise<string> {
  const other = home.thread();
  const turn = other.turn();
  await home.hook(other.payload(turn));
  return turn;
}

describe('a state that is damaged', () => {
  it.each([
    ['empty', ''],
    ['cut in half', '{"version":1,"threadId"'],
    ['of another thread', '{"version":1,"threadId":"x","origin":0,"cursor":0}'],
    ['NUL bytes', '\0'.repeat(300)],
  ])('(%s) is rebuilt by the hook of another thread, and what it owed is sent', async (_, text) => {
    const { thread, sent, owed } = await threadThatOwes();
    writeFileSync(stateFile(thread), text);
    const other = await hookOfAnotherThread();
    expect(home.arrived()).toEqual([sent, other, owed]);
    expect(home.state(thread.threadId)).toMatchObject({ delivered: 2, turns: [] });
    expect(readdirSync(threads()).filter((name) => name.includes('.unreadable-'))).toHaveLength(1);
  });

  it('stays where it is as long as nobody has mended it', async () => {
    const { thread } = await threadThatOwes();
    writeFileSync(stateFile(thread), 'damaged');
    home.answer(401);
    const { loadThreadState } = await import('../../src/delivery/store/state-file.js');
    for (let i = 0; i < 2; i++) expect(loadThreadState(home.stateDir, thread.threadId).kind).toBe('damaged');
    expect(readFileSync(stateFile(thread), 'utf8')).toBe('damaged');
  });

  it('and of which the log knows only that turns are owed, loses none', async () => {
    const thread = home.thread();
    const past = thread.turn();
    const turns = [thread.turn(), thread.turn('aborted'), thread.turn()];
    home.answer(503);
    for (const turn of [turns[0], turns[2]])
      log(thread, turn ?? '', await home.hook(thread.payload(turn ?? '')));
    home.receiver.answerWith({});
    writeFileSync(stateFile(thread), '{}');
    turns.push(thread.turn());
    await home.hook(thread.payload(turns[3] ?? ''));
    expect(home.arrived()).toEqual(turns);
    expect(home.arrived()).not.toContain(past);
  });

  it('does not have turns tried again that were refused for good', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn()];
    home.receiver.answerWith((request) =>
      request.spans.some((span) => span.attributes['codex.turn.id'] === turns[0]) ? { status: 422 } : {},
    );
    for (const turn of turns) log(thread, turn, await home.hook(thread.payload(turn)));
    writeFileSync(stateFile(thread), '{}');
    home.receiver.answerWith({});
    await home.hook(thread.payload(turns[1] ?? ''));
    expect(home.arrived()).toEqual([turns[1]]);
    expect(home.turns(thread.threadId, 'rejected')).toMatchObject([{ turnId: turns[0], httpStatus: 422 }]);
  });
});

describe('a state that cannot be of its recording', () => {
  it('(restored from an older copy) is rebuilt: turns after the copy are sent', async () => {
    const thread = home.thread();
    const turns = [thread.turn()];
    log(thread, turns[0] ?? '', await home.hook(thread.payload(turns[0] ?? '')));
    const copy = path.join(home.codexHome, 'copy');
    copyFileSync(thread.path, copy);
    turns.push(thread.turn('complete', 20_000));
    log(thread, turns[1] ?? '', await home.hook(thread.payload(turns[1] ?? '')));
    renameSync(copy, thread.path);
    turns.push(thread.turn());
    expect(await home.hook(thread.payload(turns[2] ?? ''))).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual(turns);
  });
});

describe('a recording that cannot be read', () => {
  it('keeps neither a hook nor sync from the threads after it', async () => {
    const first = await threadThatOwes();
    rmSync(first.thread.path);
    mkdirSync(first.thread.path);
    const second = await threadThatOwes();
    const other = await hookOfAnotherThread();
    expect(home.arrived()).toEqual([first.sent, second.sent, other, second.owed]);
    const run = home.run();
    expect(await drainThread(run, first.thread.threadId)).toMatchObject({
      kind: 'failed',
      reason: 'the recording cannot be read (EISDIR)',
    });
    run.close();
    expect(home.state(first.thread.threadId).waiting).toBeDefined();
  });

  it('because it is compressed and damaged, is a result like others', async () => {
    const thread = home.thread();
    rmSync(thread.path);
    writeFileSync(`${thread.path}.zst`, 'this is not Zstandard');
    const run = home.run();
    const result = await drainThread(run, thread.threadId, { whole: true });
    run.close();
    expect(result).toMatchObject({
      kind: 'failed',
      reason: 'the recording cannot be read (damaged compression)',
    });
  });

  it('because it is gone, has what is pending called lost after a day', async () => {
    const { thread, owed } = await threadThatOwes();
    rmSync(thread.path);
    await hookOfAnotherThread();
    const gone = 'the recording of this thread is gone';
    const state = home.state(thread.threadId);
    expect(state.waiting).toMatchObject({ reason: gone });
    const since = new Date(Date.now() - 25 * 3_600_000).toISOString();
    writeFileSync(
      stateFile(thread),
      JSON.stringify({ ...state, waiting: { since, reason: gone, blocked: true } }),
    );
    await hookOfAnotherThread();
    const given = home.state(thread.threadId);
    expect(given.waiting).toBeUndefined();
    expect(given.turns).toMatchObject([{ status: 'lost', message: 'the recording is gone' }]);
    expect(home.arrived()).not.toContain(owed);
    expect(await home.hook(thread.payload(owed))).toMatchObject({ outcome: 'problem' });
  });

  it.each([
    [
      'that waited for its server for days',
      { since: '2026-01-01T00:00:00.000Z', reason: '503', blocked: false },
    ],
    ['that waits for nothing but its end', undefined],
  ])('because it is gone for a moment, costs no turn %s', async (_, waiting) => {
    const { thread, owed } = await threadThatOwes();
    const state = home.state(thread.threadId);
    expect(state.turns).toMatchObject([{ status: 'enqueued', turnId: owed }]);
    writeFileSync(stateFile(thread), JSON.stringify({ ...state, waiting }));
    const aside = `${thread.path}.aside`;
    renameSync(thread.path, aside);
    await hookOfAnotherThread();
    expect(home.turns(thread.threadId, 'lost')).toEqual([]);
    renameSync(aside, thread.path);
    await hookOfAnotherThread();
    expect(home.arrived()).toContain(owed);
  });
});

describe('an announcement', () => {
  it('that is damaged is removed, and its turn found in the recording', async () => {
    const { thread, sent, owed } = await threadThatOwes();
    writeFileSync(path.join(inbox(), `${thread.threadId}.0123456789abcdef.json`), '');
    const turn = thread.turn();
    await home.hook(thread.payload(turn));
    expect(home.arrived()).toEqual([sent, owed, turn]);
    expect(readdirSync(inbox())).toEqual([]);
  });

  it('of a turn that no recording has goes after a day', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    const turnId = '01a20449-b3e5-7561-a036-7dc873ea96bd';
    const put = (ageMs: number) =>
      putAnnouncement(home.stateDir, { threadId: thread.threadId, turnId, atMs: Date.now() - ageMs });
    put(60_000);
    await hookOfAnotherThread();
    expect(readdirSync(inbox())).toHaveLength(1);
    put(25 * 3_600_000);
    await hookOfAnotherThread();
    expect(readdirSync(inbox())).toEqual([]);
    expect(readLog(home.stateDir)).toMatchObject([
      { turn: turnId, outcome: 'lost', detail: 'no recording has this turn' },
    ]);
  });

  it('of a thread whose recording is gone goes after a day', async () => {
    const thread = home.thread();
    const turnId = thread.turn();
    rmSync(thread.path);
    putAnnouncement(home.stateDir, {
      threadId: thread.threadId,
      turnId,
      atMs: Date.now() - 25 * 3_600_000,
    });
    await hookOfAnotherThread();
    expect(readdirSync(inbox())).toEqual([]);
  });

  it('whose turn was sent although its state could not be written is not sent again', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    mkdirSync(home.stateDir);
    writeFileSync(threads(), 'a file in the folder’s place');
    expect(await home.hook(thread.payload(turn))).toMatchObject({ outcome: 'sent' });
    rmSync(threads());
    const other = await hookOfAnotherThread();
    expect(home.arrived()).toEqual([turn, other]);
    expect(existsSync(stateFile(thread))).toBe(false);
  });
});
