import { describe, expect, test } from '@jest/globals';
import { beginState } from '../../../src/delivery/pass/begin-state.js';
import type {
  LocatedItem,
  LocatedTurn,
  ThreadRecording,
} from '../../../src/delivery/recording/recording-port.js';
import type { Announcement } from '../../../src/delivery/store/inbox.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';

/** Where a thread begins, and which of its turns are wanted. */

/** Turns of ten bytes, by their ids, in one file or two. */
const FILES: Readonly<Record<string, readonly string[]>> = { t: ['a', 'b', 'c'] };

function recording(files = FILES, late: readonly LocatedItem[] = []): ThreadRecording {
  const all = Object.entries(files).flatMap(([file, ids]) =>
    ids.map((turnId, index) => ({ file, turnId, start: index * 10, end: index * 10 + 10 })),
  );
  return {
    threadId: 't',
    files: Object.keys(files),
    firstLine: async () => undefined,
    async *turns(cursorIn, onLate) {
      for (const turn of all) {
        const from = cursorIn(turn.file);
        if (!from || turn.start < from.cursor) continue;
        for (const item of late) if (item.file === turn.file && item.start < turn.end) onLate?.(item);
        yield {
          ...turn,
          meta: undefined,
          isOver: true,
          started: true,
          isAbandoned: async () => true,
          assemble: () => {
            throw new Error('nothing is sent here');
          },
        };
      }
    },
    turnById: async () => undefined,
    lateItemAt: async () => undefined,
    turnAt: async () => undefined,
    locate: async ({ turnId }) => all.find((turn) => turn.turnId === turnId) as LocatedTurn | undefined,
    fits: async () => true,
  };
}

const mailOf = (...announcements: Partial<Announcement>[]) =>
  announcements.map((more) => ({
    file: `${more.turnId}.json`,
    announcement: { threadId: 't', atMs: 1, ...more },
  }));
const OPTIONS = { cwd: '/here', place: 'p', whole: false };
const wanted = (state: ThreadState | undefined) =>
  state?.turns.map(({ turnId, status }) => `${turnId} ${status}`);

describe('a thread that nothing is known of', () => {
  test('begins with the first of its announced turns, whichever was announced first', async () => {
    const begun = await beginState(
      recording(),
      undefined,
      mailOf({ turnId: 'c' }, { turnId: 'b', client: 'codex_exec' }),
      OPTIONS,
    );
    expect(begun?.state).toMatchObject({ cwd: '/here', place: 'p', origin: { file: 't', start: 10 } });
    expect(wanted(begun?.state)).toEqual(['c enqueued', 'b enqueued']);
    expect(begun?.state.turns[1]).toMatchObject({ client: 'codex_exec' });
    expect([...(begun?.located.keys() ?? [])]).toEqual(['c.json', 'b.json']);
  });

  test('does not begin with a turn that is to be passed by', async () => {
    const mail = mailOf({ turnId: 'a', leaveOut: true }, { turnId: 'c' });
    const begun = await beginState(recording(), undefined, mail, OPTIONS);
    expect(begun?.state.origin).toEqual({ file: 't', start: 20 });
    expect(await beginState(recording(), undefined, mail.slice(0, 1), OPTIONS)).toBeUndefined();
  });

  test('does not begin where no file has what was announced', async () => {
    expect(await beginState(recording(), undefined, mailOf({ turnId: 'x' }), OPTIONS)).toBeUndefined();
  });

  test('begins with its beginning where the whole of it is asked for', async () => {
    const begun = await beginState(recording(), undefined, [], { ...OPTIONS, whole: true });
    expect(begun?.state).toMatchObject({ origin: { file: 't', start: 0 }, turns: [] });
  });
});

