import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { announcedRecording, CodexRecording } from '../../../src/delivery/recording/codex-recording.js';
import type { LocatedItem, ThreadTurn } from '../../../src/delivery/recording/recording-port.js';
import { newState } from '../../../src/delivery/store/thread-state.js';
import { ThreadFile } from '../../support/delivery-thread.js';
import { removeFolder } from '../../support/remove-folder.js';
import { rewoundThread, turnIn } from '../../support/rewound-thread.js';

/** A thread's recording as Codex writes it: its files, its turns, what became of tools later. */

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => removeFolder(folder));

const sizeOf = (file: string) => readFileSync(file).length;
const recordingOf = ({ threadId }: ThreadFile): CodexRecording => {
  const { recording } = CodexRecording.find(folder, threadId);
  if (!recording) throw new Error('no recording');
  return recording;
};

/** Appends what became of a command of a turn. @returns where it stands */
function lateLine(thread: ThreadFile, turnId: string, id: string) {
  const start = sizeOf(thread.path);
  thread.line('event_msg', {
    type: 'item_completed',
    thread_id: thread.threadId,
    turn_id: turnId,
    item: { type: 'CommandExecution', id, command: ['ls'], exit_code: 0, status: 'completed' },
    started_at_ms: 1,
    completed_at_ms: 2,
  });
  return { start, end: sizeOf(thread.path), turnId, item: id };
}

/** Appends the thread's running total of tokens, as Codex up to 0.140 writes it. */
function totalLine(thread: ThreadFile, total: number): void {
  const usage = { input_tokens: total - 10, output_tokens: 10, total_tokens: total };
  thread.line('event_msg', {
    type: 'token_count',
    info: { total_token_usage: usage, last_token_usage: usage },
  });
}

/** The turns from the cursors on, and the late items that were told on the way. */
async function read(recording: CodexRecording, cursorIn: (file: string) => { cursor: number } | undefined) {
  const turns: ThreadTurn[] = [];
  const late: LocatedItem[] = [];
  for await (const turn of recording.turns(cursorIn, (item) => late.push(item))) turns.push(turn);
  return { turns, late, ids: turns.map(({ turnId }) => turnId) };
}
const all = () => ({ cursor: 0 });

function rewound() {
  const thread = rewoundThread(folder);
  return { ...thread, ids: thread.turns.map(({ turnId }) => turnId) };
}

describe('the files of a recording', () => {
  test('are the thread’s, oldest first, whatever was named last', () => {
    const { thread, first, second, key } = rewound();
    const { threadId } = thread;
    const recording = recordingOf(thread);
    expect(recording.recordings).toEqual([
      { key: threadId, path: first },
      { key, path: second },
    ]);
    expect([recording.threadId, recording.files]).toEqual([threadId, [threadId, key]]);
    const named = CodexRecording.find(folder, threadId, [{ key: threadId, path: '/elsewhere' }]);
    expect(named.recording?.recordings).toEqual([
      { key: threadId, path: '/elsewhere' },
      { key, path: second },
    ]);
    const one = CodexRecording.of(folder, threadId, [{ key, path: second }]);
    expect(one.files).toEqual([key]);
  });

  test('are none where nothing is recorded, or where a folder hides them', () => {
    const threadId = '01a21080-0000-7000-8000-00000000000f';
    expect(CodexRecording.find(folder, threadId)).toEqual({});
    const sessions = path.join(folder, 'sessions');
    writeFileSync(sessions, '');
    expect(CodexRecording.find(folder, threadId)).toEqual({ hidden: { file: sessions, code: 'ENOTDIR' } });
    const elsewhere = [{ key: threadId, path: '/elsewhere' }];
    expect(CodexRecording.find(folder, threadId, elsewhere).recording?.recordings).toEqual(elsewhere);
  });

  test('have the oldest one’s first line as theirs', async () => {
    const { thread, key, second } = rewound();
    writeFileSync(second, thread.text().replace('0.169.0', '0.170.0'));
    expect(await recordingOf(thread).firstLine()).toMatchObject({ cliVersion: '0.169.0' });
    const one = CodexRecording.of(folder, thread.threadId, [{ key, path: second }]);
    expect(await one.firstLine()).toMatchObject({ cliVersion: '0.170.0' });
  });

  test.each<[string, (thread: ThreadFile) => string | undefined, boolean]>([
    ['its file is named', ({ path: file }) => file, true],
    ['none is named', () => undefined, false],
    ['it is not there', ({ path: file }) => `${file.slice(0, -6)}0.jsonl`, false],
    ['it is no recording', () => '/etc/hosts', false],
    [
      'it is another thread’s',
      ({ path: file, threadId }) => {
        const other = file.replace(threadId, '01a21080-0000-7000-8000-00000000000f');
        copyFileSync(file, other);
        return other;
      },
      false,
    ],
  ])('that an announcement names: %s', (_, nameOf, isThere) => {
    const thread = new ThreadFile(folder);
    const recording = nameOf(thread);
    const { threadId } = thread;
    const announced = { threadId, ...(recording !== undefined && { recording }) };
    expect(announcedRecording(announced)).toEqual(isThere ? [{ key: threadId, path: recording }] : []);
  });
});

