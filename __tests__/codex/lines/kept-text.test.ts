import { expect, test } from '@jest/globals';
import { cutOf, cutText, shareOf } from '../../../src/codex/lines/kept-text.js';
import { parseUsage } from '../../../src/codex/lines/parse-usage.js';

test('a text that was cut is read again as it was written', () => {
  const cut = { head: 'a\n', tail: 'z', cutBytes: 12 };
  expect(cutText(cut)).toBe('a\n\u0090mlflow-codex cut 12\u009cz');
  expect(cutOf(cutText(cut))).toEqual(cut);
  expect(cutOf(cutText({ head: '', tail: '', cutBytes: 0 }))).toEqual({ head: '', tail: '', cutBytes: 0 });
  for (const whole of ['', 'mlflow-codex cut 12', '\u0090mlflow-codex cut x\u009c'])
    expect(cutOf(whole)).toBeUndefined();
});

test.each([
  [0, 6_291_456],
  [1, 6_291_456],
  [2, 3_145_728],
  [3000, 2097],
  [3073, 2048],
  [100_000, 2048],
])(
  'of %i spans each may have an even share of 12 MiB as it is sent twice: %i bytes, 2 KiB at least',
  (spans, bytes) => {
    expect(shareOf(spans)).toBe(bytes);
  },
);

test('tokens that are not told count as none, and no number of them is below 0', () => {
  expect(
    parseUsage({
      input_tokens: 6,
      cached_input_tokens: 5,
      cache_write_input_tokens: 4,
      output_tokens: 3,
      reasoning_output_tokens: 2,
      total_tokens: 1,
    }),
  ).toEqual({
    inputTokens: 6,
    cachedInputTokens: 5,
    cacheWriteInputTokens: 4,
    outputTokens: 3,
    reasoningOutputTokens: 2,
    totalTokens: 1,
  });
  expect(parseUsage({ input_tokens: -1, output_tokens: '7' })).toEqual({
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
    totalTokens: 0,
  });
  for (const none of [undefined, null, 7, []]) expect(parseUsage(none)).toBeUndefined();
});
