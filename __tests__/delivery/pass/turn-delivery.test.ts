import { describe, expect, test } from '@jest/globals';
import { TurnDelivery } from '../../../src/delivery/pass/turn-delivery.js';
import type { ThreadTurn } from '../../../src/delivery/recording/recording-port.js';
import type { OutgoingPart } from '../../../src/delivery/run/turn-report.js';
import type { Route } from '../../../src/delivery/sending/route.js';
import { liveRecordOf, saveLiveRecord } from '../../../src/delivery/store/live-records.js';
import type { TurnEntry } from '../../../src/delivery/store/thread-state.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';
import { DESK_DESTINATION, deliveryDesk, stateOf } from '../../support/delivery-desk.js';
import { type PaperTurn, paperContent, paperThread } from '../../support/paper-thread.js';

/** One turn, one answer: what is asked of the server, what is remembered, what is told. */

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown as string;
const MS = expect.any(Number);

async function turnsOf(...turns: PaperTurn[]): Promise<ThreadTurn[]> {
  const found: ThreadTurn[] = [];
  for await (const turn of paperThread({ t: turns }).turns(() => ({ cursor: 0 }))) found.push(turn);
  return found;
}

type Scene = Parameters<typeof deliveryDesk>[0] & {
  readonly turns?: readonly PaperTurn[];
  readonly part?: Partial<OutgoingPart>;
  readonly route?: Route;
  readonly prepare?: (desk: Awaited<ReturnType<typeof deliveryDesk>>) => void;
};

/** Delivers turns one after the other, as long as it says to go on. */
async function deliver({ turns = ['a'], part = {}, route, prepare, ...scene }: Scene = {}) {
  const desk = await deliveryDesk(scene);
  prepare?.(desk);
  const delivery = new TurnDelivery(desk.run, desk.pass);
  const goesOn: boolean[] = [];
  for (const turn of await turnsOf(...turns))
    if (goesOn.at(-1) !== false)
      goesOn.push(await delivery.deliver(route ?? desk.route, { ...turn, ...part }));
  const { kept, pass, run, sender, store } = desk;
  desk.clear();
  return {
    desk,
    goesOn,
    state: pass.thread,
    kept: kept(),
    result: pass.result(),
    reports: run.reports,
    requests: sender.requests,
    saves: store.saves,
  };
}

const entry = (more: Partial<TurnEntry> = {}): TurnEntry => ({
  file: 't',
  start: 0,
  turnId: 'a',
  status: 'enqueued',
  ...more,
});
const waiting = (reason: string, blocked = false) => ({ waiting: { since: TIME, reason, blocked } });
const pending = (reason: string, more: object = {}): ExportOutcome => ({
  kind: 'pending',
  reason,
  blocked: false,
  ...more,
});
const report = (outcome: string, detail?: string) => ({
  threadId: 't',
  turnId: 'a',
  at: { file: 't', start: 0 },
  outcome,
  ...(detail !== undefined && { detail }),
  ms: MS,
});

describe('a turn that the server takes', () => {
  test('is asked for once, counted, remembered and told of', async () => {
    const { goesOn, state, kept, result, reports, requests, saves } = await deliver();
    expect(goesOn).toEqual([true]);
    expect(state).toEqual(stateOf(10, { delivered: 1 }));
    expect(kept).toEqual(state);
    expect(saves).toBe(2);
    expect(result).toMatchObject({ sent: 1, rejected: 0, lost: 0, imported: 0, sinceMs: 1_000_000 });
    expect(result).not.toHaveProperty('pending');
    expect(reports).toEqual([report('sent')]);
    expect(requests.map(({ specs, version, options }) => [specs.length, version, options])).toEqual([
      [2, undefined, { timeoutMs: 1000, once: false }],
    ]);
  });

  test('tells the version of its Codex, and its agents are looked after', async () => {
    const subAgents = [{ callId: 'c', agentThreadId: 'child', timeMs: 5 }];
    const meta = { kind: 'session_meta', threadId: 't', timeMs: 1, cliVersion: '0.171.0' } as const;
    const { requests, result } = await deliver({
      turns: [
        { turnId: 'a', meta, assemble: () => paperContent('a', { subAgents, startMs: 700 }) },
        { turnId: 'b', meta, assemble: () => paperContent('b', { startMs: 900 }) },
      ],
    });
    expect(requests.map(({ version }) => version)).toEqual(['0.171.0', '0.171.0']);
    expect(result).toMatchObject({ sent: 2, agents: subAgents, sinceMs: 700 });
  });

  test('after others had failed over it leaves the list', async () => {
    const turns = [entry({ status: 'retry', failures: 3, refusals: 1 })];
    const { state, requests } = await deliver({ state: stateOf(10, { turns }) });
    expect(state).toEqual(stateOf(10, { delivered: 1 }));
    // It has failed often: one request, whatever comes of it.
    expect(requests.map(({ options }) => options.once)).toEqual([true]);
  });

  test('is held as sent where it was remembered, and what follows waits where it was not', async () => {
    const { goesOn, state, kept, reports, result } = await deliver({
      prepare: ({ store }) => (store.takes = 1),
    });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(
      stateOf(10, { delivered: 1, ...waiting('the state folder cannot be written', true) }),
    );
    expect(kept).toEqual(stateOf(0));
    expect(result.pending).toBe('the state folder cannot be written');
    expect(reports).toEqual([report('sent')]);
  });
});