describe('the turns of a recording', () => {
  test('are told with their places, their folder and what is known of their session', async () => {
    const { thread, turns, key } = rewound();
    const found = await read(recordingOf(thread), all);
    expect(found.turns).toEqual(
      turns.map((turn, index) => ({
        ...turn,
        file: index < 2 ? thread.threadId : key,
        cwd: '/home/dev/project',
        isOver: true,
        started: true,
        meta: expect.objectContaining({ threadId: thread.threadId, cliVersion: '0.169.0' }),
        isAbandoned: expect.any(Function),
        assemble: expect.any(Function),
      })),
    );
    expect(found.turns[0]?.assemble()).toMatchObject({ turnId: turns[0]?.turnId, answer: 'answer 1' });
    expect(found.late).toEqual([]);
  });

  test('are those from each file’s cursor on, and of a file without one none', async () => {
    const { thread, turns, ids, key } = rewound();
    const from = (cursors: Record<string, number>) =>
      read(recordingOf(thread), (file) =>
        cursors[file] === undefined ? undefined : { cursor: cursors[file] },
      );
    expect((await from({ [thread.threadId]: turns[1]?.start ?? 0 })).ids).toEqual([ids[1]]);
    expect((await from({ [key]: turns[3]?.start ?? 0 })).ids).toEqual([ids[3]]);
    expect((await from({})).ids).toEqual([]);
  });

  test('are over where they have an end, where another comes after, or where the thread went on elsewhere', async () => {
    const thread = new ThreadFile(folder);
    const open = [thread.begin(), thread.begin()];
    const isOver = async () =>
      (await read(recordingOf(thread), all)).turns.map((turn) => [turn.turnId, turn.isOver]);
    expect(await isOver()).toEqual([
      [open[0], true],
      [open[1], false],
    ]);
    thread.rewind();
    expect(await isOver()).toEqual([
      [open[0], true],
      [open[1], true],
    ]);
    const last = thread.begin();
    expect((await isOver()).at(-1)).toEqual([last, false]);
    thread.end(last, 'failed');
    expect((await isOver()).at(-1)).toEqual([last, true]);
  });

  test('have the totals before and after them where the recording tells only totals', async () => {
    const thread = new ThreadFile(folder);
    const ids = [110, 250].map((total) => {
      const turnId = thread.begin();
      totalLine(thread, total);
      thread.end(turnId, 'complete');
      return turnId;
    });
    const totals = (turns: readonly ThreadTurn[]) =>
      turns.map(({ turnId, total, totalAfter }) => [turnId, total, totalAfter]);
    const { turns } = await read(recordingOf(thread), all);
    expect(totals(turns)).toEqual([
      [ids[0], undefined, 110],
      [ids[1], 110, 250],
    ]);
    const { start = 0, file = '' } = turns[1] ?? {};
    const again = await read(recordingOf(thread), () => ({ cursor: start, total: 110 }));
    expect(totals(again.turns)).toEqual([[ids[1], 110, 250]]);
    const at = await recordingOf(thread).turnAt({ file, start, total: 110 });
    expect(at && totals([at])).toEqual([[ids[1], 110, 250]]);
  });

  test('may name no folder, and may be another agent’s', async () => {
    const thread = new ThreadFile(folder);
    thread.turn();
    const text = thread.text();
    const id = /"turn_id":"([^"]+)"/.exec(text)?.[1] ?? '';
    writeFileSync(
      thread.path,
      text.replaceAll('turn_context', 'turn_nothing').replaceAll(id, 'external-import-turn-1'),
    );
    const { turns } = await read(recordingOf(thread), all);
    expect(turns).toMatchObject([{ turnId: 'external-import-turn-1', isImported: true }]);
    expect(turns[0]).not.toHaveProperty('cwd');
  });

  test('work last in the folder that was named last', async () => {
    const thread = new ThreadFile(folder);
    const turnId = thread.begin();
    thread.line('turn_context', { turn_id: turnId, model: 'gpt-5.5', cwd: '/later' });
    thread.end(turnId, 'complete');
    expect((await read(recordingOf(thread), all)).turns).toMatchObject([{ cwd: '/later' }]);
  });

  test('that a second file repeats from an earlier one are told once; what only it has is told', async () => {
    const { thread, ids, first, second } = rewound();
    const copied = readFileSync(first, 'utf8').split('\n').slice(1, 7);
    const own = thread.text().split('\n');
    writeFileSync(second, [own[0], ...copied, ...own.slice(1)].join('\n'));
    expect((await read(recordingOf(thread), all)).ids).toEqual(ids);
    // The first file is gone: nowhere else are its turns.
    renameSync(first, `${first}.gone`);
    expect((await read(recordingOf(thread), all)).ids).toEqual([ids[0], ...ids.slice(2)]);
  });
});

