import { isStandIn } from '../values/placeholders.js';
import { isRandom } from '../values/randomness.js';
import type { NameClass } from '../values/secret-names.js';

/** The beginning of a line, of the text, or of a text in JSON, with what diffs, shells and lists put there. */
const LINE_START =
  /(?:^|[\n\r"]|\\[nr])[ \t+>-]{0,40}(?:\d{1,6}[\t:|→][ \t]{0,20})?(?:(?:export|set|ENV|ARG)[ \t]{1,3})?(?:[\w-]{1,40}\.){0,3}$/;
const JOINT = /^[ \t]{0,3}[=:][ \t]{0,5}$/;
/** To a blank; a quote or a backslash may end the JSON text around. */
const WORD = /[^\s"`\\]{1,160}/y;
const LINE_END = /[ \t]{0,20}(?:$|[\r\n"#]|\\{1,7}[rn"])/y;
/** A mark that ends a value in code, with more of the value behind it. */
const MARK_WITHIN = /[,;&|<>(){}[\]'](?=.*\w)/;
const MARKS = /[,;&|<>(){}[\]']/g;
/** Quotes, variables, templates, calls with both brackets, the next part of a form's body or of a connection string. */
const CODE = /^[,;&|<>(){}[\]']|^[\w@$]{0,2}'|^\$[({]|\(.*\)|\[.*\]|\{.*\}|<.*>|[&;,][\w.-]{1,40}[=:](?!=|$)/;
const TRAILING = ",;.!?()[]{}<>'|&";

/**
 * The value of `NAME=value` or `name: value` on a line of its own, in which a mark stands that ends a
 * value in code (`&`, `,`, `(`): to the line's end. Nothing where there is no such mark, or where the
 * value may be code: without the marks it has to look drawn at random, and behind `DB_PASSWORD=` as
 * an environment file has it, to hold letters and digits.
 */
export function readLineValue(
  text: string,
  name: {
    readonly start: number;
    readonly end: number;
    readonly text: string;
    readonly nameClass: NameClass;
  },
  at: number,
): { start: number; end: number } | undefined {
  if (name.nameClass === 'weak' || name.nameClass === 'signature') return undefined;
  const joint = text.slice(name.end, at);
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word === undefined || !MARK_WITHIN.test(word) || CODE.test(word) || !JOINT.test(joint))
    return undefined;
  LINE_END.lastIndex = at + word.length;
  if (!LINE_END.test(text) || !LINE_START.test(text.slice(Math.max(0, name.start - 90), name.start)))
    return undefined;
  let length = word.length;
  while (TRAILING.includes(word.charAt(length - 1))) length--;
  const value = word.slice(0, length);
  const isVariable = joint === '=' && name.nameClass === 'password' && name.text === name.text.toUpperCase();
  return isLineSecret(value, isVariable) ? { start: at, end: at + length } : undefined;
}

function isLineSecret(value: string, isVariable: boolean): boolean {
  if (!MARK_WITHIN.test(value)) return false;
  const plain = value.replace(MARKS, '');
  if (isStandIn(value) || isStandIn(plain)) return false;
  if (isRandom(plain, 8)) return true;
  const isHuman = plain.length >= 8 && /[A-Za-z]/.test(plain) && /\d/.test(plain);
  return isVariable && isHuman && !/;|&&|\|\|/.test(value);
}