describe('a turn that the server does not take', () => {
  test('stays where it is where the server is busy, and the server is asked no more', async () => {
    const { goesOn, state, kept, reports, result, desk } = await deliver({
      turns: ['a', 'b'],
      answers: [pending('503', { transient: true })],
    });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(stateOf(0, waiting('503')));
    expect(kept).toEqual(state);
    expect(reports).toEqual([report('pending', '503')]);
    expect(result).toMatchObject({ sent: 0, rejected: 0, pending: '503' });
    expect(desk.run.obstacle(DESK_DESTINATION)).toEqual({ reason: '503', blocked: false });
    expect(desk.run.retryInMs).toBe(0);
  });

  test('waits for somebody where only a person can help', async () => {
    const { goesOn, state, desk } = await deliver({ answers: [pending('401', { blocked: true })] });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(stateOf(0, waiting('401', true)));
    expect(desk.run.obstacle(DESK_DESTINATION)).toEqual({ reason: '401', blocked: true });
  });

  test('names the step that sending has come to', async () => {
    const { state, reports } = await deliver({ answers: [pending('503', { step: 'uploading the spans' })] });
    expect(state).toEqual(stateOf(0, waiting('503 while uploading the spans')));
    expect(reports).toEqual([report('pending', '503 while uploading the spans')]);
  });

  test('is told apart from the server where it waits for a turn of its own trace: the next one is tried', async () => {
    const { goesOn, state, desk } = await deliver({
      turns: ['a', 'b'],
      answers: [pending('its root', { isTurns: true }), { kind: 'sent' }],
    });
    expect(goesOn).toEqual([true, true]);
    expect(state).toEqual(
      stateOf(20, { delivered: 1, turns: [entry({ status: 'retry', refusals: 0, failures: 0 })] }),
    );
    expect(desk.run.obstacle(DESK_DESTINATION)).toBeUndefined();
  });

  test('is counted each time the server fails over it, with what is known of it', async () => {
    const known = { client: 'an-editor', run: { tags: { job: '7' } }, total: 5 };
    const { goesOn, state } = await deliver({
      answers: [pending('500')],
      state: stateOf(0, { turns: [entry({ ...known, status: 'retry', failures: 1 })] }),
    });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(
      stateOf(10, {
        turns: [entry({ ...known, status: 'retry', refusals: 0, failures: 2 })],
        ...waiting('500'),
      }),
    );
  });

  test('gives way after three failures; three such turns in a pass are the server', async () => {
    const failing = ['a', 'b', 'c', 'd'].map((turnId, index) =>
      entry({ turnId, start: index * 10, status: 'retry', failures: 2 }),
    );
    const { goesOn, state, desk } = await deliver({
      turns: ['a', 'b', 'c', 'd'],
      answers: [pending('500')],
      state: stateOf(40, { turns: failing }),
    });
    expect(goesOn).toEqual([true, true, false]);
    expect(state.turns.map(({ failures }) => failures)).toEqual([2, 3, 3, 3]);
    expect(desk.run.obstacle(DESK_DESTINATION)).toEqual({ reason: '500', blocked: false });
  });

  test('in no time is a failure of its own only where it had the time for a turn', async () => {
    const none = await deliver({
      answers: [pending('timeout')],
      options: { deadlineMs: Date.now() + 5200, requestTimeoutMs: 60_000 },
    });
    expect(none.state.turns).toEqual([]);
    const whole = await deliver({ answers: [pending('timeout')] });
    expect(whole.state.turns).toEqual([entry({ status: 'retry', refusals: 0, failures: 1 })]);
  });
});

