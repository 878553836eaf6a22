import { GITLEAKS_RULES } from '../forms/gitleaks-rules.js';
import { familyToken } from '../forms/token-family.js';
import { TOKEN_RULES } from '../forms/token-rules.js';
import type { Found } from '../search/finding.js';
import { asPattern } from '../search/literal-pattern.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isAlphanumeric, isDigit, isNameCharacter } from '../values/characters.js';
import { isRandom, shannonEntropy, wordlessShare } from '../values/randomness.js';

/** A rule ready for the search. */
interface Rule {
  readonly kind: string;
  /** In lower case; where it stands, the expression is tried. */
  readonly literal: string;
  readonly source: string;
  readonly accepts: (token: string) => boolean;
  /** The value's place is behind the vendor's name. */
  readonly isVendor: boolean;
  expression?: RegExp;
}

/** One text's search. */
interface Search extends RuleTables {
  readonly text: string;
  /** The rules whose vendors' names stand in the text; undefined: not looked up yet. */
  vendorsHere?: readonly Rule[];
  readonly budget: WorkBudget;
  /** For a rule, to where the text was found to be a mere repetition, which is looked at once. */
  readonly doneTo: Map<Rule, number>;
}

/** The rules by the first two characters of their literals, in a table that is as fast as a comparison. */
type RuleTable = readonly (Rule[] | undefined)[];

/** What joins a vendor's name and a value, after gitleaks. */
const VENDOR_JOINT = '[\\w.-]{0,20}[\\s\'"\\\\]{0,4}(?:=|>|:{1,3}=|\\|\\||:|=>|\\?=|,)[`\'"\\s=\\\\]{0,5}';

/** Bits a character; a random token of 20 hexadecimal digits has 3. */
const LEAST_ENTROPY = 2.5;

interface RuleTables {
  readonly rules: RuleTable;
  readonly vendors: readonly Rule[];
}

let tables: RuleTables | undefined;

function ruleTables(): RuleTables {
  if (tables) return tables;
  const vendors: Rule[] = [];
  const buckets: (Rule[] | undefined)[] = new Array(128 * 128);
  const add = (rule: Rule) => {
    if (rule.isVendor) {
      vendors.push(rule);
      return;
    }
    const at = rule.literal.charCodeAt(0) * 128 + rule.literal.charCodeAt(1);
    const bucket = buckets[at];
    if (bucket) bucket.push(rule);
    else buckets[at] = [rule];
  };
  for (const [kind, literals, source, check] of TOKEN_RULES) {
    const accepts = check === 'random' ? isRandomTail : isNoStandIn;
    for (const literal of literals.split(' ')) add({ kind, literal, source, accepts, isVendor: false });
  }
  for (const [id, literals, source, entropy, form] of GITLEAKS_RULES) {
    const isVendor = form === 'vendor';
    const edge = form === 'open' ? '' : '(?![A-Za-z0-9])';
    const accepts = (token: string) =>
      shannonEntropy(token) >= entropy && (isVendor ? isRandom(token, 14) : isNoStandIn(token));
    const whole = isVendor ? `${VENDOR_JOINT}(${source})(?![\\w-])` : `${source}${edge}`;
    for (const literal of literals) add({ kind: id, literal, source: whole, accepts, isVendor });
  }
  tables = { rules: buckets, vendors };
  return tables;
}

function isNoStandIn(token: string): boolean {
  return (
    shannonEntropy(token) > LEAST_ENTROPY &&
    !/x{6}|X{6}|\*{3}|\.\.\.|your|Your|YOUR|example|Example|EXAMPLE/.test(token)
  );
}

/** The part behind the last sign of the beginning: that part is drawn at random. */
function isRandomTail(token: string): boolean {
  const tail = /[A-Za-z0-9+/=]{8,}[\w+/=-]*$/.exec(token)?.[0] ?? token;
  return (
    isNoStandIn(token) &&
    (isRandom(tail, 12) || (/[a-z]/.test(tail) && /[A-Z]/.test(tail) && wordlessShare(tail) > 0.6))
  );
}

/** The shortest token of a form is longer: what is shorter, most of any text, is passed over by one expression. */
const LEAST_RUN = 16;
const LONG_RUN = /[\w.~+/=:|-]{16,}/g;

/** How far before a long run the name of its vendor can stand. */
const VENDOR_REACH = 60;

/**
 * Tokens of published forms, and of the family `prefix_random`. In each long run of the characters of
 * tokens, wherever a word begins, the two characters there are looked up in the table of rules. A word
 * also begins behind an escape of JSON (`\n`, `\u003d`), of a URL (`%3D`) and behind a colour code.
 */
export function findTokens(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  if (text.length < LEAST_RUN) return found;
  let search: Search | undefined;
  LONG_RUN.lastIndex = 0;
  for (let run = LONG_RUN.exec(text); run; run = LONG_RUN.exec(text)) {
    const end = LONG_RUN.lastIndex;
    search ??= { text, ...ruleTables(), budget, doneTo: new Map() };
    found.push(...tokensInRun(search, run.index, end), ...vendorTokens(search, run.index, end));
  }
  return found;
}

