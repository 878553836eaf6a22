import { expect, test } from '@jest/globals';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { renderAsSent } from '../../src/terminal/render-as-sent.js';

function span(more: Partial<SpanSpec>): SpanSpec {
  const times = { startMs: 0, endMs: 1 };
  const ids = { traceId: 'a', spanId: 'b' };
  return {
    name: 'exec',
    kind: 'INTERNAL',
    ...ids,
    ...times,
    attributes: {},
    status: { code: 'UNSET' },
    events: [],
    ...more,
  };
}

test('every value is shown as it leaves, JSON broken into lines, with failure and events', () => {
  const spec = span({
    attributes: { a: '{"b":[1]}', list: '[1]', c: 7, d: 'two\nlines', e: '{no JSON', f: '7' },
    status: { code: 'ERROR', message: 'it broke' },
    events: [{ name: 'exception', timeMs: 0, attributes: { 'exception.type': 'x' } }],
  });
  expect(renderAsSent([spec, span({ name: 'next' })], { colors: false }).split('\n')).toEqual([
    'exec',
    '  a = {',
    '      "b": [',
    '        1',
    '      ]',
    '    }',
    '  list = [',
    '      1',
    '    ]',
    '  c = 7',
    '  d = two',
    '    lines',
    '  e = {no JSON',
    '  f = 7',
    '  status = ERROR it broke',
    '  exception: exception.type = x',
    '',
    'next',
    '',
  ]);
});

test('what was taken out stands out in colour, and only where there are colours', () => {
  const spec = span({
    attributes: {
      a: 'key [REDACTED:github-pat#1] and [… 12 bytes left out by mlflow-codex …] [REDACTED] [x]',
    },
  });
  expect(renderAsSent([spec], { colors: true })).toBe(
    '\u001b[1mexec\u001b[0m\n  \u001b[2ma\u001b[0m = key \u001b[31m[REDACTED:github-pat#1]\u001b[0m and ' +
      '\u001b[31m[… 12 bytes left out by mlflow-codex …]\u001b[0m [REDACTED] [x]\n',
  );
  expect(renderAsSent([spec], { colors: false })).not.toContain('\u001b');
});

test('nothing reaches the terminal that it would obey', () => {
  const spec = span({ name: 'a\u001b[2Jb', attributes: { 'k\u0007': 'x\u001b]0;title\u0007y\rz\tt' } });
  const shown = renderAsSent([spec], { colors: false });
  expect(shown).toBe('ab\n  k\uFFFD = xy\uFFFDz\tt\n');
});