describe('a turn that the server refuses', () => {
  const refusal: ExportOutcome = { kind: 'rejected', status: 422, message: 'no' };

  test('is set aside with the answer when every form was refused, and the next one is tried', async () => {
    const { goesOn, state, reports, result, requests } = await deliver({
      turns: ['a', 'b'],
      answers: [refusal, refusal, refusal, { kind: 'sent' }],
    });
    expect(goesOn).toEqual([true, true]);
    expect(state).toEqual(
      stateOf(20, {
        delivered: 1,
        turns: [entry({ status: 'rejected', at: TIME, httpStatus: 422, message: 'no' })],
      }),
    );
    expect(result).toMatchObject({ sent: 1, rejected: 1 });
    expect(result).not.toHaveProperty('pending');
    expect(reports[0]).toEqual(report('rejected', '422'));
    // Uncompressed is no other form of what was not compressed.
    expect(requests.slice(0, 3).map(({ options }) => options.plain)).toEqual([undefined, true, true]);
  });

  test('and takes in a smaller form is sent, and what is left out is said', async () => {
    const { reports, state } = await deliver({ answers: [refusal, { kind: 'sent' }] });
    expect(state.delivered).toBe(1);
    expect(reports).toEqual([
      { ...report('sent', 'texts cut to 2 KiB each: the server refused the whole (422)'), isReduced: true },
    ]);
  });

  test('is not refused more often than five times in all', async () => {
    const turns = [entry({ status: 'retry', refusals: 4, failures: 0 })];
    const { requests, state } = await deliver({ answers: [refusal], state: stateOf(10, { turns }) });
    expect(requests).toHaveLength(1);
    expect(state.turns).toMatchObject([{ status: 'rejected' }]);
  });
});

describe('a turn that is not tried', () => {
  const skip = { kind: 'skip', outcome: 'untraced', detail: 'excluded' } as const;

  test.each([
    [{}, 0],
    [{ isImported: true as const }, 1],
  ])('because its folder is not traced is passed by: %j', async (part, imported) => {
    const { goesOn, state, result, requests, reports, saves } = await deliver({ route: skip, part });
    expect(goesOn).toEqual([true]);
    expect(state).toEqual(stateOf(10, { turns: [entry({ status: 'skipped' })] }));
    expect(result).toMatchObject({ imported, sent: 0 });
    expect([requests, reports, saves]).toEqual([[], [], 0]);
  });

  test.each([
    [{}, true],
    [{ passes: true as const }, false],
  ])(
    'because of its folder’s settings stays on the list, and the next is tried: %j',
    async (more, blocked) => {
      const known = entry({ client: 'an-editor', status: 'retry', failures: 1, refusals: 2 });
      const { goesOn, state, result, requests } = await deliver({
        turns: ['a', 'b'],
        route: { kind: 'problem', detail: 'broken', ...more },
        state: stateOf(0, { turns: [known] }),
      });
      expect(goesOn).toEqual([true, true]);
      expect(state).toEqual(
        stateOf(20, {
          turns: [{ ...known, status: 'enqueued' }, entry({ turnId: 'b', start: 10 })],
          ...waiting('broken', blocked),
        }),
      );
      expect(result.pending).toBe('broken');
      expect(requests).toEqual([]);
    },
  );

  test('because there is no time waits, and so do those after it', async () => {
    const { goesOn, state, kept, requests } = await deliver({ options: { deadlineMs: Date.now() } });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(stateOf(0, waiting('out of time')));
    expect(kept).toEqual(state);
    expect(requests).toEqual([]);
  });

  test('because the server is down says so, also where there is no time either', async () => {
    for (const deadlineMs of [Number.POSITIVE_INFINITY, Date.now()]) {
      const { state, requests } = await deliver({
        options: { deadlineMs },
        prepare: ({ run }) =>
          run.openCircuit(DESK_DESTINATION, { kind: 'pending', reason: 'ECONNREFUSED', blocked: false }),
      });
      expect(state).toEqual(stateOf(0, waiting('ECONNREFUSED')));
      expect(requests).toEqual([]);
    }
  });

  test('because nothing can be remembered waits for somebody', async () => {
    const { goesOn, state, kept, requests } = await deliver({ prepare: ({ store }) => (store.takes = 0) });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(stateOf(0, waiting('the state folder cannot be written', true)));
    expect([kept, requests]).toEqual([undefined, []]);
  });

  test('because the thread is another process’s by now waits', async () => {
    const { goesOn, state, requests } = await deliver({ prepare: ({ store }) => (store.ours = false) });
    expect(goesOn).toEqual([false]);
    expect(state).toEqual(stateOf(0, waiting('another process has the thread in hand')));
    expect(requests).toEqual([]);
  });

  test('because it is not of the share that is sent is passed by with the reason', async () => {
    const { goesOn, state, requests, reports, result } = await deliver({ owner: { sampleRatio: 0 } });
    expect(goesOn).toEqual([true]);
    const message = 'not of the share of traces that is sent (sampleRatio)';
    expect(state).toEqual(stateOf(10, { turns: [entry({ status: 'skipped', message })] }));
    expect([requests, reports]).toEqual([[], []]);
    expect(result.sent).toBe(0);
  });

  test('has nothing held back with it', async () => {
    const { run, pass } = await deliveryDesk();
    expect(await new TurnDelivery(run, pass).flush()).toBe(true);
  });
});

