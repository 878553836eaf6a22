import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { readTurns } from '../../../src/codex/reading/read-turns.js';
import type { Recording } from '../../../src/codex/recordings/find-rollout.js';
import { locateAnnounced } from '../../../src/delivery/recording/locate-announced.js';
import type { LocatedTurn } from '../../../src/delivery/recording/recording-port.js';
import type { Announcement } from '../../../src/delivery/store/inbox.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { ThreadFile } from '../../support/delivery-thread.js';
import { removeFolder } from '../../support/remove-folder.js';
import { rewoundThread, turnIn } from '../../support/rewound-thread.js';

/** Where an announced turn begins, in one file or in several. */

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => removeFolder(folder));

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const UNKNOWN = '01a21080-0000-7000-8000-00000000000f';

/** A thread of two files, and these as they are found. */
function rewound() {
  const { thread, turns, key, first, second } = rewoundThread(folder);
  const files: Recording[] = [
    { key: thread.threadId, path: first },
    { key, path: second },
  ];
  return { thread, turns, files };
}

async function locate(
  files: readonly Recording[],
  announced: Partial<Announcement>,
  state?: ThreadState,
): Promise<{ at: LocatedTurn | undefined; read: string[]; asked: boolean[] }> {
  const read: string[] = [];
  const asked: boolean[] = [];
  const at = await locateAnnounced(
    async (isLate) => {
      asked.push(isLate);
      return files;
    },
    // Of long ago: its lines are there, or will never be.
    { threadId: 't', atMs: 0, ...announced },
    state,
    (key, turn) => read.push(`${key} ${turn.segment.turnId}`),
  );
  return { at, read, asked };
}

describe('a turn with an id of its own', () => {
  test('is found in whichever file has it; the last turn of one need not be read again', async () => {
    const { turns, files } = rewound();
    const [first, second] = files.map(({ key }) => key);
    const found = [];
    for (const { turnId } of turns) found.push(await locate(files, { turnId }));
    expect(found.map(({ at }) => at)).toEqual([
      { file: first, start: turns[0]?.start },
      { file: first, start: turns[1]?.start },
      { file: second, start: turns[2]?.start },
      { file: second, start: turns[3]?.start },
    ]);
    expect(found.map(({ read }) => read)).toEqual([
      [],
      [`${first} ${turns[1]?.turnId}`],
      [],
      [`${second} ${turns[3]?.turnId}`],
    ]);
    // It was there at the first look.
    expect(found.map(({ asked }) => asked)).toEqual([[false], [false], [false], [false]]);
  });

  test('that goes on is found at the last look, which takes files that were made meanwhile as well', async () => {
    const { thread, files } = rewound();
    const { turnId, start } = turnIn(thread, 'none');
    const { at, asked } = await locate(files, { turnId });
    expect(at).toEqual({ file: files[1]?.key, start });
    expect(asked).toEqual([false, true]);
  });

  test('is waited for where it was only just announced: after a moment in new files too, once', async () => {
    const { turns, files } = rewound();
    const asked: boolean[] = [];
    const at = await locateAnnounced(
      async (isLate) => {
        asked.push(isLate);
        return isLate ? files : [];
      },
      { threadId: 't', atMs: Date.now(), turnId: turns[0]?.turnId as string },
      undefined,
    );
    expect(at).toEqual({ file: files[0]?.key, start: turns[0]?.start });
    expect(asked[0]).toBe(false);
    expect(asked.indexOf(true)).toBe(asked.length - 1);
  });

  test('is looked for in new files once while it is waited for, and once more in the end', async () => {
    const asked: boolean[] = [];
    const announced = { threadId: 't', atMs: Date.now(), turnId: UNKNOWN };
    const files = async (isLate: boolean) => {
      asked.push(isLate);
      return [];
    };
    expect(await locateAnnounced(files, announced, undefined)).toBeUndefined();
    expect(asked.filter(Boolean).length).toBeLessThanOrEqual(2);
    expect([asked[0], asked.at(-1)]).toEqual([false, true]);
  });

  test('is found in a compressed file, which has no end line to look for first', async () => {
    const key = '01a2106e-ea0f-77f1-b858-7d8971bf2ec5';
    const file = `__tests__/fixtures/compressed/rollout-2026-11-25T02-00-34-${key}.jsonl.zst`;
    const turns: string[] = [];
    for await (const { segment } of readTurns(file)) turns.push(segment.turnId ?? '');
    expect(turns.length).toBeGreaterThan(0);
    const { at, asked } = await locate([{ key, path: file }], { turnId: turns.at(-1) ?? '' });
    expect(at?.file).toBe(key);
    expect(asked).toEqual([false]);
  });

  test('is in none where none has it', async () => {
    const { files } = rewound();
    expect(await locate(files, { turnId: UNKNOWN })).toEqual({
      at: undefined,
      read: [],
      asked: [false, true],
    });
  });
});

