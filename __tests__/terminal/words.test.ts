import { describe, expect, test } from '@jest/globals';
import { ago } from '../../src/terminal/ago.js';
import { plainText } from '../../src/terminal/plain-text.js';
import { renderFindings } from '../../src/terminal/render-findings.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-5000, '0 s ago'],
  [59_000, '59 s ago'],
  [MINUTE, '1 min ago'],
  [HOUR - 1000, '60 min ago'],
  [HOUR, '1 h ago'],
  [2 * DAY - HOUR, '47 h ago'],
  [2 * DAY, '2 days ago'],
  [10 * DAY, '10 days ago'],
  [Number.NaN, 'at an unknown time'],
])('%i ms are %s', (ms, words) => {
  const now = Date.parse('2026-11-25T02:00:00Z');
  expect(ago(now - ms, now)).toBe(words);
});

test('a text from elsewhere is plain: each run of control characters is a blank', () => {
  expect(plainText('a\r\nb\u001b[2Jc\u007f\u009fd é')).toBe('a b [2Jc d é');
});

describe('findings', () => {
  const found = [
    { code: 'offline', level: 'info', args: {} },
    { code: 'codex-missing', level: 'error', args: {} },
    { code: 'node', level: 'ok', args: { version: '20\u001b[2J' } },
    { code: 'node-old', level: 'warning', args: { version: '16' } },
  ] as const;

  test('are lines with a mark and a remedy below, without control characters', () => {
    expect(renderFindings(found, false)).toEqual([
      '· No server was asked (--offline)',
      '✗ No codex is on the PATH',
      '    → npm install -g @openai/codex; an editor may bring its own',
      '✓ Node 20 [2J',
      '! Node 16 is too old',
      '    → Install Node 18.19 or later',
    ]);
  });

  test('have the colour of their level', () => {
    const marks = renderFindings(found, true).filter((line) => !line.startsWith(' '));
    expect(marks.map((line) => line.split(' ')[0])).toEqual([
      '\u001b[2m·\u001b[0m',
      '\u001b[31m✗\u001b[0m',
      '\u001b[32m✓\u001b[0m',
      '\u001b[33m!\u001b[0m',
    ]);
  });
});