describe('what is known of a turn beside its recording', () => {
  const meta = (more: object = {}) =>
    ({ kind: 'session_meta', threadId: 't', timeMs: 1, originator: 'codex_exec', ...more }) as const;
  const outgoing = async (known: Partial<TurnEntry> | undefined, turn: PaperTurn = 'a') => {
    const { run, pass } = await deliveryDesk({
      state: { turns: known ? [entry(known)] : [] },
      options: { runContext: { tags: { of: 'the run' } } },
    });
    const [part] = await turnsOf(turn);
    return part && new TurnDelivery(run, pass).outgoing(part);
  };

  test('goes with it: who announced it, what its environment said, what the server has or has refused', async () => {
    const sentPart = { spans: 3, digest: 'd' };
    const tags = { job: '7' };
    const known = { client: 'an-editor', run: { tags }, refusals: 2, failures: 3, sentPart };
    expect(await outgoing(known, { turnId: 'a', meta: meta() })).toEqual({
      turn: paperContent('a'),
      meta: meta(),
      client: 'an-editor',
      run: { tags },
      refusals: 2,
      sentPart,
      once: true,
    });
  });

  test('is what the run and the recording say where nobody announced it', async () => {
    expect(await outgoing(undefined, { turnId: 'a', meta: meta() })).toEqual({
      turn: paperContent('a'),
      meta: meta(),
      client: 'codex_exec',
      run: { tags: { of: 'the run' } },
      refusals: 0,
      once: false,
    });
    expect(await outgoing({ failures: 2 })).toMatchObject({ client: undefined, once: false });
  });

  test.each([
    ['of a parent', { parentThreadId: 'p' }],
    ['of a kind', { subagent: 'review' }],
  ])('is no client where it is an agent’s, %s', async (_, more) => {
    expect((await outgoing(undefined, { turnId: 'a', meta: meta(more) }))?.client).toBeUndefined();
  });
});