describe('the state that a pass begins with', () => {
  test('says whole what is known of each announced turn', async () => {
    const run = { tags: { job: '7' } };
    const files = { t: ['a', 'b'] };
    const base = recording(files);
    const locate: ThreadRecording['locate'] = async (announced, state) => {
      const found = await base.locate(announced, state);
      return found && { file: found.file, start: found.start, total: 70 };
    };
    const begun = await beginState(
      { ...base, locate },
      undefined,
      mailOf({ turnId: 'b', client: 'an-editor', run }, { turnId: 'x' }),
      OPTIONS,
    );
    expect(begun).toStrictEqual({
      state: {
        version: 2,
        threadId: 't',
        cwd: '/here',
        place: 'p',
        origin: { file: 't', start: 10 },
        files: { t: { cursor: 10, total: 70 } },
        delivered: 0,
        turns: [
          { file: 't', start: 10, status: 'enqueued', turnId: 'b', client: 'an-editor', run, total: 70 },
        ],
      },
      located: new Map([['b.json', { file: 't', start: 10, total: 70 }]]),
    });
  });

  test('begins with the first file that there is, and with the thread’s own where there is none', async () => {
    const whole = { ...OPTIONS, whole: true };
    const origins = [];
    for (const files of [{ u: ['a'], v: ['b'] }, {}])
      origins.push((await beginState(recording(files), undefined, [], whole))?.state.origin);
    expect(origins).toEqual([
      { file: 'u', start: 0 },
      { file: 't', start: 0 },
    ]);
  });

  test('of several files begins with the turn that comes first in the thread', async () => {
    const begun = await beginState(
      recording({ t: ['a', 'b'], u: ['c'] }),
      undefined,
      mailOf({ turnId: 'c' }, { turnId: 'b' }, { turnId: 'c' }),
      OPTIONS,
    );
    expect(begun?.state.origin).toEqual({ file: 't', start: 10 });
  });

  test('takes in the past of its own file turn by turn, and earlier files as they are', async () => {
    const state: ThreadState = {
      ...newState('t', { file: 'u', start: 10 }),
      files: { u: { cursor: 20 } },
      turns: [
        { file: 't', start: 0, turnId: 'a', status: 'delivered' },
        { file: 'u', start: 0, turnId: 'c', status: 'delivered' },
      ],
    };
    const files = { t: ['a', 'b'], u: ['c', 'd', 'e'] };
    const late = (file: string, start: number) => ({
      file,
      start,
      end: start + 1,
      turnId: 'c',
      item: `${start}`,
    });
    const begun = await beginState(recording(files, [late('u', 8), late('u', 10)]), state, [], {
      ...OPTIONS,
      whole: true,
    });
    expect(begun?.state).toStrictEqual({
      ...state,
      cwd: '/here',
      place: 'p',
      origin: { file: 't', start: 0 },
      turns: [
        // Of a file that is still to be read, what was sent is told by an entry.
        { file: 't', start: 0, turnId: 'a', status: 'delivered' },
        { file: 'u', start: 8, turnId: 'c', item: '8', status: 'enqueued' },
      ],
    });
  });
});

describe('a thread that is known', () => {
  const known: ThreadState = {
    ...newState('t', { file: 't', start: 20 }),
    files: { t: { cursor: 30 } },
    delivered: 1,
  };

  test('has a turn from before its origin sent by itself when it is announced', async () => {
    const begun = await beginState(recording(), known, mailOf({ turnId: 'a' }), OPTIONS);
    expect(wanted(begun?.state)).toEqual(['a enqueued']);
    expect(begun?.state.origin).toEqual(known.origin);
  });

  test('has one passed by that lies ahead, and none that lies behind it', async () => {
    const ahead = { ...known, files: { t: { cursor: 20 } } };
    const mail = mailOf({ turnId: 'c', leaveOut: true }, { turnId: 'a', leaveOut: true });
    const begun = await beginState(recording(), ahead, mail, OPTIONS);
    expect(wanted(begun?.state)).toEqual(['c skipped']);
  });

  test('wants its past turn by turn where the whole of it is asked for, and nothing twice', async () => {
    const before = {
      ...known,
      turns: [{ file: 't', start: 0, turnId: 'a', status: 'delivered' as const }],
    };
    const begun = await beginState(recording(), before, [], { ...OPTIONS, whole: true });
    expect(begun?.state.origin).toEqual({ file: 't', start: 0 });
    // The first was sent by itself: from the new origin on that is what no entry means.
    expect(wanted(begun?.state)).toEqual(['b enqueued']);
    expect(begun?.state).toMatchObject({ delivered: 1, files: { t: { cursor: 30 } } });
  });

  test('wants all of its past, and what is told there of tools in its order; its first turn is still to be read', async () => {
    const late = (start: number) => ({ file: 't', start, end: start + 1, turnId: 'a', item: `${start}` });
    const unread = newState('t', { file: 't', start: 20 });
    const begun = await beginState(recording(FILES, [late(12), late(14)]), unread, [], {
      ...OPTIONS,
      whole: true,
    });
    expect(begun?.state.turns.map(({ turnId, item }) => item ?? turnId)).toStrictEqual([
      'a',
      'b',
      '12',
      '14',
    ]);
  });

  test('keeps what was refused of its past', async () => {
    const before = {
      ...known,
      turns: [{ file: 't', start: 0, turnId: 'a', status: 'rejected' as const }],
    };
    const begun = await beginState(recording(), before, [], { ...OPTIONS, whole: true });
    expect(wanted(begun?.state)).toEqual(['a rejected', 'b enqueued']);
  });

  test('wants what its past tells of tools that outlived their turns, and not what is told later', async () => {
    const item = (start: number) => ({
      file: 't',
      start,
      end: start + 5,
      turnId: 'a',
      item: `call-${start}`,
    });
    const late = [item(15), item(25)];
    const begun = await beginState(recording(FILES, late), known, [], { ...OPTIONS, whole: true });
    expect(begun?.state.turns.flatMap(({ item: name }) => name ?? [])).toEqual(['call-15']);
  });

  test('stays as it is where its origin is its beginning already', async () => {
    const whole = { ...known, origin: { file: 't', start: 0 } };
    const begun = await beginState(recording(), whole, [], { ...OPTIONS, whole: true });
    expect(begun?.state).toEqual({ ...whole, cwd: '/here', place: 'p' });
  });
});
