import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GITLEAKS_RULES } from '../../../src/spans/redaction/forms/gitleaks-rules.js';
import { TOKEN_RULES } from '../../../src/spans/redaction/forms/token-rules.js';
import { Redactor } from '../../../src/spans/redaction/redactor.js';

const redactor = new Redactor();

/** Texts that an expression describes, but for what it wants to stand, or not to stand, around them. */
function drawn(source: string): string[] {
  const bare = source.replace(/\(\?<?[!=](?:[^()[\]]|\[[^\]]*\])*\)/g, '').replace(/\\b/g, '');
  const texts = fc.stringMatching(new RegExp(`^(?:${bare})$`), { size: 'max' });
  return fc.sample(texts, { seed: 20_261_128, numRuns: 25 });
}

/** Whether one of the tokens that are drawn, with this literal in it, is taken out where it stands alone. */
function isTakenOut(source: string, literal: string, before: string): boolean {
  const tokens = drawn(source);
  const own = tokens.filter((token) => token.toLowerCase().includes(literal));
  const texts = own.length > 0 || before.includes(literal) ? tokens : tokens.map((token) => literal + token);
  return texts.some((token) => !redactor.begin().redact(`${before}${token}"`).includes(token));
}

/**
 * Literals that are in no token that is drawn: those that want their case kept, a dot that the expression does
 * not want, 4 bits a character; and two that gitleaks has for the words before a token.
 */
const NOT_DRAWN = [
  ...['iqojb3jpz2lu', 'fwogzxivyxdz', 'aqodyxdz', 'flwseck', 'miib', 'miic', 'hooks.slack.com', 'okta'],
  ...['cloudflare', 'intra'],
];
const isDrawn = (kind: string, literal: string) =>
  !NOT_DRAWN.includes(literal) ||
  kind === 'slack-webhook' ||
  (literal === 'cloudflare' && !kind.includes('origin'));

describe('a token of a form that a vendor gives it is taken out', () => {
  test.each(
    TOKEN_RULES.flatMap(([kind, literals, source]) =>
      literals
        .split(' ')
        .filter((literal) => isDrawn(kind, literal))
        .map((literal) => [kind, literal, source] as const),
    ),
  )('%s %s', (_, literal, source) => {
    expect(isTakenOut(source, literal, 'it is "')).toBe(true);
  });

  test.each(
    GITLEAKS_RULES.flatMap(([id, literals, source, , form]) =>
      literals
        .filter((literal) => isDrawn(id, literal))
        .map((literal) => [id, literal, source, form === 'vendor'] as const),
    ),
  )('%s %s', (_, literal, source, isVendor) => {
    expect(isTakenOut(source, literal, isVendor ? `${literal}_it = "` : 'it is "')).toBe(true);
  });
});
