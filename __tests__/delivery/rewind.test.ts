import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runShow } from '../../src/commands/show/show.js';
import { runStatus } from '../../src/commands/status/status.js';
import { runSync } from '../../src/commands/sync/sync.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { runCommand } from '../support/run-command.js';
import { home } from '../support/test-home.js';

/** A thread that was rewound goes on in a second file (Codex 0.169 to 0.171): it is one thread all the same. */

const sync = (...argv: string[]) => runCommand(runSync, home, argv);
const threadFile = (id: string) => path.join(home.stateDir, 'threads', `${id}.json`);

/** Four turns, the last two in the second file. */
function rewound(): {
  thread: ThreadFile;
  turns: string[];
  first: string;
  second: string;
  segmentId: string;
} {
  const thread = home.thread();
  const turns = [thread.turn(), thread.turn()];
  const first = thread.path;
  const segmentId = thread.rewind();
  turns.push(thread.turn(), thread.turn());
  return { thread, turns, first, second: thread.path, segmentId };
}

/** What the version before kept of a thread: one file, one cursor. */
function writeVersion1(id: string, more: object): void {
  mkdirSync(path.dirname(threadFile(id)), { recursive: true });
  const lists = { early: [], owed: [], setAside: [], announced: [] };
  writeFileSync(
    threadFile(id),
    JSON.stringify({ version: 1, threadId: id, origin: 0, sent: 0, ...lists, ...more }),
  );
}

describe('a thread that was rewound', () => {
  it('has every announced turn sent, each once, whichever file it is in', async () => {
    const thread = home.thread();
    const turns: string[] = [];
    for (let i = 0; i < 4; i++) {
      if (i === 2) thread.rewind();
      turns.push(thread.turn());
      expect(await home.hook(thread.payload(turns[i] ?? ''))).toEqual({ outcome: 'sent' });
    }
    expect(home.arrived()).toEqual(turns);
    expect(await sync()).toMatchObject({
      code: 0,
      out: 'sync: 0 sent, 4 already there, 0 pending, 0 rejected\n',
    });
    expect(await sync(thread.threadId)).toMatchObject({ out: expect.stringContaining('0 sent, 4 already') });
    const sessions = new Set(home.receiver.spans().flatMap((span) => span.attributes['session.id'] ?? []));
    expect([...sessions]).toEqual([thread.threadId]);
  });

  it('has the turns of its second file sent by sync where no hook ran for them', async () => {
    const { thread, turns } = rewound();
    await home.hook(thread.payload(turns[0] ?? ''));
    expect(await sync()).toMatchObject({ code: 0 });
    expect([...home.arrived()].sort()).toEqual([...turns].sort());
  });

  it('begins, where its second file is the first that is met, with the turn announced there', async () => {
    const { thread, turns } = rewound();
    expect(await home.hook(thread.payload(turns[2] ?? ''))).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual(turns.slice(2));
    expect((await sync()).out).toBe('sync: 0 sent, 2 already there, 0 pending, 0 rejected\n');
    expect((await sync('--all')).out).toBe('sync: 2 sent, 2 already there, 0 pending, 0 rejected\n');
    expect([...home.arrived()].sort()).toEqual([...turns].sort());
  });

  it('is found in the archive, one file or both', async () => {
    const { thread, turns, first, second } = rewound();
    await home.hook(thread.payload(turns[0] ?? ''));
    const archive = path.join(home.codexHome, 'archived_sessions');
    mkdirSync(archive);
    renameSync(second, path.join(archive, path.basename(second)));
    await home.hook(thread.payload(turns[3] ?? ''));
    renameSync(first, path.join(archive, path.basename(first)));
    expect((await sync(thread.threadId)).out).toMatch(/^sync: 0 sent, 4 already there/);
    expect(home.arrived()).toEqual(turns);
  });

  it('has its second file found in the folder of a later day', async () => {
    const { thread, turns, second } = rewound();
    const later = path.join(home.codexHome, 'sessions', '2031', '01', '02');
    mkdirSync(later, { recursive: true });
    const between = new Date(Date.now()).toISOString().slice(0, 10).split('-');
    const today = path.join(home.codexHome, 'sessions', ...between);
    mkdirSync(today, { recursive: true });
    renameSync(second, path.join(today, path.basename(second)));
    await home.hook(thread.payload(turns[0] ?? ''));
    expect(home.arrived()).toEqual(turns);
  });

  it('that stood open in its first file has that turn sent: it will not go on there', async () => {
    const thread = home.thread(Date.now());
    const open = thread.begin();
    await home.hook(thread.payload(open));
    expect(home.arrived()).toEqual([]);
    thread.rewind();
    const next = thread.turn();
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([open, next]);
  });

  it('never has a turn sent twice that its second file repeats', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    const lines = thread.text().split('\n').slice(1).join('\n');
    thread.rewind();
    thread.raw(lines);
    const next = thread.turn();
    await home.hook(thread.payload(turn));
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([turn, next]);
  });

  it('is known to status by its thread, and not by its second file', async () => {
    const { thread, turns } = rewound();
    await home.hook(thread.payload(turns[0] ?? ''));
    const { out } = await runCommand(runStatus, home, ['--offline', '--json']);
    expect(out).not.toContain('never-announced');
  });

  it('has all its turns shown, counted over both files', async () => {
    const { thread, second } = rewound();
    const shown = async (...argv: string[]) => {
      const { out } = await runCommand(runShow, home, ['--json', ...argv]);
      return JSON.parse(out).turns.map(
        ({ spans }: { spans: { attributes: Record<string, string> }[] }) =>
          JSON.parse(spans[0]?.attributes['mlflow.spanInputs'] ?? '{}').messages[0].content,
      );
    };
    const prompts = ['prompt 1', 'prompt 2', 'prompt 3', 'prompt 4'];
    expect(await shown(thread.threadId, '--turn', 'all')).toEqual(prompts);
    expect(await shown(thread.threadId, '--turn', 'last')).toEqual(['prompt 4']);
    expect(await shown(thread.threadId, '--turn', '3')).toEqual(['prompt 3']);
    expect(await shown(second, '--turn', 'all')).toEqual(['prompt 3', 'prompt 4']);
    await expect(shown(thread.threadId, '--turn', '5')).rejects.toThrow('its thread has 4');
  });
});

