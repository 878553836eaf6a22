import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { withWhatCameBefore } from '../../../src/codex/reading/before-turn.js';
import { hasTurnEnded, isBetweenTurns, readFirstLine } from '../../../src/codex/reading/read-turns.js';
import type { TurnSegment } from '../../../src/codex/segments/turn-segment.js';

let base: string;
let file: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
  file = path.join(base, 'rollout.jsonl');
});
afterEach(() => rmSync(base, { recursive: true }));

const line = (type: string, payload: object) =>
  `${JSON.stringify({ timestamp: '2026-11-25T00:00:00Z', type, payload })}\n`;
const told = (type: string, turnId?: string, more: object = {}) =>
  line('event_msg', { type, ...(turnId && { turn_id: turnId }), ...more });
const begun = (turnId: string) => told('task_started', turnId);
const item = (turnId: string) => told('item_completed', turnId, { item: { type: 'WebSearch', id: 'i' } });
const settings = (tier: string) =>
  told('thread_settings_applied', undefined, { thread_settings: { service_tier: tier } });
const tools = (name: string) => line('response_item', { type: 'additional_tools', tools: [{ name }] });
const context = line('turn_context', {});

test.each([
  ['its end line', begun('a') + told('task_complete', 'a'), true],
  ['the line of an interrupt', begun('a') + told('turn_aborted', 'a'), true],
  ['a command that was cut off, after its end', begun('a') + told('turn_aborted', 'a') + item('a'), true],
  ['the end of another turn', begun('a') + told('task_complete', 'b'), false],
  ['lines of another turn after its end', told('task_complete', 'a') + begun('b') + item('b'), true],
  ['its beginning alone', begun('a'), false],
  [
    'a line of its own after its end',
    told('task_complete', 'a') + told('error', 'a', { message: 'x' }),
    false,
  ],
  ['nothing of it', begun('b'), false],
  ['nothing', '', false],
])('a turn has ended in a file with %s', async (_, text, is) => {
  writeFileSync(file, text);
  expect(await hasTurnEnded(file, 'a')).toBe(is);
});

describe('between two places of a recording', () => {
  const between = async (text: string, to = text.length, after = begun('z')) => {
    writeFileSync(file, `{}\n${text}${after}`);
    return isBetweenTurns(file, 3, 3 + to);
  };

  test.each([
    ['settings', settings('x'), true],
    ['nothing', '', true],
    ['a turn’s beginning', settings('x') + begun('a'), false],
    ['a prompt', told('user_message', undefined, { message: 'do' }), false],
    ['what became of a tool of a turn before', item('a'), false],
  ])('there stands nothing of a turn’s where there stands %s', async (_, text, is) => {
    expect(await between(text)).toBe(is);
  });

  test('nothing is said where the second comes first, or is not there, or lies more than 1 MiB on', async () => {
    expect(await between(settings('x'), -1)).toBe(false);
    expect(await between(settings('x'), 5000, '')).toBe(false);
    const long = (bytes: number) => `${' '.repeat(bytes - 1)}\n`;
    expect(await between(long(1024 * 1024))).toBe(true);
    expect(await between(long(1024 * 1024 + 1))).toBe(false);
  });
});

test('the first line of a recording tells of its thread, or nothing does', async () => {
  writeFileSync(file, line('session_meta', { id: 't' }) + begun('a'));
  expect(await readFirstLine(file)).toMatchObject({ kind: 'session_meta', threadId: 't' });
  writeFileSync(file, begun('a') + line('session_meta', { id: 't' }));
  expect(await readFirstLine(file)).toBeUndefined();
  writeFileSync(file, '');
  expect(await readFirstLine(file)).toBeUndefined();
});

describe('a turn that was read without what comes before it', () => {
  const modern = { kind: 'task_started', timeMs: 0, rootTurnId: 'r' } as RolloutEvent;
  const event = (kind: string) => ({ kind, timeMs: 0, tools: [] }) as unknown as RolloutEvent;
  const segment = (before: string, more: object = {}) =>
    ({ startOffset: before.length, events: [modern], ...more }) as unknown as TurnSegment;
  const completed = async (before: string, more: object = {}) => {
    writeFileSync(file, before + begun('a') + settings('later') + tools('later'));
    const { settings: found, tools: given } = await withWhatCameBefore(file, segment(before, more));
    return [found?.serviceTier, given?.tools];
  };
  const before = tools('one') + tools('two') + settings('old') + settings('new') + context;

  test('has the last settings before it, and the first tools of the thread', async () => {
    expect(await completed(before)).toEqual(['new', [{ name: 'one' }]]);
    expect(await completed(context + tools('one'))).toEqual([undefined, undefined]);
    expect(await completed(context)).toEqual([undefined, undefined]);
    expect(await completed(before, { events: [event('token_usage_record')] })).toEqual([
      'new',
      [{ name: 'one' }],
    ]);
  });

  test('keeps what it has', async () => {
    const own = { settings: { serviceTier: 'own' }, tools: { tools: ['own'] } };
    expect(await completed(before, { settings: own.settings })).toEqual(['own', [{ name: 'one' }]]);
    expect(await completed(before, { tools: own.tools })).toEqual(['new', ['own']]);
    const both = segment(before, own);
    expect(await withWhatCameBefore('/none', both)).toBe(both);
  });

  test('needs none of it where its own lines tell, up to its end', async () => {
    expect(await completed(before, { events: [modern, event('thread_settings')] })).toEqual([
      undefined,
      [{ name: 'one' }],
    ]);
    expect(await completed(before, { events: [modern, event('additional_tools')] })).toEqual([
      'new',
      undefined,
    ]);
    for (const end of ['task_complete', 'turn_aborted'])
      expect(
        await completed(before, {
          events: [modern, event(end), event('thread_settings'), event('additional_tools')],
        }),
      ).toEqual(['new', [{ name: 'one' }]]);
  });

  test.each([
    ['it begins its file', { startOffset: 0 }],
    ['its Codex tells no such thing', { events: [{ kind: 'task_started', timeMs: 0 }] }],
  ])('is left as it is where %s', async (_, more) => {
    const whole = segment(before, more);
    expect(await withWhatCameBefore('/none', whole)).toBe(whole);
  });

  test('is left as it is in a compressed file', async () => {
    const whole = segment(before);
    expect(await withWhatCameBefore('/none.zst', whole)).toBe(whole);
  });
});
