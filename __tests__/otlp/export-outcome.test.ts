import { describe, expect, test } from '@jest/globals';
import { outcomeOf } from '../../src/otlp/export-outcome.js';

const now = Date.parse('2026-11-25T02:00:00Z');

describe('an answer', () => {
  test.each([200, 202, 204, 299])('%i: sent, whatever else it says', (status) => {
    expect(outcomeOf({ status, body: 'FEATURE_DISABLED', retryAfter: '7' }, now)).toEqual({ kind: 'sent' });
  });

  test.each([408, 429, 500, 502, 503, 504])('%i: owed, and soon worth another try', (status) => {
    expect(outcomeOf({ status }, now)).toEqual({
      kind: 'pending',
      reason: String(status),
      blocked: false,
      transient: true,
    });
  });

  test.each([401, 403, 404, 407, 501])('%i: owed, and blocked until somebody has mended it', (status) => {
    const blocked = { kind: 'pending', reason: String(status), blocked: true };
    expect(outcomeOf({ status }, now)).toEqual(blocked);
    expect(outcomeOf({ status, retryAfter: '7' }, now)).toEqual({ ...blocked, retryAfterMs: 7000 });
  });

  test('500 FEATURE_DISABLED of MLflow: owed, and blocked until somebody has mended it', () => {
    const body = '{"error_code":"FEATURE_DISABLED","message":"workspaces are off"}';
    expect(outcomeOf({ status: 500, body }, now)).toEqual({ kind: 'pending', reason: '500', blocked: true });
    const busy = { kind: 'pending', reason: '503', blocked: false, transient: true };
    expect(outcomeOf({ status: 503, body }, now)).toEqual(busy);
    expect(outcomeOf({ status: 500, body: '{"error_code":"INTERNAL_ERROR"}' }, now)).toEqual({
      ...busy,
      reason: '500',
    });
  });

  test.each([300, 301, 302, 307, 308, 304, 399])('%i: not followed, owed', (status) => {
    const pending = { kind: 'pending', reason: `redirect (${status})`, blocked: false };
    expect(outcomeOf({ status }, now)).toEqual(pending);
    expect(outcomeOf({ status, retryAfter: '7' }, now)).toEqual({ ...pending, retryAfterMs: 7000 });
  });

  test.each([400, 413, 415, 422])('%i: refused, with the words of the server', (status) => {
    expect(outcomeOf({ status, body: '{"message":"no\\n  such thing"}' }, now)).toEqual({
      kind: 'rejected',
      status,
      message: 'no such thing',
    });
  });

  test.each([
    ['{"detail":"not so"}', 'not so'],
    ['{"message":{"nested":1}}', '{"message":{"nested":1}}'],
    ['<html>\n<b>Bad</b></html>', '<html> <b>Bad</b></html>'],
    [undefined, ''],
    ['{"message":"why","detail":"other"}', 'why'],
    ['  plain words\n', 'plain words'],
    ['null', 'null'],
    [`first ${'x'.repeat(1000)}`, `first ${'x'.repeat(294)}`],
  ])('a refusal with the body %j says %j', (body, message) => {
    const refused = { kind: 'rejected', status: 400, message };
    expect(outcomeOf({ status: 400, ...(body === undefined ? {} : { body }) }, now)).toEqual(refused);
  });

  test.each([undefined, 'ECONNREFUSED', 'timeout'])('none at all (%s): owed', (errorCode) => {
    expect(outcomeOf(errorCode === undefined ? {} : { errorCode }, now)).toEqual({
      kind: 'pending',
      reason: errorCode ?? 'no answer',
      blocked: false,
    });
  });
});

describe('no answer', () => {
  test.each(['timeout', 'ECONNRESET', 'EPIPE', 'ECONNABORTED'])(
    'from a server that was there (%s): soon worth another try',
    (errorCode) => {
      const pending = { kind: 'pending', reason: errorCode, blocked: false };
      expect(outcomeOf({ errorCode, reached: true }, now)).toEqual({ ...pending, transient: true });
      expect(outcomeOf({ errorCode, reached: false }, now)).toEqual(pending);
    },
  );

  test.each([
    ['nothing listens', { errorCode: 'ECONNREFUSED', reached: false }],
    ['no such host', { errorCode: 'ENOTFOUND' }],
    ['what answers is not HTTP', { errorCode: 'HPE_INVALID_CONSTANT', reached: true }],
    ['its certificate is not trusted', { errorCode: 'SELF_SIGNED_CERT_IN_CHAIN', reached: true }],
  ])('because %s: not soon', (_, result) => {
    expect(outcomeOf(result, now)).toEqual({ kind: 'pending', reason: result.errorCode, blocked: false });
  });
});

describe('Retry-After', () => {
  const busy = { kind: 'pending', reason: '503', blocked: false, transient: true };

  test.each([
    ['7', 7000],
    [' 0 ', 0],
    ['99999', 600_000],
    ['Wed, 25 Nov 2026 02:00:30 GMT', 30_000],
    ['Wed, 25 Nov 2026 01:00:00 GMT', 0],
    ['Wed, 25 Nov 2037 02:00:00 GMT', 600_000],
  ])('%s is %i ms', (retryAfter, retryAfterMs) => {
    expect(outcomeOf({ status: 503, retryAfter }, now)).toEqual({ ...busy, retryAfterMs });
  });

  test.each(['soon', '1e3s', ''])('%j is none', (retryAfter) => {
    expect(outcomeOf({ status: 503, retryAfter }, now)).toEqual(busy);
  });
});
