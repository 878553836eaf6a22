import { describe, expect, test } from '@jest/globals';
import { atStep, type Step, stepOutcome } from '../../src/databricks/step-outcome.js';
import type { WorkspaceAnswer } from '../../src/mlflow/databricks/workspace.js';

const answer = (status: number, more: object = {}) =>
  ({ kind: 'answer', status, body: '', headers: {}, ...more }) as WorkspaceAnswer;
const at = (step: Step, told: WorkspaceAnswer) => stepOutcome(step, told, 0);

describe('the answer to a step of a workspace’s way', () => {
  test('is that step’s success', () => {
    expect(at('uploading the spans', answer(204))).toEqual({ kind: 'sent' });
  });

  test('names the step where the turn is still pending', () => {
    expect(at('asking for the experiment', answer(503, { headers: { 'retry-after': '7' } }))).toEqual({
      kind: 'pending',
      reason: '503',
      blocked: false,
      transient: true,
      retryAfterMs: 7000,
      step: 'asking for the experiment',
    });
    expect(at('signing in', answer(401))).toEqual({
      kind: 'pending',
      reason: '401',
      blocked: true,
      step: 'signing in',
    });
  });

  test.each<Step>(['sending the trace info', 'uploading the spans', 'sending the spans'])(
    'is about the turn where it refuses %s',
    (step) => {
      expect(at(step, answer(400, { body: 'bad' }))).toEqual({
        kind: 'rejected',
        status: 400,
        message: 'bad',
      });
    },
  );

  test.each<Step>(['signing in', 'asking for the experiment', 'asking for an upload address'])(
    'is for somebody to mend where it refuses %s',
    (step) => {
      expect(at(step, answer(400))).toEqual({ kind: 'pending', reason: '400', blocked: true, step });
    },
  );

  test('may be none', () => {
    const none = (code: string, reached: boolean) =>
      at('sending the spans', { kind: 'failed', code, reason: 'words', reached });
    const pending = { kind: 'pending', blocked: false, step: 'sending the spans' };
    expect(none('TIMEOUT', true)).toEqual({ ...pending, reason: 'timeout', transient: true });
    expect(none('ECONNREFUSED', false)).toEqual({ ...pending, reason: 'ECONNREFUSED' });
  });
});

describe('a sign-in without a token', () => {
  const noToken = (more: object) =>
    at('uploading the spans', {
      kind: 'no token',
      blocked: false,
      problem: { kind: 'problem', code: 'timeout', message: 'm', hint: 'h' },
      ...more,
    } as unknown as WorkspaceAnswer);

  const waits = { kind: 'pending', reason: 'not signed in (timeout)', blocked: false, step: 'signing in' };

  test('is what the turn waits for, whatever the step', () => {
    expect(noToken({})).toEqual(waits);
    expect(noToken({ blocked: true })).toEqual({ ...waits, blocked: true });
  });

  test('may ask to wait', () => {
    expect(noToken({ retryAfter: '5' })).toEqual({ ...waits, retryAfterMs: 5000 });
    for (const retryAfter of ['0', 'soon']) expect(noToken({ retryAfter })).toEqual(waits);
  });
});

test('what was sent, or refused with its content, has no step', () => {
  expect(atStep('signing in', { kind: 'sent' })).toEqual({ kind: 'sent' });
  const rejected = { kind: 'rejected', status: 413, message: '' } as const;
  expect(atStep('uploading the spans', rejected)).toBe(rejected);
});
