import type { Found } from '../search/finding.js';
import type { Sign } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isRandom } from '../values/randomness.js';

const KEY_TYPE = /\\{0,7}["']?kty\\{0,7}["']?\s{0,3}:\s{0,3}\\{0,7}["'](?:RSA|EC|OKP|oct)/g;
const PRIVATE_PART =
  /(?<!\w)(?:d|k|p|q|dp|dq|qi)\\{0,7}["']?\s{0,3}:\s{0,3}\\{0,7}["']([A-Za-z0-9_-]{16,2048})/g;
const MAX_KEY = 4096;

/** What every text has in which `findJwkParts` finds anything. */
export const JWK_SIGN: Sign = (text) => text.includes('kty');

/** The private members of JSON Web Keys: `d`, `p`, `q` and so on near a `kty` (RFC 7518). */
export function findJwkParts(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  let done = 0;
  for (const match of text.matchAll(KEY_TYPE)) {
    const from = Math.max(done, match.index - MAX_KEY);
    const window = text.slice(from, match.index + MAX_KEY);
    budget.spend(window.length);
    for (const part of window.matchAll(PRIVATE_PART)) {
      const value = part[1] as string;
      const end = from + part.index + part[0].length;
      if (!isRandom(value, 16)) continue;
      found.push({ start: end - value.length, end, kind: 'private-key' });
    }
    done = from + window.length;
  }
  return found;
}
