import { describe, expect, test } from '@jest/globals';
import type { TokenUsage } from '../../../src/codex/lines/rollout-event.js';
import { costAttribute } from '../../../src/spans/cost/cost-attribute.js';
import { priceOf } from '../../../src/spans/cost/price-of.js';
import { priceTable } from '../../../src/spans/cost/price-table.js';

function usage(some: Partial<TokenUsage>): TokenUsage {
  return {
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
    totalTokens: 0,
    ...some,
  };
}

const MILLION = 1_000_000;
/** 900 plain, 100 cached; 200 out. Below the long context. */
const short = usage({ inputTokens: 1000, cachedInputTokens: 100, outputTokens: 200 });
const total = (...args: Parameters<typeof priceOf>) => (priceOf(...args)?.total_cost ?? Number.NaN) * MILLION;

describe('what a response costs', () => {
  // gpt-5.5 in MLflow 3.17.2: 5, 30 and 0.5 dollars a million; priority 12.5, 75, 1.25; flex half.
  test.each([
    [undefined, 900 * 5 + 100 * 0.5 + 200 * 30],
    ['default', 900 * 5 + 100 * 0.5 + 200 * 30],
    ['priority', 900 * 12.5 + 100 * 1.25 + 200 * 75],
    ['fast', 900 * 12.5 + 100 * 1.25 + 200 * 75],
    ['flex', 900 * 2.5 + 100 * 0.25 + 200 * 15],
  ])('at the tier %s', (tier, dollars) => {
    expect(total('gpt-5.5', 'openai', short, tier)).toBeCloseTo(dollars, 6);
  });

  test('of more than 272,000 input tokens is dearer, all of it', () => {
    const at = (inputTokens: number) => total('gpt-5.5', 'openai', usage({ inputTokens, outputTokens: 10 }));
    expect(at(272_000)).toBeCloseTo(272_000 * 5 + 10 * 30, 4);
    expect(at(272_001)).toBeCloseTo(272_001 * 10 + 10 * 45, 4);
  });

  test('of a long context at flex is half of it; priority is not served there', () => {
    const long = usage({ inputTokens: 300_000, outputTokens: 10 });
    expect(total('gpt-5.5', 'openai', long, 'flex')).toBeCloseTo((300_000 * 10 + 10 * 45) / 2, 4);
    expect(total('gpt-5.5', 'openai', long, 'priority')).toBeCloseTo(300_000 * 10 + 10 * 45, 4);
  });

  test('counts input written to the cache apart where that has a price', () => {
    const written = usage({ inputTokens: 1000, cacheWriteInputTokens: 400, cachedInputTokens: 100 });
    expect(total('gpt-6.1-sol', 'openai', written)).toBeCloseTo(500 * 2 + 100 * 0.1 + 400 * 2.5, 6);
    expect(total('gpt-5.5', 'openai', written)).toBeCloseTo(500 * 5 + 100 * 0.5 + 400 * 5, 6);
  });

  test('counts cached input like any other where it has no price of its own', () => {
    const cached = usage({ inputTokens: 1000, cachedInputTokens: 400 });
    expect(total('gpt-5-pro', 'openai', cached)).toBeCloseTo(1000 * 15, 6);
  });

  test('is that of the model behind a dated name, a proxy’s prefix, or a provider nobody knows', () => {
    const expected = total('gpt-5.5', 'openai', short);
    for (const [model, provider] of [
      ['gpt-5.5-2026-04-23', 'openai'],
      ['openai/gpt-5.5', 'my-proxy'],
      ['gpt-5.5', undefined],
      ['gpt-5.5', 'azure'],
    ] as const)
      expect([model, total(model, provider, short)]).toEqual([model, expected]);
  });

  test('is Azure’s where it has its own list of a model, and OpenAI’s of any other', () => {
    // gpt-5 has no flex there; gpt-5-pro is OpenAI's alone, at 15 and 120 dollars a million.
    expect(total('gpt-5', 'openai', short, 'flex')).toBeCloseTo(900 * 0.625 + 100 * 0.0625 + 200 * 5, 6);
    expect(priceOf('gpt-5', 'azure', short, 'flex')).toBeUndefined();
    expect(priceOf('gpt-5', 'My-Azure', short, 'flex')).toBeUndefined();
    expect(total('gpt-5-pro', 'azure', short)).toBeCloseTo(1000 * 15 + 200 * 120, 6);
  });

  test('counts no token twice where more are told to be cached and written than there were', () => {
    const odd = usage({ inputTokens: 1000, cachedInputTokens: 600, cacheWriteInputTokens: 600 });
    expect(total('gpt-5.5', 'openai', odd)).toBeCloseTo(600 * 0.5 + 600 * 5, 6);
  });

  test('is Databricks’ own for its models', () => {
    const [input, output] = priceTable().databricks['databricks-gpt-5-5']?.standard ?? [0, 0];
    expect(input).toBeGreaterThan(0);
    const plain = usage({ inputTokens: 1000, outputTokens: 200 });
    expect(total('databricks-gpt-5-5', 'anything', plain)).toBeCloseTo(1000 * input + 200 * output, 6);
  });

  test.each([
    ['nobody-knows', undefined],
    [undefined, undefined],
    ['toString', undefined],
    // A tier the list has no price of.
    ['gpt-5.1-codex', 'priority'],
  ])('is not known of %s at %s', (model, tier) => {
    expect(priceOf(model, 'openai', short, tier)).toBeUndefined();
  });
});

describe('a cost is sent only where the server would work out another', () => {
  test('in dollars, of input, of output and together', () => {
    const mixed = usage({
      inputTokens: 1000,
      cachedInputTokens: 100,
      cacheWriteInputTokens: 100,
      outputTokens: 200,
    });
    // gpt-5.5 at priority: 800 and 100 at 12.5, 100 at 1.25, and 200 at 75 dollars a million.
    expect(costAttribute('gpt-5.5', 'openai', mixed, 'priority')).toBe(
      '{"input_cost":0.011375,"output_cost":0.015,"total_cost":0.026375}',
    );
  });

  const sent = (model: string, used: TokenUsage | undefined, tier?: string) =>
    costAttribute(model, 'openai', used, tier) !== undefined;

  test.each([
    ['the standard tier', sent('gpt-5.5', short), false],
    ['the tier default', sent('gpt-5.5', short, 'default'), false],
    ['a tier of another name', sent('gpt-5.5', short, 'auto'), false],
    ['priority', sent('gpt-5.5', short, 'priority'), true],
    ['flex', sent('gpt-5.5', short, 'flex'), true],
    ['a long context', sent('gpt-5.5', usage({ inputTokens: 272_001 })), true],
    ['the longest usual context', sent('gpt-5.5', usage({ inputTokens: 272_000 })), false],
    ['an unknown model at priority', sent('nobody-knows', short, 'priority'), false],
    ['no tokens', sent('gpt-5.5', undefined, 'priority'), false],
  ])('%s: %s', (_, isSent, expected) => expect(isSent).toBe(expected));
});