describe('a turn that stands in two files', () => {
  const both = async (keys: readonly [string, string], turnId: string) => {
    const thread = new ThreadFile(folder);
    const files = keys.map((key, index) => ({ key, path: path.join(folder, `${index}`) }));
    const lines = [
      { type: 'task_started', turn_id: turnId },
      { type: 'task_complete', turn_id: turnId, last_agent_message: 'done' },
    ].map((payload) => JSON.stringify({ timestamp: '2026-11-25T00:00:00.000Z', type: 'event_msg', payload }));
    for (const file of files) writeFileSync(file.path, `${lines.join('\n')}\n`);
    const { turns } = await read(CodexRecording.of(folder, thread.threadId, files), all);
    return turns.map(({ file }) => file);
  };
  const at = (ms: number) =>
    `${ms
      .toString(16)
      .padStart(12, '0')
      .replace(/(.{8})/, '$1-')}-7000-8000-000000000001`;

  test.each<[string, string, string, boolean]>([
    ['is a copy in the one that was made after it', at(2000), at(1999), true],
    ['is none in the one that was made in its moment', at(2000), at(2000), false],
    ['is none in the one that was made before it', at(2000), at(2001), false],
    ['is none where its id has no time', at(2000), 'one', false],
    ['is none where the file’s key has no time', 'second', at(1), false],
  ])('%s', async (_, second, turnId, isCopy) => {
    expect(await both([at(1), second], turnId)).toEqual(isCopy ? [at(1)] : [at(1), second]);
  });

  test('is no copy where the earlier file has others alone', async () => {
    const { thread, ids, first, second } = rewound();
    const [begin = '', ...lines] = readFileSync(first, 'utf8').split('\n');
    const own = thread.text().split('\n');
    writeFileSync(second, [own[0], ...lines.slice(0, 6), ...own.slice(1)].join('\n'));
    writeFileSync(first, [begin, ...lines.slice(6)].join('\n'));
    expect((await read(recordingOf(thread), all)).ids).toEqual([ids[1], ids[0], ...ids.slice(2)]);
  });
});