describe('a Stop hook', () => {
  it('names the file its turn is in, which need not lie in Codex’s home', async () => {
    const { thread, turns, second } = rewound();
    const elsewhere = path.join(home.codexHome, 'elsewhere', path.basename(second));
    mkdirSync(path.dirname(elsewhere));
    renameSync(second, elsewhere);
    const payload = thread.payload(turns[2] ?? '', { 'transcript-path': elsewhere });
    expect(await home.hook(payload)).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual(turns.slice(2));
  });
});

describe('a state of version 1', () => {
  it('of a thread goes on where it was: nothing is lost, nothing doubled', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn()];
    const { length } = thread.text();
    turns.push(thread.turn());
    const [second] = offsetsOf(thread, turns);
    writeVersion1(thread.threadId, {
      origin: second,
      cursor: length,
      sent: 1,
      early: [],
      owed: [],
      setAside: [],
      announced: [],
    });
    await home.hook(thread.payload(turns[2] ?? ''));
    expect(home.arrived()).toEqual([turns[2]]);
    expect(home.state(thread.threadId)).toMatchObject({ version: 2, delivered: 2 });
    expect((await sync(thread.threadId)).out).toBe('sync: 1 sent, 2 already there, 0 pending, 0 rejected\n');
    expect(home.arrived()).toEqual([turns[2], turns[0]]);
  });

  it('has its four lists read as one', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn(), thread.turn(), thread.turn(), thread.turn()];
    const starts = offsetsOf(thread, ['', ...turns]);
    writeVersion1(thread.threadId, {
      origin: starts[1],
      cursor: starts[4],
      sent: 1,
      early: [starts[0]],
      owed: [{ start: starts[1], turnId: turns[1], refusals: 0, failures: 3 }],
      setAside: [
        { start: starts[2], turnId: turns[2], at: '2026-01-01T00:00:00Z', status: 422, message: 'no' },
      ],
      announced: [{ start: starts[4], client: 'an-editor' }],
    });
    expect(await sync(thread.threadId)).toMatchObject({ code: 0 });
    expect([...home.arrived()].sort()).toEqual([turns[1], turns[4]].sort());
    const last = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === turns[4]);
    expect(last?.attributes['codex.client']).toBe('an-editor');
    expect(home.turns(thread.threadId, 'rejected')).toMatchObject([{ turnId: turns[2], httpStatus: 422 }]);
  });

  it('under the id of a segment is taken into the thread’s: its turns are not sent again', async () => {
    const { thread, turns, segmentId } = rewound();
    writeVersion1(segmentId, { cursor: statSync(thread.path).size, sent: 2 });
    const next = thread.turn();
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([next]);
    expect((await sync(thread.path)).out).toBe('sync: 2 sent, 3 already there, 0 pending, 0 rejected\n');
    expect(home.arrived()).toEqual([next, ...turns.slice(0, 2)]);
    expect(existsSync(threadFile(segmentId))).toBe(false);
    expect(readdirSync(path.dirname(threadFile(segmentId)))).toEqual([`${thread.threadId}.json`]);
  });

  it('under the id of a segment says nothing any more once the thread’s own state knows the segment', async () => {
    const { thread, turns, segmentId } = rewound();
    const before = { cursor: 0, sent: 0 };
    writeVersion1(segmentId, before);
    await sync('--all');
    // What a program that is killed between the two steps leaves behind.
    writeVersion1(segmentId, before);
    expect(await sync('--all')).toMatchObject({ out: expect.stringMatching(/^sync: 0 sent, 4 already/) });
    await home.hook(thread.payload(turns[3] ?? ''));
    expect(home.arrived()).toEqual(turns);
  });

  it('that had turns owed marks its thread in the inbox, so that the next hook finds it', async () => {
    const thread = home.thread(Date.now() - 3_600_000);
    const turn = thread.turn();
    const [start] = offsetsOf(thread, ['', turn]);
    writeVersion1(thread.threadId, {
      origin: start,
      cursor: start,
      waiting: { since: new Date().toISOString(), reason: '401', blocked: true },
    });
    mkdirSync(path.join(home.stateDir, 'pending'));
    writeFileSync(path.join(home.stateDir, 'pending', thread.threadId), '');
    const other = home.thread();
    await home.hook(other.payload(other.turn()));
    expect(home.arrived()).toContain(turn);
    expect(existsSync(path.join(home.stateDir, 'pending'))).toBe(false);
  });
});

