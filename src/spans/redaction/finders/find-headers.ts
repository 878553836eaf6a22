import type { Found } from '../search/finding.js';
import type { Sign } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isStandIn } from '../values/placeholders.js';
import { isRandom } from '../values/randomness.js';
import { QUOTE } from './read-value.js';

const NAME_END = `(?:${QUOTE})?\\]?\\s{0,3}(?::|=>?|,)\\s{0,5}(?:${QUOTE})?`;
const AUTHORIZATION = new RegExp(`authorization${NAME_END}`, 'gi');
/** The value to its end: a header's line, or the text in quotes around it. */
const VALUE = /[^\r\n"'`\\<>]{1,2048}/y;
const SCHEME = /^([A-Za-z][\w-]{1,20})\s{1,4}(?=\S)/;
const BEARER = /(?:\b|(?<=\\[nrt]))(?:bearer|basic)\s{1,3}([\w.~+/=-]{12,2048})/gi;

/** What every text has in which `findHeaders` finds anything. */
export const HEADER_SIGN: Sign = (_, lower) =>
  lower.includes('authorization') || holdsBearer(lower) || holdsCookie(lower);

function holdsBearer(lower: string): boolean {
  return lower.includes('bearer') || lower.includes('basic');
}

function holdsCookie(lower: string): boolean {
  return lower.includes('cookie') || (lower.includes('-b') && /-b[\s=,"'\\]/.test(lower));
}

/** `Authorization` of any scheme, bearer tokens wherever they stand, and cookies. */
export function findHeaders(text: string, budget: WorkBudget): Found[] {
  const lower = text.toLowerCase();
  return [
    ...(lower.includes('authorization') ? authorizations(text, budget) : []),
    ...(holdsBearer(lower) ? bearers(text, budget) : []),
    ...(holdsCookie(lower) ? cookies(text, budget) : []),
  ];
}

function authorizations(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  let done = 0;
  for (const match of text.matchAll(AUTHORIZATION)) {
    if (match.index < done) continue;
    VALUE.lastIndex = match.index + match[0].length;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined) continue;
    done = VALUE.lastIndex;
    budget.spend(value.length + match[0].length);
    const scheme = SCHEME.exec(value)?.[0] ?? '';
    const credentials = value.slice(scheme.length).trimEnd();
    const isSecret =
      scheme === ''
        ? !isStandIn(credentials) && isRandom(credentials, 16)
        : isCredentials(credentials, scheme);
    if (!isSecret) continue;
    const start = match.index + match[0].length + scheme.length;
    found.push({ start, end: start + credentials.length, kind: 'authorization' });
  }
  return found;
}

/** Schemes that everybody knows take any credentials; others only what looks drawn at random. */
function isCredentials(credentials: string, scheme: string): boolean {
  if (isStandIn(credentials)) return false;
  if (/^(?:bearer|basic|token|bot|apikey|negotiate|ssws|geniekey|splunk|key)\s/i.test(scheme))
    return /^[\w.~+/=:|-]{8,}$/.test(credentials) && /\d|[+/=]|[a-z][A-Z]/.test(credentials);
  return (
    /(?:signature|response|credential|token|mac)="?[\w%+/=-]{16,}/i.test(credentials) ||
    (!/[\s,]/.test(credentials) && isRandom(credentials, 16))
  );
}

function bearers(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  for (const match of text.matchAll(BEARER)) {
    const token = match[1] as string;
    budget.spend(match[0].length);
    if (isStandIn(token) || !isRandom(token.slice(0, 400), 12)) continue;
    const end = match.index + match[0].length;
    found.push({ start: end - token.length, end, kind: 'authorization' });
  }
  return found;
}

const COOKIE = new RegExp(
  `(?:(?:\\b|(?<=\\\\[nrt]))(?:set-)?cookies?${NAME_END}|(?:\\s|^|["']|(?<=\\\\[nrt]))(?:-b|--cookie)(?:\\s|=|["',\\\\]){1,6})`,
  'gi',
);
const PAIR = /([\w.-]{1,80})=("?)([^;\s"',]{8,2048})/g;
/** What a cookie says beside its value. */
const ATTRIBUTES = /^(?:path|domain|expires|max-age|samesite|version|priority)$/i;

function cookies(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  let done = 0;
  for (const match of text.matchAll(COOKIE)) {
    if (match.index < done) continue;
    VALUE.lastIndex = match.index + match[0].length;
    const line = VALUE.exec(text)?.[0];
    done = Math.max(done, VALUE.lastIndex);
    if (line === undefined || /[(){}]|[=!&|]{2}/.test(line)) continue;
    budget.spend(line.length);
    for (const pair of line.matchAll(PAIR)) {
      const [whole, name = '', , value = ''] = pair;
      if (ATTRIBUTES.test(name) || isStandIn(value) || !isRandom(value.slice(0, 400), 12)) continue;
      const end = match.index + match[0].length + pair.index + whole.length;
      found.push({ start: end - value.length, end, kind: 'cookie' });
    }
  }
  return found;
}
