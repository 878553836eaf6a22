import { describe, expect, test } from '@jest/globals';
import {
  callerOf,
  countUnreadTags,
  parseTags,
  readRunContext,
  storedRunContext,
} from '../../src/settings/run-context.js';

describe('MLFLOW_CODEX_TAGS', () => {
  test.each([
    ['row=7', { row: '7' }],
    [' job = nightly , row=7', { job: 'nightly', row: '7' }],
    ['q=a=b', { q: 'a=b' }],
    ['list=a%2Cb,odd=100%', { list: 'a,b', odd: '100%' }],
    ['empty=', { empty: '' }],
    ['nothing,=x,,', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j', (text, tags) => expect(parseTags(text)).toEqual(tags));
});

test.each([
  ['row=7, job=nightly', 0],
  ['row', 1],
  ['row=7,=x, ,y,,', 2],
  ['', 0],
  [undefined, 0],
])('of the tags %j, %i are written otherwise than they are read', (text, count) => {
  expect(countUnreadTags({ MLFLOW_CODEX_TAGS: text })).toBe(count);
});

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('what the environment of a run says of its turns', () => {
  test('is its tags and its caller', () => {
    const env = { MLFLOW_CODEX_TAGS: 'row=7', TRACEPARENT: traceparent };
    expect(readRunContext(env, 'codex_exec')).toEqual({ tags: { row: '7' }, traceparent });
    expect(readRunContext(env, undefined)).toEqual({ tags: { row: '7' }, traceparent });
    expect(readRunContext({}, 'codex_exec')).toBeUndefined();
  });

  test('is not the caller where a daemon keeps the environment of another shell', () => {
    expect(readRunContext({ TRACEPARENT: traceparent }, 'codex-tui')).toBeUndefined();
  });

  test('names the caller, but to a client of the daemon’s', () => {
    const run = { traceparent };
    expect([callerOf(run, 'codex_exec'), callerOf(run, undefined), callerOf(run, 'codex-tui')]).toEqual([
      traceparent,
      traceparent,
      undefined,
    ]);
    expect([callerOf({}, 'codex_exec'), callerOf(undefined, undefined)]).toEqual([undefined, undefined]);
  });

  test('is kept as it is, and what is damaged says nothing', () => {
    const kept = { tags: { row: '7' }, traceparent };
    expect(storedRunContext(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
    expect(storedRunContext({ tags: { row: 7 }, traceparent: 1 })).toEqual({});
    expect(storedRunContext({ tags: { row: 7, job: 'nightly' } })).toEqual({ tags: { job: 'nightly' } });
    expect(storedRunContext('x')).toBeUndefined();
  });
});
