import { describe, expect, test } from '@jest/globals';
import { cutOf, shareOf } from '../../../src/codex/lines/kept-text.js';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { ToolTexts } from '../../../src/codex/segments/tool-texts.js';
import { readTextOutcome } from '../../../src/turn/tools/tool-outcome.js';

const call = (n: number, input: unknown, form: 'function' | 'custom' = 'function'): RolloutEvent => ({
  kind: 'tool_call',
  timeMs: n,
  callId: `call_${n}`,
  name: 'exec_command',
  form,
  input,
});
const output = (n: number, text: string): RolloutEvent => ({
  kind: 'tool_output',
  timeMs: n,
  callId: `call_${n}`,
  content: [{ type: 'text', text }],
});
const item = (n: number, text: string): RolloutEvent => ({
  kind: 'tool_item',
  timeMs: n,
  id: `call_${n}`,
  name: 'exec_command',
  input: { command: ['sh', '-c', text] },
  output: { output: text },
});

/** As after so many calls of the turn. */
function havingSeen(calls: number): ToolTexts {
  const texts = new ToolTexts();
  for (let n = 0; n < calls; n++) texts.keep(call(n, '{}'));
  return texts;
}

const LONG = `begin ${'€ and words '.repeat(10_000)} end`;

describe('the texts of a turn’s tools, as its lines are read', () => {
  test('are whole while the turn is small', () => {
    const events = [call(1, LONG), item(1, LONG), output(1, LONG)];
    const texts = new ToolTexts();
    expect(events.map((event) => texts.keep(event))).toEqual(events);
  });

  test('keep their two sides once their share is smaller, and say how many bytes are gone', () => {
    const kept = havingSeen(4000).keep(output(1, LONG));
    const [part] = kept.kind === 'tool_output' ? kept.content : [];
    const cut = cutOf(part?.type === 'text' ? part.text : '');
    expect(cut?.head).toMatch(/^begin €/);
    expect(cut?.tail).toMatch(/ end$/);
    const left = Buffer.byteLength(cut?.head ?? '') + Buffer.byteLength(cut?.tail ?? '');
    expect(left + (cut?.cutBytes ?? 0)).toBe(Buffer.byteLength(LONG));
    expect(left).toBeGreaterThan(shareOf(4001));
    expect(left).toBeLessThan(3 * (shareOf(4001) + 5000));
  });

  test.each(['\\', '"', '\u0001', 'ab\n', '\\\\"', 'w\u0001'])(
    'stay JSON where they are: an exit code behind %j is found in what an old Codex wrapped',
    (said) => {
      for (const shift of ['', 'x', 'xy', 'xyz', 'wxyz', 'vwxyz']) {
        const long = shift + said.repeat(10_000);
        const raw = JSON.stringify({ output: long, metadata: { exit_code: 3 } });
        const again = havingSeen(4000).keep(havingSeen(1500).keep(output(1, raw)));
        for (const kept of [havingSeen(4000).keep(output(1, raw)), again]) {
          const [part] = kept.kind === 'tool_output' ? kept.content : [];
          const text = part?.type === 'text' ? part.text : '';
          expect(text.length).toBeLessThan(5000);
          expect(readTextOutcome(text)).toMatchObject({ exitCode: 3 });
        }
      }
    },
  );

  test('are cut again, where they were cut before, with all that is gone in one number', () => {
    const once = havingSeen(1000).keep(item(1, LONG));
    const twice = havingSeen(4000).keep(once);
    const direct = havingSeen(4000).keep(item(1, LONG));
    expect(twice).toEqual(direct);
    expect(JSON.stringify(twice).length).toBeLessThan(JSON.stringify(once).length);
  });

  test('that were kept while the turn was small are cut again once it is large', () => {
    const texts = new ToolTexts();
    let kept = [texts.keep(output(0, LONG))];
    for (let n = 1; n < 4000; n++) {
      texts.keep(call(n, '{}'));
      const cut = texts.toCutAgain();
      if (cut) kept = kept.map(cut);
    }
    expect(JSON.stringify(kept).length).toBeLessThan(2 * shareOf(4000) + 5000);
  });

  test('of arguments that are JSON stay JSON', () => {
    const kept = havingSeen(4000).keep(call(1, JSON.stringify({ cmd: LONG, workdir: '/tmp' })));
    const input = kept.kind === 'tool_call' ? JSON.parse(String(kept.input)) : undefined;
    expect(Object.keys(input)).toEqual(['cmd', 'workdir']);
    expect(cutOf(input.cmd)).toBeDefined();
    expect(input.workdir).toBe('/tmp');
  });

  test('of a patch or a script are cut as they are', () => {
    const kept = havingSeen(4000).keep(call(1, LONG, 'custom'));
    expect(cutOf(kept.kind === 'tool_call' ? String(kept.input) : '')).toBeDefined();
  });

  test('have never less than what is sent of them when all calls are known', () => {
    const texts = new ToolTexts();
    const lengths = Array.from({ length: 3000 }, (_, n) => {
      texts.keep(call(n, '{}'));
      const kept = texts.keep(output(n, 'x'.repeat(60_000)));
      return JSON.stringify(kept).length;
    });
    expect(Math.min(...lengths)).toBeGreaterThan(shareOf(1 + 3000));
    expect(Math.max(...lengths.slice(2000))).toBeLessThan(Math.min(...lengths.slice(0, 200)));
  });
});

test('what is short stays the very same, whatever blanks are in it', () => {
  const texts = havingSeen(4000);
  for (const event of [call(1, '{ "a" : 1 }'), call(1, { a: ['b'] }), output(1, 'x'), item(1, 'x')])
    expect(texts.keep(event)).toBe(event);
});

test.each([
  ['a list as JSON', JSON.stringify([LONG])],
  ['no JSON', `{${LONG}`],
])('arguments that are %s are cut as a text is', (_, input) => {
  const kept = havingSeen(4000).keep(call(1, input));
  const cut = cutOf(kept.kind === 'tool_call' ? String(kept.input) : '');
  expect([cut?.head.slice(0, 9), cut?.tail.at(-1)]).toEqual([input.slice(0, 9), input.at(-1)]);
});

test('arguments that are an object keep their short parts, and lists their places', () => {
  const kept = havingSeen(4000).keep(call(1, { short: 1, list: ['a', LONG, null], none: null }));
  const input = kept.kind === 'tool_call' ? (kept.input as { list: string[] }) : undefined;
  expect(input).toEqual({ short: 1, list: ['a', expect.any(String), null], none: null });
  expect(cutOf(input?.list[1] ?? '')).toBeDefined();
});

test('a text that only looks cut is a whole one', () => {
  expect(cutOf('a program printed \u0090 and no more')).toBeUndefined();
});