describe('a state of a newer version', () => {
  it('is left alone, and nothing of its thread is sent; log, sync and status say why', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    await home.hook(thread.payload(turn));
    const text = JSON.stringify({ version: 3, threadId: thread.threadId, whatever: true });
    writeFileSync(threadFile(thread.threadId), text);
    const next = thread.turn();
    const reason = 'its state was written by a newer version of mlflow-codex';
    expect(await home.hook(thread.payload(next))).toEqual({ outcome: 'problem', detail: reason });
    expect(await sync()).toMatchObject({
      code: 1,
      out: expect.stringContaining(`1 pending, 0 rejected\npending because: ${reason}`),
    });
    expect(await sync('--all')).toMatchObject({ code: 1 });
    expect(await sync('--all', '--dry-run')).toMatchObject({ code: 1 });
    expect(home.arrived()).toEqual([turn]);
    copyFileSync(threadFile(thread.threadId), path.join(home.codexHome, 'kept'));
    expect(readdirSync(path.dirname(threadFile(thread.threadId)))).toEqual([`${thread.threadId}.json`]);
    const { out } = await runCommand(runStatus, home, ['--offline']);
    expect(out).toContain('was written by a newer version of mlflow-codex');
  });
});

/** Where turns begin in a thread's file; of an empty id nothing is said. */
function offsetsOf(thread: ThreadFile, turns: readonly string[]): number[] {
  const text = thread.text();
  return turns.slice(1).map((turnId) => {
    const at = text.indexOf(`"turn_id":"${turnId}"`);
    return text.lastIndexOf('\n', at) + 1;
  });
}
