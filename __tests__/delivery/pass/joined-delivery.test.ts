import { describe, expect, test } from '@jest/globals';
import { JoinedDelivery } from '../../../src/delivery/pass/joined-delivery.js';
import type { ThreadTurn } from '../../../src/delivery/recording/recording-port.js';
import type { OutgoingPart } from '../../../src/delivery/run/turn-report.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';
import type { Turn } from '../../../src/turn/turn.js';
import { DESK_DESTINATION, type DeskRequest, deliveryDesk, stateOf } from '../../support/delivery-desk.js';
import { paperContent } from '../../support/paper-thread.js';

/** Which turns share a request, and what is remembered and told of each. */

const KIB = 1024;
const MS = expect.any(Number);

interface Asked {
  readonly turnId: string;
  readonly bytes?: number;
  readonly version?: string;
  readonly content?: Partial<Turn>;
  readonly more?: Partial<OutgoingPart>;
  /** Goes where no other does. */
  readonly apart?: boolean;
}

/** Turns one behind the other, each of so many bytes. */
function turnsOf(asked: readonly Asked[]): (ThreadTurn & { apart?: boolean })[] {
  let start = 0;
  return asked.map(({ turnId, bytes = 10, version, content, more, apart = false }) => {
    const turn = {
      file: 't',
      start,
      end: start + bytes,
      turnId,
      meta:
        version === undefined
          ? undefined
          : ({ kind: 'session_meta', threadId: 't', timeMs: 1, cliVersion: version } as const),
      isOver: true,
      started: true,
      isAbandoned: async () => false,
      assemble: () => paperContent(turnId, content),
      apart,
      ...more,
    };
    start += bytes;
    return turn;
  });
}

/** The turns of which a request holds the root. */
const rootsOf = ({ specs }: DeskRequest) =>
  specs.flatMap(({ attributes }) => attributes['codex.turn.id'] ?? []).join(' ');

type Scene = Parameters<typeof deliveryDesk>[0] & {
  readonly prepare?: (desk: Awaited<ReturnType<typeof deliveryDesk>>) => void;
};

async function deliver(asked: readonly (Asked | string)[], { prepare, ...scene }: Scene = {}) {
  const desk = await deliveryDesk(scene);
  prepare?.(desk);
  const delivery = new JoinedDelivery(desk.run, desk.pass);
  const goesOn: boolean[] = [];
  const other = { ...desk.route };
  for (const turn of turnsOf(asked.map((one) => (typeof one === 'string' ? { turnId: one } : one)))) {
    if (goesOn.at(-1) === false) break;
    const { apart, ...part } = turn;
    goesOn.push(await delivery.deliver(apart ? other : desk.route, part));
  }
  if (goesOn.at(-1) !== false) goesOn.push(await delivery.flush());
  const { kept, pass, run, sender, store } = desk;
  desk.clear();
  return {
    goesOn: goesOn.at(-1),
    sent: sender.requests.map(rootsOf),
    requests: sender.requests,
    state: pass.thread,
    kept: kept(),
    result: pass.result(),
    reports: run.reports,
    saves: store.saves,
  };
}

const report = (turnId: string, start: number, outcome = 'sent', detail?: string) => ({
  threadId: 't',
  turnId,
  at: { file: 't', start },
  outcome,
  ...(detail !== undefined && { detail }),
  ms: MS,
});
const named = (count: number) => Array.from({ length: count }, (_, index) => `turn${index}`);