describe('whoever wrote an open turn', () => {
  const HOUR = 3_600_000;
  const isAbandoned = async (thread: ThreadFile, ms: number) => {
    const { turns } = await read(recordingOf(thread), all);
    return turns[0]?.isAbandoned(ms);
  };

  test('is gone once its last line is old, also where a line has no time, or an older one stands last', async () => {
    const thread = new ThreadFile(folder, Date.now() - HOUR);
    thread.begin();
    thread.raw('{"timestamp":"never","type":"event_msg","payload":{"type":"user_message","message":"x"}}\n');
    expect(await isAbandoned(thread, HOUR / 2)).toBe(true);
    expect(await isAbandoned(thread, HOUR * 2)).toBe(false);
    thread.setClock(Date.now());
    thread.line('event_msg', { type: 'user_message', message: 'y' });
    thread.setClock(Date.now() - HOUR);
    thread.line('event_msg', { type: 'user_message', message: 'z' });
    expect(await isAbandoned(thread, HOUR / 2)).toBe(false);
  });

  test('is judged by the only line there is', async () => {
    const thread = new ThreadFile(folder, Date.now() - HOUR);
    thread.line('event_msg', { type: 'task_started', turn_id: '01a21080-0000-7000-8000-00000000000f' });
    expect(await isAbandoned(thread, HOUR / 2)).toBe(true);
  });

  test('is judged by the file where no line has a time', async () => {
    const thread = new ThreadFile(folder, Date.now() - HOUR);
    thread.begin();
    writeFileSync(thread.path, thread.text().replaceAll(/"timestamp":"[^"]+"/g, '"timestamp":"never"'));
    expect(await isAbandoned(thread, HOUR / 2)).toBe(false);
  });
});

describe('a turn is found', () => {
  test('by its id in whichever file has it, and is over, since something came after it', async () => {
    const { thread, ids, key } = rewound();
    const open = thread.begin();
    const recording = recordingOf(thread);
    expect(await recording.turnById(ids[0] ?? '')).toMatchObject({ file: thread.threadId, turnId: ids[0] });
    expect(await recording.turnById(open)).toMatchObject({ file: key, turnId: open, isOver: true });
    expect(await recording.turnById('01a21080-0000-7000-8000-00000000000f')).toBeUndefined();
  });

  test('by where it begins, and nowhere else', async () => {
    const { thread, turns, key } = rewound();
    const recording = recordingOf(thread);
    const start = turns[2]?.start ?? 0;
    expect(await recording.turnAt({ file: key, start })).toMatchObject({ ...turns[2], file: key });
    expect(await recording.turnAt({ file: key, start: start + 1 })).toBeUndefined();
    expect(await recording.turnAt({ file: key, start: sizeOf(thread.path) })).toBeUndefined();
    expect(await recording.turnAt({ file: 'x', start })).toBeUndefined();
  });
});

describe('what became of a tool after its turn', () => {
  function scene() {
    const { thread, first, ids, key } = rewound();
    const late = [lateLine(thread, ids[2] ?? '', 'tool-a')];
    const next = thread.turn();
    late.push(lateLine(thread, ids[3] ?? '', 'tool-b'));
    return { thread, first, key, late, ids: [...ids, next] };
  }

  test('is told on the way, with its place', async () => {
    const { thread, key, late, ids } = scene();
    const found = await read(recordingOf(thread), all);
    expect(found.ids).toEqual(ids);
    expect(found.late).toEqual(late.map((item) => ({ ...item, file: key })));
  });

  test('is found where its line begins, and nowhere else', async () => {
    const { thread, key, late } = scene();
    const recording = recordingOf(thread);
    for (const { start, end, turnId, item } of late)
      expect(await recording.lateItemAt({ file: key, start })).toMatchObject({
        start,
        end,
        turnId,
        item: { id: item },
      });
    const [first] = late;
    expect(await recording.lateItemAt({ file: key, start: (first?.start ?? 0) - 1 })).toBeUndefined();
    expect(await recording.lateItemAt({ file: key, start: first?.end ?? 0 })).toBeUndefined();
    expect(await recording.lateItemAt({ file: key, start: sizeOf(thread.path) })).toBeUndefined();
    expect(await recording.lateItemAt({ file: 'x', start: first?.start ?? 0 })).toBeUndefined();
  });

  test('is all there is, file by file, and is in its turn where that is assembled with it', async () => {
    const { thread, ids, late } = scene();
    const recording = recordingOf(thread);
    const items = await recording.lateItems();
    expect(items.map(({ item }) => item.id)).toEqual(late.map(({ item }) => item));
    const turn = await recording.turnById(ids[2] ?? '');
    const tools = (...asked: Parameters<ThreadTurn['assemble']>) =>
      turn?.assemble(...asked).toolCalls.map(({ id }) => id);
    expect(tools()).toEqual([]);
    expect(tools(items)).toEqual(['tool-a']);
  });
});

describe('a turn that was located', () => {
  const announced = (turnId: string) => ({ threadId: 't', turnId, atMs: 0 });

  test('is not read again where its lines come next: once', async () => {
    const { thread, turns, ids, key } = rewound();
    const late = lateLine(thread, ids[2] ?? '', 'tool-a');
    const recording = recordingOf(thread);
    const at = await recording.locate(announced(ids[3] ?? ''), undefined);
    expect(at).toEqual({ file: key, start: turns[3]?.start });
    writeFileSync(thread.path, '');
    const from = (file: string) => (file === key ? { cursor: at?.start ?? 0, total: 5 } : undefined);
    const found = await read(recording, from);
    expect(found.turns).toMatchObject([{ ...turns[3], file: key, totalAfter: 5, isOver: true }]);
    expect(found.late).toEqual([{ ...late, file: key }]);
    expect((await read(recording, from)).ids).toEqual([]);
  });

  test('is read with those before it where the cursor lies before them', async () => {
    const { thread, ids } = rewound();
    const recording = recordingOf(thread);
    await recording.locate(announced(ids[3] ?? ''), undefined);
    expect((await read(recording, all)).ids).toEqual(ids);
  });

  test('has the thread’s tokens after it as it was read', async () => {
    const thread = new ThreadFile(folder);
    const turnId = thread.begin();
    totalLine(thread, 123);
    thread.end(turnId, 'complete');
    const recording = recordingOf(thread);
    const at = await recording.locate(announced(turnId), undefined);
    writeFileSync(thread.path, '');
    const { turns } = await read(recording, () => ({ cursor: at?.start ?? 0 }));
    expect(turns).toMatchObject([{ turnId, totalAfter: 123 }]);
  });

  test('may stand in an earlier file, which takes its place before the others', async () => {
    const { thread, turns, key, second } = rewound();
    const recording = CodexRecording.of(folder, thread.threadId, [{ key, path: second }]);
    expect(await recording.locate(announced(turns[0]?.turnId ?? ''), undefined)).toEqual({
      file: thread.threadId,
      start: turns[0]?.start,
    });
    expect(recording.files).toEqual([thread.threadId, key]);
  });

  test('may stand in a file that was made meanwhile', async () => {
    const thread = new ThreadFile(folder);
    thread.turn();
    const recording = recordingOf(thread);
    const key = thread.rewind();
    const turn = turnIn(thread);
    expect(await recording.locate(announced(turn.turnId), undefined)).toEqual({
      file: key,
      start: turn.start,
    });
    expect(recording.files).toEqual([thread.threadId, key]);
  });

  test('is in none of a thread’s files where none was made meanwhile either', async () => {
    const { thread, key } = rewound();
    const recording = recordingOf(thread);
    const unknown = announced('01a21080-0000-7000-8000-00000000000f');
    expect(await recording.locate(unknown, undefined)).toBeUndefined();
    expect(recording.files).toEqual([thread.threadId, key]);
  });
});

describe('a state', () => {
  const fits = (thread: ThreadFile, cursors: Record<string, number>, recording = recordingOf(thread)) => {
    const files = Object.entries(cursors).map(([key, cursor]) => [key, { cursor }]);
    const { threadId } = thread;
    return recording.fits({
      ...newState(threadId, { file: threadId, start: 0 }),
      files: Object.fromEntries(files),
    });
  };

  test('fits where each of its cursors stands behind a whole line', async () => {
    const { thread, turns, key } = rewound();
    const { threadId } = thread;
    const [end = 0, size = 0] = [turns[0]?.end, turns[1]?.end];
    expect(await fits(thread, {})).toBe(true);
    expect(await fits(thread, { [threadId]: 0 })).toBe(true);
    expect(await fits(thread, { [threadId]: end, [key]: turns[2]?.end ?? 0 })).toBe(true);
    expect(await fits(thread, { [threadId]: size })).toBe(true);
    expect(await fits(thread, { [threadId]: 1 })).toBe(false);
    expect(await fits(thread, { [threadId]: end - 1 })).toBe(false);
    expect(await fits(thread, { [threadId]: end + 1 })).toBe(false);
    expect(await fits(thread, { [threadId]: size + 1 })).toBe(false);
    expect(await fits(thread, { [threadId]: end, [key]: 7 })).toBe(false);
  });

  test('fits where a file lies before the thread’s first turn', async () => {
    const { thread, key } = rewound();
    expect(await recordingOf(thread).fits(newState(thread.threadId, { file: key, start: 0 }))).toBe(true);
  });

  test('cannot be held against a compressed file', async () => {
    const thread = new ThreadFile(folder);
    const { threadId } = thread;
    mkdirSync(path.join(folder, 'other'));
    const file = path.join(folder, 'other', `${path.basename(thread.path)}.zst`);
    writeFileSync(file, 'zstd');
    const recording = CodexRecording.of(folder, threadId, [{ key: threadId, path: file }]);
    expect(await fits(thread, { [threadId]: 2 }, recording)).toBe(true);
  });
});

test('the file that an announcement names counts only where it is there', () => {
  const { threadId, path: recording } = new ThreadFile(folder);
  const named = () => announcedRecording({ threadId, recording });
  expect(named()).toEqual([{ key: threadId, path: recording }]);
  renameSync(recording, `${recording}.gone`);
  expect(named()).toEqual([]);
});
