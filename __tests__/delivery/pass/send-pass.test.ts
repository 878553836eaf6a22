import { describe, expect, test } from '@jest/globals';
import { SendPass } from '../../../src/delivery/pass/send-pass.js';
import type { LocatedItem, ThreadRecording } from '../../../src/delivery/recording/recording-port.js';
import { DeliveryRun, type RunOptions } from '../../../src/delivery/run/delivery-run.js';
import { PassState } from '../../../src/delivery/run/pass-state.js';
import type { OutgoingPart } from '../../../src/delivery/run/turn-report.js';
import type { DeliverRoute } from '../../../src/delivery/sending/route.js';
import { newState, type ThreadState, type TurnEntry } from '../../../src/delivery/store/thread-state.js';
import { MemoryStore } from '../../../src/delivery/store/thread-store.js';
import { paperThread } from '../../support/paper-thread.js';

/** In which order the turns of a thread are sent, and what its state says then. */

const ROUTE = { kind: 'deliver' } as DeliverRoute;

interface Scene {
  readonly recording?: ThreadRecording;
  readonly state?: Partial<ThreadState>;
  /** Turns are held back, and go together when they have to. */
  readonly joined?: boolean;
  /** The turn, or the part of one, that the server does not take. */
  readonly refused?: string;
}

/** A name for a turn, or for what is sent of one alone. */
const nameOf = ({ turnId, onlyItems }: OutgoingPart) => [turnId, ...(onlyItems ?? [])].join(' ');

/** What goes in each request, and the state after it; the server says no to one of the turns. */
async function pass({ recording = paperThread({ t: ['a', 'b', 'c'] }), state, joined, refused }: Scene) {
  const requests: string[] = [];
  const parts: OutgoingPart[] = [];
  const deliveryOf: RunOptions['deliveryOf'] = (_, passState) => {
    let held: OutgoingPart[] = [];
    const flush = async () => {
      const turns = held;
      held = [];
      if (turns.length === 0) return true;
      requests.push(turns.map(nameOf).join(', '));
      if (turns.some((turn) => nameOf(turn) === refused)) {
        passState.note({ reason: '503', blocked: false });
        return false;
      }
      for (const turn of turns) passState.settle(turn, { status: 'delivered' });
      return true;
    };
    const deliver = async (_route: unknown, turn: OutgoingPart) => {
      held.push(turn);
      parts.push(turn);
      return joined ? true : flush();
    };
    return { deliver, flush };
  };
  const run = new DeliveryRun({
    env: {},
    homeDir: '/none',
    userName: 'ada',
    codexHome: '/none',
    stateDir: '/none',
    deadlineMs: Number.POSITIVE_INFINITY,
    requestTimeoutMs: 1000,
    abandonedMs: 7,
    deliveryOf,
  });
  const thread: ThreadState = { ...newState('t', { file: 't', start: 0 }), ...state };
  const passState = new PassState(new MemoryStore(), thread, thread);
  let failure: unknown;
  await new SendPass(run, recording, passState).send(ROUTE).catch((error: unknown) => {
    failure = error;
  });
  const { kind: _, agents: __, sinceMs: ___, ...told } = passState.result();
  return { requests, parts, passState, failure, ...told };
}

const entry = (turnId: string, start: number, more: Partial<TurnEntry> = {}): TurnEntry => ({
  file: 't',
  start,
  turnId,
  status: 'enqueued',
  ...more,
});
const cursor = (at: number) => ({ t: { cursor: at } });
const left = ({ state }: { state: ThreadState }) =>
  state.turns.map(({ turnId, item, status }) => [turnId, item, status].filter(Boolean).join(' '));