describe('a turn that goes in several requests', () => {
  const [response] = paperContent('a').modelCalls;
  const modelCalls = Array.from({ length: 600 }, (_, index) => ({ ...response, key: `response ${index}` }));
  const large: PaperTurn = {
    turnId: 'a',
    assemble: () => paperContent('a', { modelCalls } as Partial<ReturnType<typeof paperContent>>),
  };
  const sentPart = { spans: 500, digest: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown as string };

  test('is one turn when it has arrived', async () => {
    const { state, requests, reports, saves } = await deliver({ turns: [large] });
    expect(requests.map(({ specs }) => specs.length)).toEqual([500, 101]);
    expect(state).toEqual(stateOf(10, { delivered: 1 }));
    expect(reports).toEqual([report('sent')]);
    // Before it, after the first part, and when it was there.
    expect(saves).toBe(3);
  });

  test('goes on later with what the server has not, and what was known of it', async () => {
    const turns = [entry({ status: 'retry', refusals: 1, failures: 2, client: 'an-editor' })];
    const { state, goesOn, desk } = await deliver({
      turns: [large],
      answers: [{ kind: 'sent' }, pending('503')],
      state: stateOf(0, { turns }),
    });
    expect(goesOn).toEqual([false]);
    const left = entry({ status: 'retry', refusals: 1, failures: 2, client: 'an-editor', sentPart });
    expect(state).toEqual(stateOf(10, { turns: [left], ...waiting('503') }));
    const delivery = new TurnDelivery(desk.run, desk.pass);
    const [turn] = await turnsOf(large);
    expect(turn && delivery.outgoing(turn)).toMatchObject({ sentPart: state.turns[0]?.sentPart });
  });

  test.each([
    ['what the server has cannot be remembered', { takes: 1 }],
    ['the thread is another’s by now', { ours: false }],
  ])('ends where %s', async (_, trouble) => {
    const desk = await deliveryDesk();
    const { sender, store, run, pass, route } = desk;
    const send = sender.send.bind(sender);
    sender.send = (...asked) => {
      Object.assign(store, trouble);
      return send(...asked);
    };
    const [turn] = await turnsOf(large);
    expect(turn && (await new TurnDelivery(run, pass).deliver(route, turn))).toBe(false);
    expect(sender.requests).toHaveLength(1);
    expect(pass.thread.turns).toEqual([entry({ status: 'retry', sentPart })]);
  });
});

describe('what became of a tool after its turn', () => {
  const tool = {
    id: 'call',
    name: 'shell',
    form: 'function' as const,
    startMs: 1_000_100,
    endMs: 1_000_200,
    children: [],
  };
  const part = { onlyItems: ['call'], start: 5, end: 6 };
  const turns: PaperTurn[] = [{ turnId: 'a', assemble: () => paperContent('a', { toolCalls: [tool] }) }];
  const late = entry({ start: 5, item: 'call' });

  test('is sent alone, counts as no turn, and is told without the turn’s id', async () => {
    const { state, result, reports, requests } = await deliver({
      turns,
      part,
      state: stateOf(10, { delivered: 1, turns: [late] }),
    });
    expect(requests.map(({ specs }) => specs.map(({ name }) => name))).toEqual([['shell']]);
    expect(state).toEqual(stateOf(10, { delivered: 1 }));
    expect(result).toMatchObject({ sent: 0, sinceMs: Number.POSITIVE_INFINITY });
    expect(reports).toEqual([
      {
        threadId: 't',
        at: { file: 't', start: 5 },
        outcome: 'sent',
        detail: 'a tool of turn a that outlived it',
        ms: MS,
      },
    ]);
  });

  test('that is not taken says so beside', async () => {
    const { reports } = await deliver({
      turns,
      part,
      answers: [pending('503')],
      state: stateOf(10, { turns: [late] }),
    });
    expect(reports).toMatchObject([{ detail: 'a tool of turn a that outlived it: 503' }]);
  });
});

describe('a turn that was shown while it went on', () => {
  const live = {
    threadId: 't',
    turnId: 'a',
    file: 't',
    start: 0,
    cwd: '/a',
    seenMs: 1,
    requests: 1,
    spans: 1,
    countsOnce: true,
    unclearMs: 5,
  };
  const recordAfter = async (scene: Scene) => {
    const desk = await deliveryDesk(scene);
    saveLiveRecord(desk.stateDir, live);
    const [turn] = await turnsOf('a');
    if (turn) await new TurnDelivery(desk.run, desk.pass).deliver(desk.route, { ...turn, ...scene.part });
    const record = liveRecordOf(desk.stateDir, live);
    desk.clear();
    return record;
  };

  test('is noted as sent whole, with what no recording tells', async () => {
    const run = { tags: { job: '7' } };
    const turns = [entry({ client: 'an-editor', run })];
    const record = await recordAfter({ state: { turns } });
    expect(record).toEqual({ ...live, whole: { atMs: MS, client: 'an-editor', run } });
  });

  test('is not where the server did not take it, or took a tool of it alone', async () => {
    expect(await recordAfter({ answers: [pending('503')] })).toEqual(live);
    expect(await recordAfter({ part: { onlyItems: ['call'] } })).toEqual(live);
  });
});