function tokensInRun(search: Search, from: number, to: number): Found[] {
  const { text } = search;
  const found: Found[] = [];
  let done = from;
  let before = from === 0 ? 32 : text.charCodeAt(from - 1);
  const take = (at: number, isWhole: boolean) => {
    if (at < done) return;
    const token = ruleToken(search, at) ?? (isWhole ? unlistedToken(search, at) : undefined);
    if (!token) return;
    found.push(token);
    done = token.end;
  };
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (isAlphanumeric(code) && !isAlphanumeric(before)) {
      if (before === 92 || before === 37 || before === 91 || before === 59)
        take(behindEscape(text, i, before), true);
      // Behind `_` and `-` a vendor's form can begin, a family's cannot: its beginning lies further back.
      take(i, before !== 95 && before !== 45);
    }
    before = code;
  }
  return found;
}

/** No letter or digit stands before, unless it is the letter of an escape. */
function beginsName(text: string, at: number): boolean {
  if (at === 0 || !isAlphanumeric(text.charCodeAt(at - 1))) return true;
  return text.charAt(at - 2) === '\\' && /[nrtbf]/.test(text.charAt(at - 1));
}

/** A token of the family, unless a listed one begins within it: in `fix-glpat-…` the branch's word is none of it. */
function unlistedToken(search: Search, at: number): Found | undefined {
  const { text, budget } = search;
  const token = familyToken(text, at, budget);
  if (!token) return undefined;
  for (const joint of text.slice(at, Math.min(token.end, at + 40)).matchAll(/[_-]/g)) {
    const listed = ruleToken(search, at + joint.index + 1);
    if (listed) return listed;
  }
  return token;
}

/** `datadog… = value`: tokens without a form of their own, by their vendor's name and their length. */
function vendorTokens(search: Search, from: number, to: number): Found[] {
  const { text, budget } = search;
  search.vendorsHere ??= vendorsIn(search);
  if (search.vendorsHere.length === 0) return [];
  const end = Math.min(to, from + 400);
  if (!/\d/.test(text.slice(from, end))) return [];
  const start = Math.max(0, from - VENDOR_REACH);
  const window = text.slice(start, end).toLowerCase();
  budget.spend(window.length);
  const found: Found[] = [];
  for (const rule of search.vendorsHere) {
    for (let at = window.indexOf(rule.literal); at >= 0; at = window.indexOf(rule.literal, at + 1)) {
      if (!beginsName(text, start + at)) continue;
      const token = tokenOf(rule, search, start + at);
      if (token) found.push(token);
    }
  }
  return found;
}

/** From here on one look for all names is cheaper than one for each; for shorter texts the expression is not made. */
const LONG_TEXT = 500;
let vendorNames: RegExp | undefined;

/** Few texts name any vendor: names are looked up once a text, and not once a run (a tenth of a large turn's CPU). */
function vendorsIn({ text, vendors, budget }: Search): Rule[] {
  budget.spend(text.length);
  const lower = text.toLowerCase();
  if (lower.length > LONG_TEXT) {
    vendorNames ??= new RegExp(vendors.map(({ literal }) => asPattern(literal)).join('|'));
    if (!vendorNames.test(lower)) return [];
  }
  return vendors.filter(({ literal }) => lower.includes(literal));
}

const COLOUR_END = /\d{1,3}(?:;\d{1,3}){0,4}m/y;

/** Where the word begins if what stands before it is an escape that ends with letters or digits. */
function behindEscape(text: string, at: number, before: number): number {
  if (before === 37) return at + 2;
  if (before === 92) {
    const letter = text.charAt(at);
    if (letter === 'u') return at + 5;
    return letter === 'x' ? at + 3 : at + 1;
  }
  if (!isDigit(text.charCodeAt(at))) return at;
  COLOUR_END.lastIndex = at;
  return COLOUR_END.test(text) ? COLOUR_END.lastIndex : at;
}

function ruleToken(search: Search, at: number): Found | undefined {
  const { text, rules, doneTo } = search;
  const first = text.charCodeAt(at) | 32;
  const second = lower(text.charCodeAt(at + 1));
  const bucket = first < 128 && second < 128 ? rules[first * 128 + second] : undefined;
  if (!bucket) return undefined;
  for (const rule of bucket) {
    if (at < (doneTo.get(rule) ?? 0) || !startsWith(text, at, rule.literal)) continue;
    const token = tokenOf(rule, search, at);
    if (token) return token;
  }
  return undefined;
}

function tokenOf(rule: Rule, { text, budget, doneTo }: Search, at: number): Found | undefined {
  rule.expression ??= new RegExp(rule.source, 'y');
  rule.expression.lastIndex = rule.isVendor ? at + rule.literal.length : at;
  budget.spend(64);
  const match = rule.expression.exec(text);
  if (!match) return undefined;
  const end = at + match[0].length + (rule.isVendor ? rule.literal.length : 0);
  const token = rule.isVendor ? (match[1] as string) : match[0];
  budget.spend(token.length);
  if (!rule.accepts(token)) {
    if (shannonEntropy(token) < LEAST_ENTROPY) doneTo.set(rule, end);
    return undefined;
  }
  return { start: end - token.length, end: rule.isVendor ? end : endOfToken(text, end), kind: rule.kind };
}

/** A token that goes on behind what its form says is longer than published, not two things. */
function endOfToken(text: string, end: number): number {
  let i = end;
  const limit = Math.min(text.length, end + 200);
  while (i < limit && isNameCharacter(text.charCodeAt(i)) && text.charCodeAt(i) !== 45) i++;
  return i;
}

function startsWith(text: string, at: number, literal: string): boolean {
  for (let i = 2; i < literal.length; i++) {
    if (lower(text.charCodeAt(at + i)) !== literal.charCodeAt(i)) return false;
  }
  return true;
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code;
}
