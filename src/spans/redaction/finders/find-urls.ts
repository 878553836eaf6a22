import type { Found } from '../search/finding.js';
import type { Sign } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isStandIn } from '../values/placeholders.js';
import { isRandom } from '../values/randomness.js';

const MAX_AUTHORITY = 300;
const END = new Set([...' \t\r\n"`<>\\[]{}']);
/** These end the part before a path, or a URL in a text, but may stand in a password. */
const MAY_END = new Set([..."/?#(),'"]);
/** Passwords of examples, which every documentation and every test of URLs has. */
const EXAMPLES =
  /^(?:pass(?:w(?:or)?d)?\d{0,3}|pwd|pw|p|secret|token|foo|bar|baz|b|y|z|test|user|admin|root|guest|postgres|mysql|rabbitmq|me|key|api_?key|api_?token|p[%:]?|x+|\*+|xyz|abc|123|key_?\d{1,4})$/i;

/** A user, and the beginning of a password that is no port, without an `@` behind it. */
const IN_PASSWORD = /^[^:@]*:(?!\d{1,5}$)[^:@]{3,}$/;

/** What every text has in which `findUrlPasswords` finds anything. */
export const URL_SIGN: Sign = (text) => text.includes('://');

/** Passwords and tokens in the part of a URL before the `@`: `postgres://app:…@db`, `https://…@github.com`. */
export function findUrlPasswords(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const secret = inAuthority(text, at + 3, budget);
    if (secret) found.push(secret);
  }
  return found;
}

function inAuthority(text: string, start: number, budget: WorkBudget): Found | undefined {
  const { end, lastAt } = authorityFrom(text, start);
  budget.spend(end - start + 8);
  if (lastAt < 0) return undefined;
  const userinfo = text.slice(start, lastAt);
  const colon = userinfo.indexOf(':');
  if (colon < 0) {
    const isToken = isRandom(userinfo, 16) && !isStandIn(userinfo);
    return isToken ? { start, end: lastAt, kind: 'url-token' } : undefined;
  }
  const password = userinfo.slice(colon + 1);
  const user = userinfo.slice(0, colon);
  if (password === '' && isRandom(user, 16)) {
    return { start, end: start + colon, kind: 'url-token' };
  }
  if (password.length < 3 || EXAMPLES.test(password) || isStandIn(password) || password === user)
    return undefined;
  // Code may stand between a URL and an `@`.
  if (/[(),']/.test(password) && !isRandom(password.replace(/[(),']/g, ''), 8)) return undefined;
  return { start: start + colon + 1, end: lastAt, kind: 'url-password' };
}

/**
 * Up to the host's `@`. A `/`, `?`, `#`, comma, bracket or quote ends it, unless what stands before
 * cannot be a host and its port: then it is a password that somebody left unescaped.
 */
function authorityFrom(text: string, start: number): { end: number; lastAt: number } {
  const limit = Math.min(text.length, start + MAX_AUTHORITY);
  let lastAt = -1;
  let i = start;
  for (; i < limit; i++) {
    const character = text.charAt(i);
    if (END.has(character)) break;
    if (character === '@') lastAt = i;
    if (MAY_END.has(character) && !IN_PASSWORD.test(text.slice(start, i))) break;
  }
  return { end: i, lastAt };
}
