import { mkdirSync, readFileSync, rmdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runSync } from '../../src/commands/sync/sync.js';
import { locateAnnounced } from '../../src/delivery/recording/locate-announced.js';
import { putAnnouncement } from '../../src/delivery/store/inbox.js';
import { appendLog } from '../../src/delivery/store/journal.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { runCommand } from '../support/run-command.js';
import { home } from '../support/test-home.js';

/** What is remembered of a thread's turns, seen from outside: what arrives, how often, in which order. */

const sync = async (...argv: string[]) =>
  JSON.parse((await runCommand(runSync, home, ['--json', ...argv])).out);

/** A turn of another thread, whose hook has time left for the others. */
async function hookOfAnotherThread(): Promise<string> {
  const other = home.thread();
  const turn = other.turn();
  await home.hook(other.payload(turn));
  return turn;
}

function log({ threadId }: ThreadFile, turn: string): void {
  const time = new Date().toISOString();
  appendLog(home.stateDir, { time, thread: threadId, turn, outcome: 'sent', ms: 1 });
}

function makeQuiet({ path: file }: ThreadFile): void {
  const then = Date.now() / 1000 - 60;
  utimesSync(file, then, then);
}

describe('a pending turn', () => {
  it('is not sent while its state cannot be written, also where nothing in that has changed', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    home.answer(401);
    await home.hook(thread.payload(turn));
    home.receiver.answerWith({});
    // What a read-only folder does to every write: this one fails because a folder is in its place.
    const temporary = path.join(home.stateDir, 'threads', `${thread.threadId}.json.${process.pid}.tmp`);
    mkdirSync(temporary);
    const others = [await hookOfAnotherThread(), await hookOfAnotherThread()];
    expect(home.arrived()).toEqual(others);
    rmdirSync(temporary);
    await hookOfAnotherThread();
    expect(home.arrived().filter((id) => id === turn)).toHaveLength(1);
  });

  it('is sent before a younger one, in whatever order they became known', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn(), thread.turn()];
    const [first = '', second = '', third = ''] = turns;
    await home.hook(thread.payload(third));
    home.answer(401);
    await home.hook(thread.payload(second));
    await home.hook(thread.payload(first));
    home.receiver.answerWith({});
    await hookOfAnotherThread();
    expect(home.arrived().filter((id) => turns.includes(id))).toEqual([third, first, second]);
  });
});

describe('a thread', () => {
  it('whose first two announcements wait begins with the older one: the turn between is sent too', async () => {
    const thread = home.thread();
    const past = thread.turn();
    const turns = [thread.turn(), thread.turn('aborted'), thread.turn()];
    const { threadId } = thread;
    for (const turnId of [turns[2], turns[0]])
      putAnnouncement(home.stateDir, { threadId, turnId: turnId ?? '', atMs: Date.now() });
    await hookOfAnotherThread();
    expect(home.arrived().slice(1)).toEqual(turns);
    expect(home.arrived()).not.toContain(past);
  });

  it('has a turn from before its first announcement, announced late, sent once, also by sync --all', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn(), thread.turn()];
    await home.hook(thread.payload(turns[2] ?? ''));
    await home.hook(thread.payload(turns[0] ?? ''));
    expect(await sync('--all')).toMatchObject({ sent: 1, alreadyThere: 2 });
    expect(await sync('--all')).toMatchObject({ sent: 0, alreadyThere: 3 });
    expect([...home.arrived()].sort()).toEqual([...turns].sort());
  });

  it('whose recording was written anew, and longer, loses no turn that lies across the old cursor', async () => {
    const thread = home.thread();
    const known = thread.turn('complete', 3000);
    await home.hook(thread.payload(known));
    log(thread, known);
    writeFileSync(thread.path, thread.text().replace(/x{3000}/g, ''));
    const across = thread.turn('complete', 9000);
    const last = thread.turn();
    await home.hook(thread.payload(last));
    expect(home.arrived()).toEqual([known, across, last]);
  });

  it('whose state is lost while a turn is going on has that turn sent whole, once it has ended', async () => {
    const thread = home.thread(Date.now());
    const sent = thread.turn();
    await home.hook(thread.payload(sent));
    log(thread, sent);
    const open = thread.begin();
    makeQuiet(thread);
    writeFileSync(path.join(home.stateDir, 'threads', `${thread.threadId}.json`), '{');
    const other = await hookOfAnotherThread();
    thread.end(open, 'complete');
    await home.hook(thread.payload(open));
    expect(home.arrived()).toEqual([sent, other, open]);
    const names = home.receiver.requests.at(-1)?.spans.map(({ name }) => name);
    expect(names).toEqual(['invoke_agent codex', 'chat gpt-5.5']);
  });
});