describe('the end of a session stands', () => {
  const end = { isSessionEnd: true } as const;
  const known = newState('t', { file: 't', start: 0 });

  test('for the last turn of a known thread, in its newest file', async () => {
    const { thread, turns, files } = rewound();
    expect(await locate(files, end, known)).toEqual({
      at: { file: files[1]?.key, start: turns[3]?.start },
      read: [],
      asked: [true],
    });
    const failed = turnIn(thread, 'failed');
    expect((await locate(files, end, known)).at?.start).toBe(failed.start);
  });

  test('for the first of those at the end that nothing told of where nothing is known', async () => {
    const { thread, files } = rewound();
    expect((await locate(files, end)).at).toBeUndefined();
    const [failed] = [turnIn(thread, 'failed'), turnIn(thread, 'aborted')];
    expect((await locate(files, end)).at).toEqual({ file: files[1]?.key, start: failed?.start });
  });

  test('for nothing where there is no file, or no turn in it', async () => {
    expect((await locate([], end, known)).at).toBeUndefined();
    const empty = new ThreadFile(folder);
    expect((await locate([{ key: 't', path: empty.path }], end, known)).at).toBeUndefined();
  });
});

describe('a turn whose id is that of many (Codex up to 0.80)', () => {
  const announced = (answer?: string, prompt?: string): Partial<Announcement> => ({
    turnId: '0',
    ...(answer !== undefined && { answerDigest: sha(answer) }),
    ...(prompt !== undefined && { promptDigest: sha(prompt) }),
  });
  /** Four turns, with other answers and prompts than `answer 1`, `prompt 1`, …. */
  function saying(texts: Record<string, string> = {}) {
    const scene = rewound();
    for (const { path: file } of scene.files) {
      let text = readFileSync(file, 'utf8');
      // As long as it was, so that all stands where it stood.
      for (const [from, to] of Object.entries(texts)) text = text.replaceAll(`"${from}"`, `"${to}"`);
      writeFileSync(file, text);
    }
    return {
      ...scene,
      at: scene.turns.map(({ start }, index) => ({ file: scene.files[index >> 1]?.key, start })),
    };
  }

  test('is the one with that answer', async () => {
    const { files, at } = saying();
    for (const index of [0, 1, 2, 3])
      expect((await locate(files, announced(`answer ${index + 1}`))).at).toEqual(at[index]);
    expect((await locate(files, announced('answer 9'))).at).toBeUndefined();
    expect((await locate(files, {})).at).toBeUndefined();
    expect((await locate([], announced('answer 1'))).at).toBeUndefined();
  });

  test('is not one that has the prompt alone, or that has it as its answer', async () => {
    const { files } = saying();
    expect((await locate(files, announced(undefined, 'prompt 1'))).at).toBeUndefined();
    expect((await locate(files, announced('answer 9', 'prompt 1'))).at).toBeUndefined();
    expect((await locate(files, announced('prompt 1'))).at).toBeUndefined();
  });

  test('is the newest of those with that answer, and of these the one with that prompt', async () => {
    const { files, at } = saying({ 'answer 3': 'answer 4', 'answer 1': 'answer 2' });
    expect((await locate(files, announced('answer 4'))).at).toEqual(at[3]);
    expect((await locate(files, announced('answer 4', 'prompt 3'))).at).toEqual(at[2]);
    expect((await locate(files, announced('answer 4', 'prompt 9'))).at).toEqual(at[3]);
    expect((await locate(files, announced('answer 2', 'answer 1'))).at).toEqual(at[1]);
    expect((await locate(files, announced('answer 2', 'prompt 1'))).at).toEqual(at[0]);
    // In the newest file that has it at all.
    const everywhere = saying({ 'answer 1': 'answer 4' });
    expect((await locate(everywhere.files, announced('answer 4', 'prompt 1'))).at).toEqual(everywhere.at[3]);
  });

  test('is of those that are not sent yet, as a rule', async () => {
    const { files, at, thread } = saying({ 'answer 2': 'answer 1' });
    const [first] = files;
    const state: ThreadState = {
      ...newState(thread.threadId, { file: thread.threadId, start: 0 }),
      files: { [thread.threadId]: { cursor: at[1]?.start ?? 0, total: 70 } },
    };
    const one = first ? [first] : [];
    expect((await locate(one, announced('answer 1', 'prompt 1'), state)).at).toEqual({ ...at[1], total: 70 });
    expect((await locate(one, announced('answer 1', 'prompt 1'))).at).toEqual(at[0]);
    // A hook that comes late means an older one.
    const all = {
      ...state,
      files: { [thread.threadId]: { cursor: readFileSync(first?.path ?? '').length } },
    };
    expect((await locate(one, announced('answer 1', 'prompt 1'), all)).at).toEqual(at[0]);
  });

  test('is in a file that lies before the thread’s first turn only where none after it has it', async () => {
    const { files, at, thread } = saying({ 'answer 4': 'answer 2' });
    const second = files[1]?.key ?? '';
    const state = newState(thread.threadId, { file: second, start: at[3]?.start ?? 0 });
    expect((await locate(files, announced('answer 2', 'prompt 2'), state)).at).toEqual(at[3]);
    expect((await locate(files, announced('answer 1'), state)).at).toEqual(at[0]);
  });
});
