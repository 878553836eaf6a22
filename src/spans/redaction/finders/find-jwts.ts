import type { Found } from '../search/finding.js';
import type { Sign } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isNameCharacter } from '../values/characters.js';

const MAX_JWT = 16_384;

/** What every text has in which `findJwts` finds anything. */
export const JWT_SIGN: Sign = (text) => text.includes('eyJ');

/**
 * JSON Web Tokens, signed and encrypted, and what else is base64 of `{"…` in parts with dots between
 * (Discord's and others' have another first part and are found by their names). Signed ones without
 * their last part are held as well: what was cut off is the signature, and the claims are a person's.
 */
export function findJwts(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  let at = text.indexOf('eyJ');
  while (at >= 0) {
    const end = endOfParts(text, at);
    budget.spend(end - at);
    // The header alone tells nothing, and `eyJ` begins every base64 of JSON.
    if (end - at >= 40 && isSecondPart(text, at, end)) found.push({ start: at, end, kind: 'jwt' });
    at = text.indexOf('eyJ', end);
  }
  return found;
}

function endOfParts(text: string, start: number): number {
  const limit = Math.min(text.length, start + MAX_JWT);
  let dots = 0;
  let i = start;
  for (; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === 46 && dots < 4) dots++;
    else if (!isNameCharacter(code)) break;
  }
  while (text.charCodeAt(i - 1) === 46) i--;
  return i;
}

function isSecondPart(text: string, start: number, end: number): boolean {
  const [header = '', claims = '', ...rest] = text.slice(start, end).split('.');
  if (header.length < 10) return false;
  return (
    rest.length >= 3 ||
    (claims.startsWith('eyJ') && claims.length >= 12) ||
    (rest.length === 1 && claims.length >= 12)
  );
}