describe('sync', () => {
  it('has the traces of older threads arrive before those of younger ones', async () => {
    const old = home.thread(Date.now() - 7_200_000);
    const turns = [old.turn(), home.thread(Date.now() - 3_600_000).turn()];
    await sync('--all');
    expect(home.arrived()).toEqual(turns);
  });

  it('says in --dry-run what it sends then, where a turn was had in a folder that is not traced', async () => {
    const untraced = path.join(home.codexHome, 'untraced');
    mkdirSync(path.join(untraced, '.codex'), { recursive: true });
    writeFileSync(path.join(untraced, '.codex', 'mlflow-tracing.json'), '{"enabled": false}');
    const thread = home.thread();
    const turns = [thread.turn(), thread.turnIn(untraced), thread.turn()];
    const { turns: promised } = await sync('--all', '--dry-run');
    expect(await sync('--all')).toMatchObject({ sent: promised });
    expect(home.arrived()).toEqual([turns[0], turns[2]]);
  });

  it('counts no turn that is to be left out, though it has not been come to', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    home.answer(401);
    const pending = thread.turn();
    await home.hook(thread.payload(pending));
    await home.hook(thread.payload(thread.turn()), { env: { MLFLOW_CODEX_DISABLED: '1' } });
    // Takes the word of the left-out turn up, and gets no further than the one before it.
    await hookOfAnotherThread();
    expect(home.turns(thread.threadId, 'skipped')).toHaveLength(1);
    expect(await sync(thread.threadId)).toMatchObject({ pending: 1 });
    expect(await sync(thread.threadId, '--dry-run')).toMatchObject({ turns: 1 });
    home.receiver.answerWith({});
    expect(await sync(thread.threadId)).toMatchObject({ sent: 1, pending: 0 });
    expect(home.arrived().at(-1)).toBe(pending);
  });
});

describe('an announcement', () => {
  it('that is old is looked for at once, and not waited for', async () => {
    let looked = 0;
    const files = async () => {
      looked++;
      return [];
    };
    const turnId = '01a20449-b3e5-7561-a036-7dc873ea96bd';
    const announcement = { threadId: 't', turnId, atMs: Date.now() - 60_000 };
    expect(await locateAnnounced(files, announcement, undefined)).toBeUndefined();
    expect(looked).toBe(2);
  });

  it('of a turn that is in no recording is never called sent: pending at first, lost after a day', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await home.hook(thread.payload(first));
    const turnId = '01a20449-b3e5-7561-a036-7dc873ea96bd';
    const outcome = await home.hook(thread.payload(turnId));
    expect(outcome).toEqual({ outcome: 'pending', detail: 'the turn is not in its recording yet' });
    const { code, out } = await runCommand(runSync, home, []);
    expect(code).toBe(1);
    expect(out).toContain(`a turn was announced that is not in its recording: turn ${turnId}`);
    const { threadId } = thread;
    putAnnouncement(home.stateDir, { threadId, turnId, atMs: Date.now() - 25 * 3_600_000 });
    expect((await runCommand(runSync, home, [])).out).toContain('1 lost');
    expect(home.turns(threadId, 'lost')).toMatchObject([{ turnId }]);
    expect(home.arrived()).toEqual([first]);
  });

  it('of a turn that was had where nothing is traced is not called sent', async () => {
    const untraced = path.join(home.codexHome, 'untraced');
    mkdirSync(path.join(untraced, '.codex'), { recursive: true });
    writeFileSync(path.join(untraced, '.codex', 'mlflow-tracing.json'), '{"enabled": false}');
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    // Codex announces the folder it was started in; the turn itself went on elsewhere.
    const elsewhere = thread.turnIn(untraced);
    expect(await home.hook(thread.payload(elsewhere))).toMatchObject({ outcome: 'untraced' });
  });

  it('has its client on the root, also where the child’s hook had come first and had seen to the parent', async () => {
    const thread = home.thread(Date.now());
    const turn = thread.begin();
    putAnnouncement(home.stateDir, { threadId: thread.threadId, turnId: turn, atMs: Date.now() });
    await hookOfAnotherThread();
    thread.end(turn, 'complete');
    await home.hook(thread.payload(turn, { client: 'an-editor' }));
    const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === turn);
    expect(root?.attributes['codex.client']).toBe('an-editor');
  });

  it('is not what the client of an unannounced turn is known by: the recording names it too', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await home.hook(thread.payload(first));
    const interrupted = thread.turn('aborted');
    expect(readFileSync(thread.path, 'utf8')).toContain('"originator":"codex_exec"');
    await home.hook(thread.payload(thread.turn()));
    const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === interrupted);
    expect(root?.attributes['codex.client']).toBe('codex_exec');
  });
});