describe('small turns', () => {
  test('share a request, and are each remembered and told of once it is taken', async () => {
    const { goesOn, sent, requests, state, kept, result, reports, saves } = await deliver([
      { turnId: 'a', version: '0.171.0', content: { startMs: 900 } },
      { turnId: 'b', version: '0.171.0', content: { startMs: 800 } },
    ]);
    expect(goesOn).toBe(true);
    expect(sent).toEqual(['a b']);
    expect(requests.map(({ version, options }) => [version, options])).toEqual([
      ['0.171.0', { timeoutMs: 1000 }],
    ]);
    expect(state).toEqual(stateOf(20, { delivered: 2 }));
    expect(kept).toEqual(state);
    expect(result).toMatchObject({ sent: 2, sinceMs: 800 });
    expect(reports).toEqual([report('a', 0), report('b', 10)]);
    // Before the request and after it.
    expect(saves).toBe(2);
  });

  test('are twenty at most', async () => {
    const turns = named(21);
    expect((await deliver(turns)).sent).toEqual([turns.slice(0, 20).join(' '), 'turn20']);
    expect((await deliver(turns.slice(0, 20))).sent).toEqual([turns.slice(0, 20).join(' ')]);
  });

  test.each([
    ['at the limit', 64, 'a b'],
    ['over it', 65, 'a, b'],
  ])('are of 64 KiB at most: one %s', async (_, kib, expected) => {
    const { sent } = await deliver(['a', { turnId: 'b', bytes: kib * KIB }]);
    expect(sent.join(', ')).toBe(expected);
  });

  test('have 256 KiB together at most', async () => {
    const four = named(4).map((turnId) => ({ turnId, bytes: 64 * KIB }));
    expect((await deliver(four)).sent).toEqual(['turn0 turn1 turn2 turn3']);
    const { sent } = await deliver([...four, { turnId: 'e', bytes: 1 }, 'f']);
    expect(sent).toEqual(['turn0 turn1 turn2 turn3', 'e f']);
    expect((await deliver([...four, ...four])).sent).toEqual(Array(2).fill('turn0 turn1 turn2 turn3'));
  });

  test('are those of one place and one version of Codex', async () => {
    expect((await deliver(['a', 'b', { turnId: 'c', apart: true }, 'd', 'e'])).sent).toEqual([
      'a b',
      'c',
      'd e',
    ]);
    const versions = ['1', '1', '2', '2'].map((version, index) => ({ turnId: `turn${index}`, version }));
    expect((await deliver(versions)).sent).toEqual(['turn0 turn1', 'turn2 turn3']);
  });

  test.each([
    ['tools of an earlier turn', { turnId: 'b', more: { onlyItems: ['none'] } }],
    ['a large one', { turnId: 'b', bytes: 65 * KIB }],
  ])('go before %s, which goes by itself', async (_, alone) => {
    const { sent, state } = await deliver(['a', 'x', alone as Asked, 'c', 'd']);
    expect(sent).toEqual('bytes' in alone ? ['a x', 'b', 'c d'] : ['a x', 'c d']);
    expect(state.turns).toEqual([]);
  });

  test('go each by itself where something happened to one before, or a share alone is sent', async () => {
    const turns = [{ file: 't', start: 10, turnId: 'b', status: 'retry' as const, failures: 1 }];
    expect((await deliver(['a', 'b', 'c', 'd'], { state: { turns } })).sent).toEqual(['a', 'b', 'c d']);
    const { sent } = await deliver(['a', 'b'], { owner: { sampleRatio: 0.9999999 } });
    expect(sent).toEqual(['a', 'b']);
    const announced = [{ file: 't', start: 10, turnId: 'b', status: 'enqueued' as const }];
    expect((await deliver(['a', 'b'], { state: { turns: announced } })).sent).toEqual(['a b']);
  });

  test('go each by itself to a server that takes a trace whole', async () => {
    const { sent } = await deliver(['a', 'b'], { prepare: ({ sender }) => (sender.takesParts = false) });
    expect(sent).toEqual(['a', 'b']);
  });

  test.each([
    [['a'], ['a']],
    [[], []],
  ])('that are %j are what they are', async (turns, sent) => {
    expect(await deliver(turns)).toMatchObject({ sent, goesOn: true });
  });
});

