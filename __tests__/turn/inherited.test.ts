import { describe, expect, test } from '@jest/globals';
import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';

/** The files of forks, by the line: what is copied from the parent is no turn of the fork. */
const began = Date.parse('2026-11-25T02:00:00.000Z');

function line(ms: number, type: string, payload: object): string {
  return JSON.stringify({ timestamp: new Date(began + ms).toISOString(), type, payload });
}
const typed = (ms: number, message: string) => line(ms, 'event_msg', { type: 'user_message', message });
const said = (ms: number, text: string) =>
  line(ms, 'response_item', { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });

function inheritedOf(...lines: string[]): boolean[] {
  return splitTurns(lines.map(parseRolloutLine)).segments.map(({ inherited }) => inherited);
}

describe('a fork of a Codex without turn ids (0.80)', () => {
  const heads = [line(0, 'session_meta', { id: 'fork' }), line(0, 'session_meta', { id: 'parent' })];

  test('has copied what was written in one go with its beginning', () => {
    expect(
      inheritedOf(
        ...heads,
        typed(1, 'one'),
        said(2, 'a'),
        typed(5, 'two'),
        said(19, 'b'),
        // The fork's own: a person needs seconds, a model a good part of one.
        typed(4000, 'three'),
        said(5200, 'c'),
        typed(9000, 'four'),
        said(9001, 'd'),
      ),
    ).toEqual([true, true, false, false]);
  });

  test('leaves the last copied turn a copy where a turn of its own begins after the pause', () => {
    const prompt = line(4000, 'response_item', { type: 'message', role: 'user', content: [] });
    expect(
      inheritedOf(...heads, typed(1, 'one'), said(2, 'a'), prompt, typed(4001, 'two'), said(5200, 'b')),
    ).toEqual([true, false]);
  });

  test('owns its first turn even where that begins at once, by the time its answer takes', () => {
    expect(inheritedOf(...heads, typed(1, 'one'), said(2, 'a'), typed(9, 'two'), said(240, 'b'))).toEqual([
      true,
      false,
    ]);
  });

  test('that has had no turn yet owns none', () => {
    expect(inheritedOf(...heads, typed(1, 'one'), said(2, 'a'))).toEqual([true]);
  });
});

test('a thread of its own has copied nothing, however fast its model answers', () => {
  expect(inheritedOf(line(0, 'session_meta', { id: 'own' }), typed(1, 'one'), said(2, 'a'))).toEqual([false]);
});

describe('a fork of a Codex with turn ids', () => {
  const id = (ms: number, tail: string) => {
    const hex = (began + ms).toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-00000000000${tail}`;
  };
  const turn = (ms: number, turnId: string) => [
    line(ms, 'event_msg', { type: 'task_started', turn_id: turnId }),
    typed(ms, 'x'),
    said(ms, 'y'),
    line(ms, 'event_msg', { type: 'task_complete', turn_id: turnId, last_agent_message: 'y' }),
  ];
  const parent = id(-90_000, '1');
  const fork = id(0, '2');

  test('has copied the turns that are older than itself, whenever their lines were written', () => {
    expect(
      inheritedOf(
        line(0, 'session_meta', { id: fork, forked_from_id: parent }),
        line(0, 'session_meta', { id: parent }),
        ...turn(0, id(-80_000, '3')),
        ...turn(400, id(-40_000, '4')),
        ...turn(401, id(0, '5')),
        ...turn(900, id(900, '6')),
      ),
    ).toEqual([true, true, false, false]);
  });

  test('resumed later owns what it did since', () => {
    expect(
      inheritedOf(
        line(0, 'session_meta', { id: fork, forked_from_id: parent }),
        ...turn(86_400_000, id(86_400_000, '7')),
      ),
    ).toEqual([false]);
  });
});
