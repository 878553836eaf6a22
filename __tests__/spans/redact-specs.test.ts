import { expect, test } from '@jest/globals';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { ContentGate } from '../../src/spans/content.js';
import { redactionAttributes, redactSpec } from '../../src/spans/redact-specs.js';
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
      'codex.turn.id': secret,
      'codex.thread.id': secret,
      'gen_ai.conversation.id': secret,
      'gen_ai.response.id': secret,
      'gen_ai.tool.call.id': secret,
      'mlflow.spanInputs': secret,
      'mlflow.spanOutputs': secret,
      'mlflow.chat.tokenUsage': secret,
      'mlflow.chat.tools': secret,
      'mlflow.llm.cost': secret,
    },
    status: { code: 'ERROR', message: `c ${secret}` },
    events: [{ name: 'exception', timeMs: 2, attributes: { 'exception.message': `d ${secret}` } }],
  };
  const gate = new ContentGate({ mode: 'metadata', redactor: new Redactor(), maxContentBytes: 1000 }, 1);
  expect([redactSpec(spec, gate)]).toEqual([
    {
      ...spec,
      name: `chat ${mark}`,
      attributes: { ...spec.attributes, 'an.attribute.of.tomorrow': `a ${mark}`, 'a.list': ['b', mark] },
      status: { code: 'ERROR', message: `c ${mark}` },
      events: [{ name: 'exception', timeMs: 2, attributes: { 'exception.message': `d ${mark}` } }],
    },
  ]);
});

test('a span that did not fail keeps its status, and the rest of its events', () => {
  const gate = new ContentGate({ mode: 'metadata', redactor: new Redactor(), maxContentBytes: 1000 }, 1);
  const spec: SpanSpec = {
    name: 'chat',
    kind: 'CLIENT',
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    startMs: 1,
    endMs: 2,
    attributes: {},
    status: { code: 'UNSET' },
    events: [{ name: 'retry', timeMs: 2, attributes: {} }],
  };
  expect(redactSpec(spec, gate)).toEqual(spec);
});

test('of what was taken out the number is told and the kinds, by the alphabet', () => {
  const gate = new ContentGate({ mode: 'full', redactor: new Redactor(), maxContentBytes: 1000 }, 1);
  expect(redactionAttributes(gate)).toEqual({});
  gate.label('AKIAQ2ZR7W4LPB3VT8MN');
  gate.label(`password: hunter2x and ${secret}`);
  gate.label(`password: hunter2x and ${secret}`);
  expect(redactionAttributes(gate)).toEqual({
    'codex.content.redacted': 5,
    'codex.content.redacted_kinds': ['aws-access-key', 'github-token', 'password'],
  });
});

test('one kind is a list of one', () => {
  const gate = new ContentGate({ mode: 'full', redactor: new Redactor(), maxContentBytes: 1000 }, 1);
  gate.label(secret);
  expect(redactionAttributes(gate)).toEqual({
    'codex.content.redacted': 1,
    'codex.content.redacted_kinds': ['github-token'],
  });
});
