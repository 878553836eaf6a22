import { describe, expect, test } from '@jest/globals';
import { liveTurnJson, liveTurnLine, turnTeller } from '../../../src/commands/watch/render-live.js';
import type { LiveTurn } from '../../../src/delivery/live/live-turn.js';

/** What a watcher knows of a turn. */
function turn(known: Partial<LiveTurn> = {}): LiveTurn {
  return { threadId: 'T', turnId: 'U', spans: 0, requests: 0, ...known } as LiveTurn;
}

describe('a turn that is followed', () => {
  test.each<[Partial<LiveTurn>, string]>([
    [{}, '0 spans in 0 requests'],
    [{ spans: 1, requests: 1 }, '1 span in 1 request'],
    [{ spans: 4, requests: 2 }, '4 spans in 2 requests'],
    [{ spans: 4, requests: 1, link: 'http://h/#/t' }, '4 spans in 1 request, http://h/#/t'],
    [{ notShown: 'live is switched off' }, 'not shown: live is switched off'],
    [
      { spans: 4, requests: 1, stopped: '503', link: 'l', notShown: 'n' },
      'nothing more is shown until it is over (503)',
    ],
    [{ overMs: 0, stopped: '503' }, 'over'],
    [{ overMs: 7, spans: 1, requests: 1, link: 'l' }, 'over; shown with 1 span in 1 request, and sent whole'],
    [{ overMs: 7, spans: 9, requests: 2 }, 'over; shown with 9 spans in 2 requests, and sent whole'],
  ])('%j is told as: %s', (known, told) => {
    expect(liveTurnLine(turn(known))).toBe(`turn U: ${told}`);
  });

  test('is in a document with all that is known of it', () => {
    const shown = { spans: 4, requests: 2, stopped: '503', notShown: 'n', link: 'l' };
    expect(liveTurnJson(turn(shown))).toEqual({ thread: 'T', turn: 'U', isOver: false, ...shown });
    expect(liveTurnJson(turn({ ...shown, overMs: 0 }))).toMatchObject({ isOver: true });
  });

  test('has a line with the time of day, and another one when there is something else to say', () => {
    const lines: string[] = [];
    const tell = turnTeller((text) => lines.push(text));
    const [one, other] = [turn(), turn({ turnId: 'V' })];
    tell(one);
    tell(other);
    tell(one);
    one.requests = 1;
    tell(one);
    tell(other);
    one.requests = 0;
    tell(one);
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d {2}turn \w: .*\n$/);
    expect(lines.map((line) => line.slice(10))).toEqual([
      'turn U: 0 spans in 0 requests\n',
      'turn V: 0 spans in 0 requests\n',
      'turn U: 0 spans in 1 request\n',
      'turn U: 0 spans in 0 requests\n',
    ]);
  });
});
