import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import type { RunningTurn } from '../../../src/codex/reading/running-turn.js';
import { LIVE_PACE } from '../../../src/delivery/live/live-pace.js';
import { LiveTurn } from '../../../src/delivery/live/live-turn.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { removeFolder } from '../../support/remove-folder.js';

const THREAD = '01a21080-0000-7000-8000-000000000001';
const SEGMENT = '01a21081-0000-7000-8000-000000000002';
const START_MS = 1_795_573_000_000;

/** A turn as its recording tells of it; begun at byte 70, 100 bytes long so far. */
type Told = { -readonly [Key in keyof RunningTurn]?: unknown };
const told = (more: Told = {}): Told => ({
  path: `/sessions/rollout-2026-11-25T00-00-00-${THREAD}.jsonl`,
  meta: { threadId: THREAD },
  turnId: 'u',
  start: 70,
  startMs: START_MS,
  bytes: 100,
  isOver: false,
  segment: undefined,
  ...more,
});
const liveTurn = (running: Told = told()) => new LiveTurn(running as unknown as RunningTurn);

describe('a running turn', () => {
  test.each([
    ['its first line', told(), THREAD, THREAD],
    ['its file’s name', told({ meta: undefined }), THREAD, THREAD],
    [
      'the name of a file after a rewind',
      told({ path: `/s/rollout-2026-11-25T00-00-00-${THREAD}_${SEGMENT}.jsonl`, meta: undefined }),
      THREAD,
      SEGMENT,
    ],
    ['its first line alone', told({ path: '/s/notes', meta: { threadId: 't' } }), 't', 't'],
    ['nothing', told({ path: '/s/notes', meta: undefined }), '', ''],
  ])('is of a thread by %s', (_, running, threadId, file) => {
    const live = liveTurn(running);
    expect([live.threadId, live.at, live.turnId]).toStrictEqual([threadId, { file, start: 70 }, 'u']);
  });

  test('is not shown at first', () => {
    const { requests, spans, tries, isRouted } = liveTurn();
    expect({ requests, spans, tries, isRouted }).toStrictEqual({
      requests: 0,
      spans: 0,
      tries: 0,
      isRouted: false,
    });
  });

  test('of which nothing is written is no turn yet', () => {
    expect(liveTurn().assemble()).toBeUndefined();
  });
});

describe('a turn is due', () => {
  const { firstMs, heartbeatMs } = LIVE_PACE;
  const isDue = (live: LiveTurn, afterMs: number) => live.isDue(START_MS + afterMs, LIVE_PACE);

  test('ten seconds after it began, also by a clock that was put back', () => {
    const live = liveTurn();
    expect([firstMs - 1, firstMs, -firstMs, 1 - firstMs].map((ms) => isDue(live, ms))).toStrictEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test.each<[string, Partial<LiveTurn>, Told]>([
    ['it is not to be shown any more', { stopped: '503' }, {}],
    ['it was seen to be over', { overMs: 1 }, {}],
    ['its end is written', {}, { isOver: true }],
  ])('no more once %s', (_, live, running) => {
    expect(isDue(Object.assign(liveTurn(told(running)), live), firstMs)).toBe(false);
  });

  test('again once more is written, or there is more than went, or it was silent for a minute', () => {
    const running = told();
    const live = liveTurn(running);
    live.noteSent([], false, START_MS + 20_000);
    expect([isDue(live, 20_000), isDue(live, 20_000 + heartbeatMs - 1)]).toStrictEqual([false, false]);
    expect(isDue(live, 20_000 + heartbeatMs)).toBe(true);
    running.bytes = 101;
    expect(isDue(live, 20_000)).toBe(true);
    live.noteSent([], true, START_MS + 20_000);
    expect(isDue(live, 20_000)).toBe(true);
  });
});

describe('what was taken of a turn', () => {
  test('is remembered span by span', () => {
    const live = liveTurn();
    live.noteSent(['a', 'b'], false, 1);
    live.noteSent(['b', 'c'], false, 2);
    expect([...live.sent]).toStrictEqual(['a', 'b', 'c']);
  });

  test('may be less than there is, as long as it is shown and goes on', () => {
    const live = liveTurn();
    expect(live.hasMore).toBe(false);
    live.noteSent([], true, 1);
    expect(live.hasMore).toBe(true);
    for (const more of [{ stopped: '503' }, { overMs: 1 }]) {
      const ended = Object.assign(liveTurn(), more);
      ended.noteSent([], true, 1);
      expect(ended.hasMore).toBe(false);
    }
    live.noteSent([], false, 2);
    expect(live.hasMore).toBe(false);
  });
});

describe('the log', () => {
  let stateDir: string;
  beforeEach(async () => {
    stateDir = await makeTemporaryFolder();
  });
  afterEach(() => removeFolder(stateDir));
  const line = (more: object) => ({
    time: expect.any(String),
    thread: THREAD,
    turn: 'u',
    outcome: 'live',
    ...more,
  });

  test('has one line for all that was sent of a turn', () => {
    const live = liveTurn();
    live.log(stateDir);
    live.noteRequest(4, 30);
    live.noteRequest(3, 12);
    live.log(stateDir);
    live.log(stateDir);
    expect(readLog(stateDir)).toStrictEqual([line({ ms: 42, detail: '2 requests, 7 spans' })]);
    expect([live.requests, live.spans]).toStrictEqual([2, 7]);
  });

  test('says why a turn is not shown any more', () => {
    const live = liveTurn();
    live.noteRequest(4, 30);
    live.stopped = '503';
    live.log(stateDir);
    expect(readLog(stateDir)).toStrictEqual([line({ ms: 30, detail: '1 requests, 4 spans, stopped: 503' })]);
  });
});
