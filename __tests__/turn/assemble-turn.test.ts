import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent, SessionMeta } from '../../src/codex/lines/rollout-event.js';
import type { TurnSegment } from '../../src/codex/segments/turn-segment.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';

const event = (kind: string, timeMs: number, more: object = {}) =>
  ({ kind, timeMs, ...more }) as unknown as RolloutEvent;
const words = (text: string) => [{ type: 'text', text }];
const prompt = (timeMs: number) => event('user_message', timeMs, { content: words('do it') });
const said = (timeMs: number) => event('message', timeMs, { role: 'assistant', content: words('done') });
const meta = (more: Partial<SessionMeta> = {}): SessionMeta => ({
  kind: 'session_meta',
  timeMs: 3,
  threadId: 't',
  ...more,
});
const reasoning = (timeMs: number) => event('reasoning', timeMs, { text: [] });
/** An id that was made at this time (ms). */
const idOf = (ms: number) => `00000000-${ms.toString(16).padStart(4, '0')}-7000-8000-000000000000`;

const turnOf = (events: RolloutEvent[], segment: Partial<TurnSegment> = {}, first = meta()) =>
  assembleTurn(
    {
      startOffset: 0,
      endOffset: 0,
      events,
      started: true,
      ended: true,
      inherited: false,
      imported: false,
      foreignTurnIds: [],
      ...segment,
    },
    first,
  );

describe('the time of a turn', () => {
  const time = (...turn: Parameters<typeof turnOf>) => {
    const { startMs, endMs } = turnOf(...turn);
    return [startMs, endMs];
  };
  const untold = Number.NaN;

  test('goes from its first line to its end line, else to its latest line', () => {
    const begun = event('task_started', 10);
    expect(time([begun, prompt(20), event('task_complete', 90), said(95)])).toEqual([10, 90]);
    expect(time([begun, prompt(20), said(80), reasoning(70)])).toEqual([10, 80]);
    expect(time([begun, event('task_complete', 5)])).toEqual([10, 10]);
    expect(time([begun, event('turn_aborted', 40)])).toEqual([10, 40]);
  });

  test.each(['user_message', 'review_mode', 'turn_context'])(
    'begins without a start line at the first %s',
    (kind) => {
      const first = event(kind, 20, { content: [], phase: 'exited' });
      expect(time([event('compacted', 10), first, said(30)], { started: false })[0]).toBe(20);
    },
  );

  test('begins without either at its first line', () => {
    expect(time([said(30), reasoning(20)], { started: false })[0]).toBe(30);
  });

  test('is that of the lines which tell one', () => {
    expect(time([event('task_started', untold), said(50), reasoning(40)])).toEqual([40, 50]);
    expect(time([event('task_started', 10), said(50), event('task_complete', untold)])).toEqual([10, 50]);
  });

  test('is that in the ids where no line tells one', () => {
    const lines = [event('task_started', untold), said(untold)];
    const thread = { threadId: idOf(700), startedMs: 600 };
    const startOf = (turnId: string | undefined, first: SessionMeta) =>
      turnOf(lines, turnId === undefined ? {} : { turnId }, first).modelCalls[0]?.startMs;
    expect(startOf(idOf(500), meta(thread))).toBe(500);
    expect(startOf(undefined, meta(thread))).toBe(600);
    expect(startOf(undefined, meta({ threadId: idOf(700) }))).toBe(700);
  });
});

describe('a turn', () => {
  test('has the model and effort it began with, and the folder and permissions it ended with', () => {
    const context = (more: object) => event('turn_context', 10, more);
    const lines = [
      context({ model: 'a', effort: 'low', cwd: '/a', approvalPolicy: 'never', sandboxMode: 'x' }),
      context({ model: 'b', effort: 'high', cwd: '/b', approvalPolicy: 'on-request', sandboxMode: 'y' }),
    ];
    expect(turnOf(lines)).toMatchObject({
      model: 'a',
      effort: 'low',
      cwd: '/b',
      approvalPolicy: 'on-request',
      sandboxMode: 'y',
    });
    expect(turnOf([context({})], {}, meta({ cwd: '/m' })).cwd).toBe('/m');
  });

  test('of an agent names the turns that it belongs to', () => {
    const begun = event('task_started', 10, { parentTurnId: 'p', rootTurnId: 'r' });
    expect(turnOf([begun])).toMatchObject({ parentTurnId: 'p', rootTurnId: 'r' });
    for (const key of ['parentTurnId', 'rootTurnId', 'turnId', 'imported', 'abortReason', 'answer'])
      expect(turnOf([event('task_started', 10)])).not.toHaveProperty(key);
  });

  test('counts the lines that could not be read, or tell no time', () => {
    const lines = [event('task_started', 10), event('skipped', 20), said(Number.NaN), said(30)];
    expect(turnOf(lines).skippedLines).toBe(2);
  });

  test('that was interrupted says why', () => {
    const lines = [event('task_started', 10), event('turn_aborted', 20, { reason: 'replaced' })];
    expect(turnOf(lines)).toMatchObject({ outcome: 'interrupted', abortReason: 'replaced' });
  });

  test('has the time to the first token from its start', () => {
    const lines = (ms: number) => [
      event('task_started', 10),
      prompt(20),
      said(80),
      event('task_complete', 90, { timeToFirstTokenMs: ms }),
    ];
    expect(turnOf(lines(30)).modelCalls).toMatchObject([{ startMs: 20, timeToFirstTokenMs: 20 }]);
    expect(turnOf(lines(500)).modelCalls[0]).not.toHaveProperty('timeToFirstTokenMs');
  });

  test('of an imported session is quoted: no model was called', () => {
    const turn = turnOf([prompt(10), said(20)], { imported: true, started: false });
    expect(turn).toMatchObject({ imported: true, modelCalls: [], answer: 'done' });
  });

  test('of a request that was cut off has it, with the model of the last settings', () => {
    const lines = [
      event('task_started', 10),
      event('turn_context', 11, { model: 'a' }),
      event('turn_context', 12, { model: 'b' }),
      prompt(20),
      event('turn_aborted', 60),
    ];
    expect(turnOf(lines).modelCalls).toMatchObject([{ outcome: 'cut', startMs: 20, endMs: 60, model: 'b' }]);
  });
});
