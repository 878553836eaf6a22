import { isAlphanumeric, isDigit, isNameCharacter } from './characters.js';
import type { Found } from './finding.js';
import { GITLEAKS_RULES } from './gitleaks-rules.js';
import { isRandom, shannonEntropy, wordlessShare } from './randomness.js';
import { familyToken } from './token-family.js';
import { TOKEN_RULES } from './token-rules.js';
import type { WorkBudget } from './work-budget.js';

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
interface Search {
  readonly text: string;
  readonly rules: RuleTable;
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

let table: RuleTable | undefined;

function ruleTable(): RuleTable {
  if (table) return table;
  const buckets: (Rule[] | undefined)[] = new Array(128 * 128);
  const add = (rule: Rule) => {
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
  table = buckets;
  return buckets;
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

/**
 * Tokens of published forms, and of the family `prefix_random`. One pass over the text: only where a
 * word begins, the two characters there are looked up in the table of rules. A word also begins behind
 * an escape of JSON (`\n`, `\u003d`), of a URL (`%3D`) and behind a colour code.
 */
export function findTokens(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  const search: Search = { text, rules: ruleTable(), budget, doneTo: new Map() };
  let done = 0;
  let before = 32;
  const take = (at: number, isWhole: boolean) => {
    if (at < done) return;
    const token = ruleToken(search, at) ?? (isWhole ? familyToken(text, at, budget) : undefined);
    if (!token) return;
    found.push(token);
    done = token.end;
  };
  for (let i = 0; i < text.length; i++) {
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
