import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import { sha256 } from '../../src/platform/sha256.js';
import { buildSpans, identityOf } from '../../src/spans/build-spans.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import { brokenInvariants } from './invariants.js';
import { openPolicy, recordings } from './recordings.js';

/** The lines of every rollout, without those of huge outputs: what is fuzzed is their course. */
const files = recordings()
  .filter(({ scenario }) => scenario !== 'long-output')
  .flatMap(({ rollouts }) => rollouts)
  .map((file) => readFileSync(file, 'utf8').trimEnd().split('\n'));

/** What can happen to a file: each takes lines and two numbers, and gives other lines. */
const mutations: { [name: string]: (lines: string[], at: number, other: number) => string[] } = {
  drop: (lines, at) => spliced(lines, at, 1),
  'drop many': (lines, at, other) => spliced(lines, at, other % 12),
  duplicate: (lines, at) => spliced(lines, at, 0, lines[at] ?? ''),
  'repeat elsewhere': (lines, at, other) => spliced(lines, other, 0, lines[at] ?? ''),
  'swap neighbours': (lines, at) => spliced(lines, at, 2, lines[at + 1] ?? '', lines[at] ?? ''),
  'truncate the file': (lines, at) => lines.slice(0, at + 1),
  'lose the beginning': (lines, at) => lines.slice(at),
  'truncate a line': (lines, at, other) =>
    spliced(lines, at, 1, (lines[at] ?? '').slice(0, other % (lines[at]?.length || 1))),
  'swap types': (lines, at, other) => spliced(lines, at, 1, retyped(lines[at] ?? '', lines[other] ?? '')),
  'swap payloads': (lines, at, other) =>
    spliced(lines, at, 1, withPayloadOf(lines[at] ?? '', lines[other] ?? '')),
  'nonsense in a field': (lines, at, other) => spliced(lines, at, 1, spoiled(lines[at] ?? '', other)),
  'no time': (lines, at) =>
    spliced(lines, at, 1, (lines[at] ?? '').replace(/"timestamp":"[^"]*"/, '"timestamp":"never"')),
  'another time': (lines, at, other) =>
    spliced(
      lines,
      at,
      1,
      (lines[at] ?? '').replace(/(T\d\d):(\d\d)/, `$1:${String(other % 60).padStart(2, '0')}`),
    ),
  garbage: (lines, at) => spliced(lines, at, 0, '}{ no json \u0000\uffff'),
  'zero bytes': (lines, at, other) => spliced(lines, at, 1, '\u0000'.repeat(other)),
  'lines of another file': (lines, at, other) => {
    const more = files[other % files.length] ?? [];
    return spliced(lines, at, 0, ...more.slice(other % more.length, (other % more.length) + 8));
  },
};

const mutation = fc.record({
  name: fc.constantFrom(...Object.keys(mutations)),
  at: fc.nat(200),
  other: fc.nat(200),
});

describe('recordings that were damaged', () => {
  test('give spans that keep the invariants, and never an exception', () => {
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (file, damages) => {
          const lines = damages.reduce(damaged, files[file] ?? []);
          for (const spans of spansOf(lines)) expect(brokenInvariants(spans)).toEqual([]);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('give the same spans each time', () => {
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.array(mutation, { maxLength: 3 }), (file, damages) => {
        const lines = damages.reduce(damaged, files[file] ?? []);
        expect(spansOf(lines)).toEqual(spansOf(lines));
      }),
      { numRuns: 100 },
    );
  });

  test('are told of: a line that is no JSON is counted', () => {
    const lines = files[0] ?? [];
    const spans = spansOf([...lines.slice(0, -1), 'no json', ...lines.slice(-1)]);
    expect(spans[0]?.[0]?.attributes['codex.lines.skipped']).toBe(1);
  });

  test('any line of any text is an event', () => {
    const line = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.json().map(asLine));
    fc.assert(
      fc.property(line, (text) => {
        expect(parseRolloutLine(text)).toHaveProperty('kind');
      }),
      { numRuns: 1000 },
    );
  });
});

function spansOf(lines: readonly string[]): SpanSpec[][] {
  const { meta, segments } = splitTurns(lines.filter((line) => line !== '').map(parseRolloutLine));
  return segments.map((segment) => {
    const turn = assembleTurn(segment, meta);
    const options = { userId: 'dev', tags: {} };
    return buildSpans(turn, meta, { root: identityOf(turn) }, options, openPolicy, sha256);
  });
}

function damaged(
  lines: string[],
  { name, at, other }: { name: string; at: number; other: number },
): string[] {
  if (lines.length === 0) return lines;
  return mutations[name]?.(lines, at % lines.length, other % lines.length) ?? lines;
}

/** `toSpliced`, which Node 18 has not. */
function spliced(lines: readonly string[], at: number, count: number, ...added: string[]): string[] {
  return [...lines.slice(0, at), ...added, ...lines.slice(at + count)];
}

function retyped(line: string, other: string): string {
  const [a, b] = [object(line), object(other)];
  if (!a || !b) return line;
  const payload = { ...a['payload'], type: b['payload']?.type };
  return JSON.stringify({ ...a, type: b['type'], payload });
}

function withPayloadOf(line: string, other: string): string {
  const [a, b] = [object(line), object(other)];
  return a && b ? JSON.stringify({ ...a, payload: b['payload'] }) : line;
}

/** One field of the payload, or of the item in it, becomes something else. */
function spoiled(line: string, seed: number): string {
  const json = object(line);
  const holder = json?.['payload']?.item ?? json?.['payload'];
  if (!json || !holder) return line;
  const keys = Object.keys(holder);
  const nonsense = [null, [], {}, '', 'x', -1, 1e300, true, [null], { type: 'x' }, [['x']], '{"a":'];
  holder[keys[seed % keys.length] ?? 'none'] = nonsense[seed % nonsense.length];
  return JSON.stringify(json);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a line holds
function object(line: string): { [key: string]: any } | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function asLine(json: string): string {
  return JSON.stringify({
    timestamp: '2026-11-25T02:00:00.000Z',
    type: 'response_item',
    payload: { type: 'message', content: JSON.parse(json), role: 'user' },
  });
}
