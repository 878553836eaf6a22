import { describe, expect, test } from '@jest/globals';
import { samples } from '../../../scripts/lab/secrets/corpus.mjs';
import { SEARCHES } from '../../../src/spans/redaction/finders/searches.js';
import { WorkBudget } from '../../../src/spans/redaction/search/work-budget.js';

const signed = SEARCHES.flatMap(({ name, sign, find }) => (sign ? [[name, sign, find] as const] : []));
const texts = samples(11).map(({ text }) => text);

/** A text with everything taken out of it without which something is still found. */
function least(text: string, finds: (text: string) => boolean): string {
  let kept = text;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const shorter = kept.slice(0, at) + kept.slice(at + size);
      if (finds(shorter)) kept = shorter;
      else at += size;
    }
  }
  return kept;
}

describe('a text without the sign of a search is one in which the search finds nothing', () => {
  test.each(signed)('%s', (_, sign, find) => {
    const finds = (text: string) => find(text, new WorkBudget(Number.POSITIVE_INFINITY)).length > 0;
    const telling = texts.filter(finds);
    expect(telling.length).toBeGreaterThan(0);
    expect(
      telling.map((text) => least(text, finds)).filter((text) => !sign(text, text.toLowerCase())),
    ).toEqual([]);
  });
});

test.each(SEARCHES.map((search) => [search.name, search] as const))(
  'behind a long text without secrets the search for %s finds what it finds in the text alone',
  (_, { find }) => {
    const before = 'Nothing is said here of anybody.\n'.repeat(100);
    const found = (text: string) => find(text, new WorkBudget(Number.POSITIVE_INFINITY));
    const alone = texts.map(found);
    expect(alone.flat().length).toBeGreaterThan(0);
    expect(texts.map((text) => found(before + text))).toEqual(
      alone.map((all) =>
        all.map((one) => ({ ...one, start: one.start + before.length, end: one.end + before.length })),
      ),
    );
  },
);
