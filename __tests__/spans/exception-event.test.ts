import { expect, test } from '@jest/globals';
import { withException } from '../../src/spans/exception-event.js';
import { callKey } from '../../src/spans/ids.js';
import { redactionAttributes } from '../../src/spans/redact-specs.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { gateOf } from './turn-parts.js';

const started = { name: 'started', timeMs: 1, attributes: {} };
const spec = { endMs: 9, attributes: { 'error.type': 'limit' }, events: [started] } as unknown as SpanSpec;
const failed = { code: 'ERROR', message: 'no more' } as const;

test('a span that failed has an exception at its end, after its other events', () => {
  expect(withException({ ...spec, status: failed }).events).toStrictEqual([
    started,
    {
      name: 'exception',
      timeMs: 9,
      attributes: { 'exception.type': 'limit', 'exception.message': 'no more' },
    },
  ]);
  expect(withException({ ...spec, attributes: {}, status: failed }).events[1]?.attributes).toStrictEqual({
    'exception.type': 'failed',
    'exception.message': 'no more',
  });
});

test('a span that did not fail stays as it is', () => {
  const fine = { ...spec, status: { code: 'UNSET' } } as const;
  expect(withException(fine)).toBe(fine);
});

test('a call is known by its id in the root’s turn, and by its turn and id in any other', () => {
  const root = { threadId: 'a', turnKey: '1' };
  expect(callKey('c', root, { ...root })).toBe('c');
  expect(callKey('c', { threadId: 'b', turnKey: '1' }, root)).toBe('b:1:c');
  expect(callKey('c', { threadId: 'a', turnKey: '2' }, root)).toBe('a:2:c');
});

test('what was taken out of a turn is counted, and its kinds are named in alphabetical order', () => {
  const gate = gateOf({ redactor: new Redactor() });
  expect(redactionAttributes(gate)).toStrictEqual({});
  for (const text of ['https://me:hunter2secret@host/', 'password: hunter2secret', 'password: other3secret'])
    gate.text(text);
  const { 'codex.content.redacted_kinds': kinds, ...counts } = redactionAttributes(gate);
  expect(counts).toStrictEqual({ 'codex.content.redacted': 3 });
  expect(kinds).toHaveLength(2);
  expect(kinds).toStrictEqual([...(kinds as string[])].sort());
});