describe('a pass', () => {
  test('sends what lies from the cursor on, and leaves it behind the last turn', async () => {
    const result = await pass({ state: { files: cursor(10) } });
    expect(result.requests).toEqual(['b', 'c']);
    expect(result.state).toEqual({
      version: 2,
      threadId: 't',
      origin: { file: 't', start: 0 },
      files: cursor(30),
      delivered: 2,
      turns: [],
    });
    expect(result.isLive).toBe(false);
  });

  test('sends the listed turns first, in the order of their files and places, whatever that of the list', async () => {
    const recording = paperThread({ t: ['a', 'b', 'c'], u: ['d', 'e', 'f'] });
    const turns = [
      entry('e', 10, { file: 'u', status: 'retry' }),
      entry('b', 10),
      entry('d', 0, { file: 'u' }),
      entry('a', 0),
    ];
    const files = { t: { cursor: 20 }, u: { cursor: 20 } };
    expect((await pass({ recording, state: { turns, files } })).requests).toEqual([
      'a',
      'b',
      'd',
      'e',
      'c',
      'f',
    ]);
  });

  test('sends last what a server has failed over three times, and that too in order', async () => {
    const turns = [
      entry('b', 10, { status: 'retry', failures: 3 }),
      entry('a', 0, { status: 'retry', failures: 3 }),
    ];
    const files = cursor(20);
    expect((await pass({ state: { turns, files } })).requests).toEqual(['c', 'a', 'b']);
    const twice = turns.map((turn) => ({ ...turn, failures: 2 }));
    expect((await pass({ state: { turns: twice, files } })).requests).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['a listed turn', 'a', ['a']],
    ['a new one', 'c', ['a', 'c']],
    ['one that goes last', 'b', ['a', 'c', 'd', 'b']],
  ])('ends with the first that is not taken: %s', async (_, refused, requests) => {
    const recording = paperThread({ t: ['a', 'b', 'c', 'd'] });
    const turns = [entry('b', 10, { status: 'retry', failures: 3 }), entry('a', 0)];
    const result = await pass({ recording, refused, state: { turns, files: cursor(20) } });
    expect(result.requests).toEqual(requests);
    expect(result.pending).toBe('503');
    expect(result.state.waiting).toMatchObject({ reason: '503', blocked: false });
  });

  test('takes the word that turns wait off a state where nothing waits', async () => {
    const waiting = { since: '2026-01-01T00:00:00.000Z', reason: '401', blocked: true };
    const result = await pass({ state: { waiting, files: cursor(30) } });
    expect(result.requests).toEqual([]);
    expect(result.state).not.toHaveProperty('waiting');
    expect(result.passState.store.load('t', [])).toEqual({ kind: 'state', state: result.state });
  });
});