describe('a request of several turns', () => {
  const pending = (reason: string, more: object = {}): ExportOutcome => ({
    kind: 'pending',
    reason,
    blocked: false,
    ...more,
  });

  test('that is not taken says nothing of any: each is sent by itself', async () => {
    const { sent, state, reports, result } = await deliver(['a', 'b'], {
      answers: [{ kind: 'rejected', status: 422, message: 'no' }, { kind: 'sent' }],
    });
    expect(sent).toEqual(['a b', 'a', 'b']);
    expect(state).toEqual(stateOf(20, { delivered: 2 }));
    expect(reports).toEqual([report('a', 0), report('b', 10)]);
    expect(result).toMatchObject({ sent: 2, rejected: 0 });
  });

  test('to a server that is down is followed by one of the first turn, and no more', async () => {
    const { goesOn, sent, state, reports } = await deliver(['a', 'b'], { answers: [pending('503')] });
    expect(goesOn).toBe(false);
    expect(sent).toEqual(['a b', 'a']);
    expect(state).toMatchObject({ files: { t: { cursor: 0 } }, delivered: 0, waiting: { reason: '503' } });
    expect(reports).toEqual([report('a', 0, 'pending', '503')]);
  });

  test('is none where there is one turn alone, which is sent as it would be by itself', async () => {
    const { sent, reports } = await deliver(['a'], { answers: [pending('503')] });
    expect(sent).toEqual(['a']);
    expect(reports).toEqual([report('a', 0, 'pending', '503')]);
  });

  test('ends the pass where the turns before it were not taken', async () => {
    const large = { turnId: 'c', bytes: 65 * KIB };
    const { goesOn, sent } = await deliver(['a', 'b', large], { answers: [pending('503')] });
    expect([goesOn, sent]).toEqual([false, ['a b', 'a']]);
    const other = await deliver(['a', 'b', { turnId: 'c', apart: true }], { answers: [pending('503')] });
    expect([other.goesOn, other.sent]).toEqual([false, ['a b', 'a']]);
  });

  test('is not longer than 512 Ki characters: its turns go by themselves then', async () => {
    // The prompt stands in two spans, the root's and the response's.
    const prompt = (length: number) => ({
      prompts: ['x'.repeat(length)],
      transcript: [
        { role: 'user' as const, content: 'x'.repeat(length) },
        { role: 'assistant' as const, content: 'done' },
      ],
    });
    const turns = (length: number) => named(10).map((turnId) => ({ turnId, content: prompt(length) }));
    expect((await deliver(turns(25_000))).sent).toHaveLength(1);
    expect((await deliver(turns(27_000))).sent).toHaveLength(10);
  });

  test('holds none that takes more than one request itself: they go by themselves', async () => {
    const [response] = paperContent('a').modelCalls;
    const modelCalls = Array.from({ length: 600 }, (_, index) => ({ ...response, key: `response ${index}` }));
    const { sent } = await deliver(['a', { turnId: 'b', content: { modelCalls } as Partial<Turn> }]);
    expect(sent).toEqual(['a', '', 'b']);
  });

  test.each<[string, NonNullable<Scene['prepare']>, string]>([
    [
      'the server is down',
      ({ run }) => run.openCircuit(DESK_DESTINATION, { kind: 'pending', reason: '401', blocked: true }),
      '401',
    ],
    ['nothing can be remembered', ({ store }) => (store.takes = 0), 'the state folder cannot be written'],
    [
      'the thread is another’s by now',
      ({ store }) => (store.ours = false),
      'another process has the thread in hand',
    ],
  ])('is not made where %s', async (_, prepare, reason) => {
    const { goesOn, sent, state, reports } = await deliver(['a', 'b'], { prepare });
    expect(goesOn).toBe(false);
    expect([sent, reports]).toEqual([[], []]);
    expect(state.waiting?.reason).toBe(reason);
  });

  test('is not made where there is no time', async () => {
    const { goesOn, sent, state } = await deliver(['a', 'b'], { options: { deadlineMs: Date.now() } });
    expect([goesOn, sent, state.waiting?.reason]).toEqual([false, [], 'out of time']);
  });

  test('that is taken and cannot be remembered is told of, and is the last', async () => {
    const { goesOn, sent, state, reports } = await deliver(['a', 'b'], {
      prepare: ({ store }) => (store.takes = 1),
    });
    expect([goesOn, sent]).toEqual([false, ['a b']]);
    expect(state.waiting).toMatchObject({ reason: 'the state folder cannot be written', blocked: true });
    expect(reports).toEqual([report('a', 0), report('b', 10)]);
  });
});
