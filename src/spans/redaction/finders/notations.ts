import type { NameClass } from '../values/secret-names.js';
import type { ValuePlace } from '../values/secret-value.js';
import { QUOTE } from './read-value.js';

/** A name that speaks of a secret, and where it stands. */
export interface SecretName {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly nameClass: NameClass;
}

/** How name and value are joined, and where the value begins. */
export interface Joint {
  readonly valueAt: number;
  readonly style: ValuePlace['style'] | 'by quotes';
  readonly stopAt?: string;
  /** Only a value in quotes counts. */
  readonly quotedOnly?: true;
  /** What the place says more of the name. */
  readonly nameClass?: NameClass;
  /** The argument of a call: only where it is the only one. */
  readonly isCall?: true;
}

/** Blanks, also as JSON text writes them. */
const BLANK = '(?:\\s|\\\\{1,3}[nrt])';
/** A colour code, also as text: tools paint names. */
const COLOUR = '(?:(?:\\u001b|\\\\{1,2}(?:x1b|u001b|033|e))\\[[\\d;]{0,12}m)?';
const CLOSING = `${COLOUR}(?:${QUOTE})?[\\])]{0,2}`;
const ASSIGN = new RegExp(
  `${CLOSING}\\s{0,20}(?:[:?+|]?={1,3}>?|:{1,2}|->|%3D|%3A|\\\\{1,2}u003[dD])\\s{0,20}${COLOUR}`,
  'y',
);
/** `sign(data, 'secret') => '…'`: what comes of a call. */
const CALL_RESULT = /\)\s*=>/;
const TYPED =
  /\s{0,3}:?\s{0,3}(?:string|str|String|&(?:'static )?str|Optional\[str\]|str \| None|SecretStr|text|any)\s{0,3}=\s{0,5}/y;
const LISTED = new RegExp(`(?:${QUOTE})\\s{0,5},\\s{0,20}`, 'y');
const CALLED = new RegExp(`\\(\\s{0,5}(?=[bru]{0,1}(?:${QUOTE}))`, 'y');
const ELEMENT = /(?:\s[^<>\n]{0,60})?(?:>|&gt;|\\{1,4}u003[eE])\s{0,10}(?=[^\s<])/y;
/** `process.env.DB_PASSWORD || "…"`, `os.environ.get("DB_PASSWORD") or "…"`. */
const FALLBACK = new RegExp(
  `(?:${QUOTE})?[\\])]{0,2}\\s{0,20}(?:\\|\\||\\?\\?|\\?:|\\bor\\b)\\s{0,20}(?=${QUOTE})`,
  'y',
);
/** `password: |` of YAML, and the value on the next line. */
const BLOCK = /["']?:[ \t]{1,5}[|>][+-]?\d?[ \t]{0,5}(?:\r?\n|(?:\\{1,3}r)?\\{1,3}n)[ \t]{1,40}(?=\S)/y;
/** `variable "db_password" { default = "…" }` of Terraform. */
const DEFAULT = new RegExp(
  `(?:${QUOTE})\\s{0,3}\\{[^{}]{0,300}?(?:\\b|(?<=\\\\[nrt]))default\\s{0,20}=\\s{0,5}(?=${QUOTE})`,
  'y',
);
const VALUE_PAIR = new RegExp(
  `(?:${QUOTE})?${BLANK}{0,10}[,;]?${BLANK}{0,40}(?:${QUOTE})?(?:value|val|v|secret)(?:${QUOTE})?\\s{0,5}[:=]\\s{0,10}`,
  'iy',
);
const SPACED = /(?:["']\s{0,3},\s{0,5}(?=["'])|\s{1,10}(?:by\s{1,4}|as\s{1,4}|to\s{1,4})?)/iy;
const TABLE = /`?\s{0,40}\|\s{0,10}`?/y;
const PROSE =
  /(?:\s{1,3}(?:for|of|to|in)\s{1,3}[\w.@/-]{1,40}(?:\s{1,3}[\w.@/-]{1,30})?\s{0,3}(?::|=|\bis\b|\bwas\b)|\s{0,3}(?:\bis\b|\bwas\b))(?:\s{1,3}(?:now|set to|still|this|simply))?\s{0,3}:?\s{0,3}/y;
const PLAIN_PROSE = /\s{1,3}(?=[`"'])/y;

/** `<property name="password">value<`. */
const XML_ATTRIBUTE = /(?:\\{0,3}["']|&quot;)\s{0,5}(?:>|&gt;)\s{0,10}(?=[^\s<])/y;

/** A way to join a value to a name other than an assignment. */
interface Notation {
  readonly pattern: RegExp;
  /** What stands near the name wherever the pattern matches: a glance that spares the pattern. */
  readonly near: RegExp;
  readonly joint: Omit<Joint, 'valueAt'>;
  /** Where it can be meant; absent: anywhere. */
  readonly isMeant?: (text: string, name: SecretName) => boolean;
}

/** The surest first. */
const NOTATIONS: readonly Notation[] = [
  { pattern: TYPED, near: /=/, joint: { style: 'by quotes', quotedOnly: true } },
  { pattern: VALUE_PAIR, near: /val|secret|v["'\\:=]/i, joint: { style: 'by quotes' } },
  { pattern: FALLBACK, near: /\||\?|or/, joint: { style: 'quoted', quotedOnly: true } },
  { pattern: BLOCK, near: /:/, joint: { style: 'bare' } },
  { pattern: DEFAULT, near: /\{/, joint: { style: 'quoted', quotedOnly: true }, isMeant: isVariable },
  {
    pattern: SPACED,
    near: /[\s,]/,
    joint: { style: 'literal' },
    isMeant: (text, name) => isFlag(text, name) || isStatement(text, name),
  },
  { pattern: ELEMENT, near: />|&gt;|u003e/i, joint: { style: 'literal' }, isMeant: isElement },
  {
    pattern: XML_ATTRIBUTE,
    near: />|&gt;/,
    joint: { style: 'literal' },
    isMeant: (text, name) => !isElement(text, name),
  },
  {
    pattern: LISTED,
    near: /,/,
    joint: { style: 'quoted', quotedOnly: true },
    isMeant: (text, name) => !isBeforeId(text, name),
  },
  { pattern: CALLED, near: /^\(/, joint: { style: 'quoted', quotedOnly: true, isCall: true } },
  { pattern: TABLE, near: /\|/, joint: { style: 'prose', stopAt: '|' } },
  { pattern: PROSE, near: /^\s.*(?:[:=]|\b(?:is|was)\b)/s, joint: { style: 'prose' } },
  { pattern: PLAIN_PROSE, near: /^\s/, joint: { style: 'prose' } },
];

/** What joins a name and its value lies within so many characters. */
const NEAR = 90;

/** The ways in which a value can be joined to a name: an assignment, else the other notations. */
export function* jointsBehind(text: string, name: SecretName): Generator<Joint> {
  const near = text.slice(name.end, name.end + NEAR);
  const assigned = endOf(ASSIGN, text, name.end);
  if (assigned !== undefined && !CALL_RESULT.test(text.slice(name.end, assigned)))
    yield assignedJoint(text, name, assigned);
  for (const { pattern, near: sign, joint, isMeant } of NOTATIONS) {
    if (!sign.test(near) || (isMeant && !isMeant(text, name))) continue;
    const valueAt = endOf(pattern, text, name.end);
    if (valueAt !== undefined) yield { valueAt, ...joint };
  }
}

/** The offset behind what a sticky pattern matches at an offset. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** `<password>`, also as `&lt;password&gt;` and, in JSON of Go's, `\u003cpassword\u003e`: told by the sign before the name. */
function isElement(text: string, name: SecretName): boolean {
  return /(?:[<;]|u003c)$/i.test(text.slice(Math.max(0, name.start - 5), name.start));
}

const ID_LISTED = new RegExp(
  `(?:${QUOTE})\\s{0,5},\\s{0,20}(?:${QUOTE})[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-`,
  'iy',
);

/** `VALUES ('…', 'password', '<uuid>')`: the next column's id. */
function isBeforeId(text: string, name: SecretName): boolean {
  return name.nameClass === 'password' && endOf(ID_LISTED, text, name.end) !== undefined;
}

/** `variable "` before the name. */
function isVariable(text: string, name: SecretName): boolean {
  return /(?:\b|(?<=\\[nrt]))variable\s{1,3}\\{0,7}"$/.test(
    text.slice(Math.max(0, name.start - 20), name.start),
  );
}

function assignedJoint(text: string, name: SecretName, valueAt: number): Joint {
  // In a URL's query `&` ends the value; in a connection string `;` alone does. `sig` is found with its sign.
  if (['?', '&'].includes(text.charAt(name.start - 1)) || /[?&;]sig$/i.test(name.text)) {
    // A signature in a URL opens what it signs.
    return {
      valueAt,
      style: 'literal',
      stopAt: '#',
      nameClass: name.nameClass === 'password' ? 'password' : 'token',
    };
  }
  if (isFlag(text, name)) return { valueAt, style: 'literal' };
  return { valueAt, style: 'by quotes' };
}

/** `--password`, `-Password`, `/p:` and the words of a list of arguments. */
function isFlag(text: string, name: SecretName): boolean {
  return (
    text.charAt(name.start) === '-' ||
    /(?:^|[\s"'`,=[(])--?$/.test(text.slice(Math.max(0, name.start - 3), name.start))
  );
}

const STATEMENT =
  /(?:(?:\b|(?<=\\[nrt]))(?:IDENTIFIED|ENCRYPTED|WITH|SET|ALTER|CREATE|USER|ROLE|FOR)\b[^\n]{0,60}|(?:\b|(?<=\\[nrt]))(?:ENV|ARG|export|setx|set)\s{1,4}(?:-\w{1,3}\s{1,3})?|(?:\b|(?<=\\[nrt]))(?:login|account|user)\s{1,4}[^\s"']{1,60}\s{1,8})$/;

/** Behind `login ada` of a netrc, in SQL, behind `ENV` of a Dockerfile: the name and its value are apart by a blank. */
function isStatement(text: string, name: SecretName): boolean {
  return STATEMENT.test(text.slice(Math.max(0, name.start - 80), name.start));
}
