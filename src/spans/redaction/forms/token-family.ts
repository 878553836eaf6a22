import type { Found } from '../search/finding.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isAlphanumeric, isNameCharacter } from '../values/characters.js';
import { isStandIn } from '../values/placeholders.js';
import { isRandom } from '../values/randomness.js';

/** What a beginning says that is a token's, a part of it between `_` and `-`. */
const SAYS_SECRET =
  /^(?:\w*(?:token|secret|apikey|pat)|tok|key|api|sk|sec|priv|private|auth|access|svc|rt|refresh|pw|\w{1,6}(?:sk|pat|key|tok))$/i;
/** Behind `key-` and `api-` hexadecimal digits are a hash, in the name of a cache or an image. */
const SAYS_SECRET_ALONE = /^(?:\w*(?:token|secret)|tok|pat|sk|\w{1,6}(?:sk|pat))$/i;
/** Beginnings of ids, which traces need, and of what may be public. */
const SAYS_ID =
  /^(?:call|resp|msg|rs|fc|run|req|chatcmpl|toolu|item|file|asst|thread|step|batch|ft|pi|cs|pk|pub|public|publishable|evt|sub|cus|in|price|prod|session|sess|hash|sha\d*|md5|id|ids|uuid|exec|turn|trace|span|etag|nonce|state|cache|commit|rev|integrity|chunk|asset|css|img|svg)$/i;
const MAX_TOKEN = 260;
const LEAST_TAIL = 20;
/** A beginning, a sign, and enough behind it: without these there is no such token. */
const MAX_HEAD = 15;
const LEAST_BEHIND = 7;

/**
 * A token of a vendor nobody has listed: `acme_sk_…`, `tok-live-…`: short parts, one of which says
 * token, key, secret, pat, api or sk, and a random tail of 20 characters or more.
 */
export function familyToken(text: string, at: number, budget: WorkBudget): Found | undefined {
  if (!beginsWithPart(text, at)) return undefined;
  const end = endOfRun(text, at);
  if (end - at < LEAST_TAIL + 3) return undefined;
  budget.spend(end - at);
  const parts = text.slice(at, end).split(/[_-]/);
  const { heads, tail } = splitTail(parts);
  if (heads.length === 0 || heads.length > 4 || tail.length < LEAST_TAIL) return undefined;
  if (heads.some((head) => SAYS_ID.test(head))) return undefined;
  if (/^[0-9a-f_-]+$/i.test(tail) && !heads.some((head) => SAYS_SECRET_ALONE.test(head))) return undefined;
  if (!heads.some((head) => SAYS_SECRET.test(head)) && !isUnknownToken(heads, tail)) return undefined;
  return isRandom(tail, LEAST_TAIL) && !isStandIn(tail) ? { start: at, end, kind: 'token' } : undefined;
}

function beginsWithPart(text: string, at: number): boolean {
  let i = at;
  while (i - at <= MAX_HEAD && isAlphanumeric(text.charCodeAt(i))) i++;
  if (i === at || i - at > MAX_HEAD || !isNameCharacter(text.charCodeAt(i))) return false;
  for (let behind = 1; behind <= LEAST_BEHIND; behind++)
    if (!isNameCharacter(text.charCodeAt(i + behind))) return false;
  return true;
}

/** A vendor's name or two and a tail that is longer than ids are, with everything in it. */
function isUnknownToken(heads: readonly string[], tail: string): boolean {
  if (heads.length > 2 || !heads.every((head) => /^[a-z][a-z0-9]{0,9}$/.test(head))) return false;
  return tail.length >= 32 && /[a-z]/.test(tail) && /[A-Z]/.test(tail) && /\d.*\d/.test(tail);
}

function endOfRun(text: string, at: number): number {
  const limit = Math.min(text.length, at + MAX_TOKEN);
  let i = at;
  while (i < limit && isNameCharacter(text.charCodeAt(i))) i++;
  while (i > at && text.charCodeAt(i - 1) === 45) i--;
  return i;
}

/** Short parts of letters and a digit or two are the beginning; from the first long part on it is the tail. */
function splitTail(parts: readonly string[]): { heads: string[]; tail: string } {
  const from = parts.findIndex(
    (part) => part.length > 12 || (part.length > 4 && /\d.*[a-z].*\d|[a-z].*\d.*[A-Z]/.test(part)),
  );
  if (from < 1) return { heads: [], tail: '' };
  return { heads: parts.slice(0, from), tail: parts.slice(from).join('_') };
}
