import { expect, test } from '@jest/globals';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { ContentGate } from '../../src/spans/content.js';
import { redactSpec } from '../../src/spans/redact-specs.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

const secret = `ghp_${new Random(8).base62(36)}`;
const mark = '[REDACTED:github-token#1]';

test('whatever becomes a name, an attribute, a status message or an event is clean; ids stay', () => {
  const spec: SpanSpec = {
    name: `chat ${secret}`,
    kind: 'INTERNAL',
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    startMs: 1,
    endMs: 2,
    attributes: {
      'an.attribute.of.tomorrow': `a ${secret}`,
      'a.list': ['b', secret],
      'a.number': 7,
      'session.id': secret,
    },
    status: { code: 'ERROR', message: `c ${secret}` },
    events: [{ name: 'exception', timeMs: 2, attributes: { 'exception.message': `d ${secret}` } }],
  };
  const gate = new ContentGate({ mode: 'metadata', redactor: new Redactor(), maxContentBytes: 1000 }, 1);
  expect([redactSpec(spec, gate)]).toEqual([
    {
      ...spec,
      name: `chat ${mark}`,
      attributes: {
        'an.attribute.of.tomorrow': `a ${mark}`,
        'a.list': ['b', mark],
        'a.number': 7,
        'session.id': secret,
      },
      status: { code: 'ERROR', message: `c ${mark}` },
      events: [{ name: 'exception', timeMs: 2, attributes: { 'exception.message': `d ${mark}` } }],
    },
  ]);
});
