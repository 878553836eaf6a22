/** US dollars for a million tokens: input, output, input read from the cache, input written to it. */
export type Rates = readonly [input: number, output: number, cacheRead?: number, cacheWrite?: number];

/** What a model costs, by service tier; `long` is for requests of more than 272,000 input tokens. */
export interface ModelPrices {
  readonly standard: Rates;
  readonly priority?: Rates;
  readonly flex?: Rates;
  readonly long?: Rates;
}

export type PriceTable = {
  readonly [provider in 'openai' | 'azure' | 'databricks']: { readonly [model: string]: ModelPrices };
};
