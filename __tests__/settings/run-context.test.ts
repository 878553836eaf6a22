import { describe, expect, test } from '@jest/globals';
import { parseTags, readRunContext, storedRunContext } from '../../src/settings/run-context.js';

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

  test('is kept as it is, and what is damaged says nothing', () => {
    const kept = { tags: { row: '7' }, traceparent };
    expect(storedRunContext(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
    expect(storedRunContext({ tags: { row: 7 }, traceparent: 1 })).toEqual({});
    expect(storedRunContext('x')).toBeUndefined();
  });
});