describe('a turn on the list', () => {
  test('that is in no recording any more is lost, and the next ones are sent', async () => {
    const turns = [entry('x', 15), entry('a', 0)];
    const result = await pass({ state: { turns, files: cursor(20) } });
    expect(result.requests).toEqual(['a', 'c']);
    expect(result.state.turns).toEqual([
      {
        file: 't',
        start: 15,
        turnId: 'x',
        status: 'lost',
        message: 'the turn is no longer in the recording',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
    expect(result).toMatchObject({ lost: 1, isLive: false });
  });

  test('that goes on stays on it, and the next ones are sent', async () => {
    const recording = paperThread({ t: [{ turnId: 'a', isOver: false }, 'b'] });
    const result = await pass({ recording, state: { turns: [entry('a', 0)], files: cursor(10) } });
    expect(result.requests).toEqual(['b']);
    expect(left(result)).toEqual(['a enqueued']);
    expect(result).toMatchObject({ lost: 0, isLive: true });
  });

  test.each(['skipped', 'rejected', 'lost', 'delivered'] as const)(
    'from the cursor on that is %s is passed by, and the cursor moves behind it with what is held back',
    async (status) => {
      const turns = [entry('b', 10, { status, message: 'why' })];
      for (const joined of [true, false]) {
        const result = await pass({ joined, state: { turns } });
        expect(result.requests).toEqual(['a', 'c']);
        expect(result.state.files).toEqual(cursor(30));
        expect(left(result)).toEqual(status === 'delivered' ? [] : [`b ${status}`]);
      }
    },
  );

  test('that is passed by stays ahead where what is held back before it is not taken', async () => {
    const turns = [entry('b', 10, { status: 'skipped' })];
    const result = await pass({ joined: true, refused: 'a', state: { turns } });
    expect(result.requests).toEqual(['a']);
    expect(result.state.files).toEqual(cursor(0));
  });

  test.each(['enqueued', 'retry'] as const)(
    'from the cursor on that is %s is sent once, where it stands',
    async (status) => {
      const result = await pass({ state: { turns: [entry('b', 10, { status })] } });
      expect(result.requests).toEqual(['a', 'b', 'c']);
      expect(left(result)).toEqual([]);
    },
  );
});

describe('a turn that goes on', () => {
  const recording = paperThread({ t: ['a', { turnId: 'b', isOver: false }, 'c'] });

  test('ends the reading, and what goes last is still sent', async () => {
    const last = paperThread({ t: ['a', 'b', { turnId: 'c', isOver: false }] });
    const turns = [entry('a', 0, { status: 'retry', failures: 3 })];
    const result = await pass({ recording: last, state: { turns, files: cursor(10) } });
    expect(result.requests).toEqual(['b', 'a']);
    expect(result.state.files).toEqual(cursor(20));
    expect(result.isLive).toBe(true);
  });

  test('lets what is held back before it go', async () => {
    const result = await pass({ recording, joined: true });
    expect(result.requests).toEqual(['a']);
    expect(result.state.files).toEqual(cursor(10));
  });

  test('is over once whoever wrote it is gone', async () => {
    const asked: number[] = [];
    const isAbandoned = async (ms: number) => asked.push(ms) > 0;
    const dead = paperThread({ t: ['a', { turnId: 'b', isOver: false, isAbandoned }] });
    expect(await pass({ recording: dead })).toMatchObject({ requests: ['a', 'b'], isLive: false });
    expect(asked).toEqual([7]);
  });
});

describe('turns that are held back', () => {
  test('go together, those on the list apart from those behind the cursor', async () => {
    const turns = [entry('a', 0), entry('b', 10)];
    const recording = paperThread({ t: ['a', 'b', 'c', 'd'] });
    const result = await pass({ recording, joined: true, state: { turns, files: cursor(20) } });
    expect(result.requests).toEqual(['a, b', 'c, d']);
    expect(result.state).toMatchObject({ files: cursor(40), delivered: 4, turns: [] });
  });

  test('that are not taken end the pass', async () => {
    const turns = [entry('a', 0), entry('b', 10)];
    const result = await pass({ joined: true, refused: 'b', state: { turns, files: cursor(20) } });
    expect(result.requests).toEqual(['a, b']);
    const behind = await pass({
      joined: true,
      refused: 'c',
      state: { turns: [entry('a', 0, { status: 'retry', failures: 3 })], files: cursor(10) },
    });
    expect(behind.requests).toEqual(['b, c']);
  });

  test('go also where the line after them cannot be read', async () => {
    const broken = {
      ...paperThread({ t: ['a', 'b'] }),
      async *turns(...asked: Parameters<ThreadRecording['turns']>) {
        yield* paperThread({ t: ['a', 'b'] }).turns(...asked);
        throw new Error('read');
      },
    };
    const result = await pass({ recording: broken, joined: true });
    expect(result.requests).toEqual(['a, b']);
    expect(result.failure).toEqual(new Error('read'));
  });
});

describe('what became of a tool after its turn', () => {
  const item = (start: number, turnId = 'a', file = 't'): LocatedItem => ({
    file,
    start,
    end: start + 1,
    turnId,
    item: `tool${start}`,
  });

  test('is sent when the turns are, alone, from where its line stands', async () => {
    const recording = paperThread({ t: ['a', 'b', 'c'] }, [item(15)]);
    const result = await pass({ recording });
    expect(result.requests).toEqual(['a', 'b', 'c', 'a tool15']);
    expect(result.parts.at(-1)).toMatchObject({
      file: 't',
      start: 15,
      end: 16,
      turnId: 'a',
      onlyItems: ['tool15'],
    });
    expect(result.state).toMatchObject({ files: cursor(30), delivered: 3, turns: [] });
  });

  test('is assembled with its own line alone, and tells no totals', async () => {
    const seen: unknown[] = [];
    const assemble = (late: readonly { item: { id: string } }[] = []) =>
      seen.push(late.map(({ item: { id } }) => id)) as never;
    const recording = paperThread({ t: [{ turnId: 'a', assemble, total: 5, totalAfter: 9 }] }, [
      item(11),
      item(12),
    ]);
    const { parts } = await pass({ recording });
    for (const part of parts) part.assemble();
    expect(seen).toEqual([[], ['tool11'], ['tool12']]);
    expect(parts.map(({ total, totalAfter }) => [total, totalAfter])).toEqual([
      [5, 9],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test('behind the last turn moves the cursor behind its line', async () => {
    const result = await pass({ recording: paperThread({ t: ['a'] }, [item(12)]) });
    expect(result.requests).toEqual(['a', 'a tool12']);
    expect(result.state).toMatchObject({ files: cursor(13), turns: [] });
  });

  test('stays on the list where a turn after it goes on, and goes with the next pass', async () => {
    const running = { turnId: 'b', isOver: false, start: 15, end: 25 };
    const { requests, state } = await pass({ recording: paperThread({ t: ['a', running] }, [item(12)]) });
    expect(requests).toEqual(['a']);
    expect(state).toMatchObject({ files: cursor(13) });
    expect(state.turns).toEqual([{ file: 't', start: 12, turnId: 'a', item: 'tool12', status: 'enqueued' }]);
  });

  test('is on the list from when a turn behind it is taken in hand, though that one is not taken', async () => {
    const recording = paperThread({ t: ['a', 'b', 'c'] }, [item(15)]);
    const notYet = await pass({ recording, refused: 'b' });
    expect(left(notYet)).toEqual([]);
    const passed = await pass({ recording, refused: 'c' });
    expect(left(passed)).toEqual(['a tool15 enqueued']);
  });

  test('is on the list where it stands in an earlier file than the next turn', async () => {
    const recording = paperThread({ t: ['a'], u: [{ turnId: 'b', isOver: false }] }, [item(12)]);
    const result = await pass({ recording });
    expect(left(result)).toEqual(['a tool12 enqueued']);
    expect(result.state.files).toEqual({ t: { cursor: 13 } });
  });

  test('is sent after what is held back, which may be its own turn', async () => {
    const recording = paperThread({ t: ['a', 'b'] }, [item(21, 'b')]);
    const result = await pass({ recording, joined: true });
    expect(result.requests).toEqual(['a, b', 'b tool21']);
    const refused = await pass({ recording, joined: true, refused: 'b' });
    expect(refused.requests).toEqual(['a, b']);
  });

  test('lets turns that are held back go before the cursor moves behind it', async () => {
    const recording = paperThread({ t: ['a', 'b', 'c'] }, [item(15)]);
    const result = await pass({ recording, joined: true, refused: 'a' });
    expect(result.requests).toEqual(['a']);
    expect(result.state.files).toEqual(cursor(0));
  });

  test.each([
    ['its turn', 'enqueued', 'waits for', ['a enqueued', 'a tool12 enqueued']],
    ['its turn', 'retry', 'waits for', ['a retry', 'a tool12 enqueued']],
    ['its turn', 'rejected', 'is nothing without', ['a rejected']],
    ['its turn', 'skipped', 'is nothing without', ['a skipped']],
    ['its turn', 'lost', 'is nothing without', ['a lost']],
  ] as const)('on the list with %s that is %s: it %s it', async (_, status, __, expected) => {
    const recording = paperThread({ t: [{ turnId: 'a', isOver: false }] }, [item(12)]);
    const turns = [entry('a', 0, { status }), entry('a', 12, { item: 'tool12' })];
    const result = await pass({ recording, state: { turns, files: cursor(13) } });
    expect(result.requests).toEqual([]);
    expect(left(result)).toEqual(expected);
  });

  test('waits for its turn while that is still to be read, and is nothing without one of the past', async () => {
    const turns = [entry('a', 12, { item: 'tool12' })];
    const ahead = paperThread({ t: ['x'], u: [{ turnId: 'a', isOver: false }] }, [item(12)]);
    expect(left(await pass({ recording: ahead, state: { turns, files: cursor(13) } }))).toEqual([
      'a tool12 enqueued',
    ]);
    const recording = paperThread({ t: ['a', 'b'] }, [item(12)]);
    const origin = { file: 't', start: 10 };
    expect(left(await pass({ recording, state: { origin, turns, files: cursor(20) } }))).toEqual([]);
  });

  test.each([
    ['its line is gone', 'a', []],
    ['its turn is in no file', 'x', [item(12, 'x')]],
  ])('is taken off the list where %s', async (_, turnId, late) => {
    const turns = [entry(turnId, 12, { item: 'tool12' })];
    const result = await pass({
      recording: paperThread({ t: ['a'] }, late),
      state: { turns, files: cursor(13) },
    });
    expect(result).toMatchObject({ requests: [], lost: 0 });
    expect(left(result)).toEqual([]);
  });

  test('that a server did not take is left to the next pass, and not tried twice in one', async () => {
    const turns = [entry('a', 12, { item: 'tool12', status: 'retry', failures: 3 })];
    const recording = paperThread({ t: ['a', 'b'] }, [item(12)]);
    const result = await pass({ recording, refused: 'a tool12', state: { turns, files: cursor(20) } });
    expect(result.requests).toEqual(['a tool12']);
  });
});
