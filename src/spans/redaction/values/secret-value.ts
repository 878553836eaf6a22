import { isStandIn, isTechnicalWord, repeatsName } from './placeholders.js';
import { isRandom, isUuid } from './randomness.js';
import type { NameClass } from './secret-names.js';

/** How a value stands beside its name. */
export interface ValuePlace {
  readonly name: string;
  readonly nameClass: NameClass;
  /**
   * `literal`: nothing but a value can stand there (an environment file, a flag, a header, a URL,
   * `<password>…`); `quoted`: a text in code or data; `bare`: without quotes, where code may stand too;
   * `prose`: behind `password is`.
   */
  readonly style: 'literal' | 'quoted' | 'bare' | 'prose';
}

/** The longest part of a value that is looked at: what is random for so long is random. */
const VALUE_LOOK = 512;

/**
 * Whether a value is a secret, given its name and how it stands there: the one place that decides.
 * It is none where it is a reference (`$X`, `os.environ[…]`, a call), a placeholder, words, the name
 * of an algorithm, or a constant that repeats its own name. A password may be short and human
 * (`hunter2secret`); a token has to look random.
 */
export function isSecretValue(whole: string, place: ValuePlace): boolean {
  const value = whole.slice(0, VALUE_LOOK);
  if (value.length < 4 || isStandIn(value)) return false;
  if (isTechnicalWord(value) || repeatsName(value, place.name)) return false;
  if (place.style === 'bare' && isExpression(value)) return false;
  switch (place.nameClass) {
    case 'password':
      return isPassword(value, place);
    case 'token':
      return isToken(value, place);
    case 'weak':
      return isWeakSecret(value);
    case 'signature':
      return false;
  }
}

/** Behind a name of many meanings: long, letters of both cases and digits, in one piece. */
function isWeakSecret(value: string): boolean {
  if (!/^[\w+=~!@#$%^&*-]+$/.test(value) || !isRandom(value, 20)) return false;
  const digits = (value.match(/\d/g) ?? []).length;
  return /[a-z]/.test(value) && /[A-Z]/.test(value) && (digits > 1 || value.length >= 32);
}

/** Member access, calls, indexes, operators: code. */
function isExpression(value: string): boolean {
  return /[()[\]{}<>;]|^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$|\?\.|^[A-Z][a-z]+\d*(?:[A-Z][a-z]{2,})+$|\|\||&&|^!|::|->/.test(
    value,
  );
}

function isToken(value: string, { style }: ValuePlace): boolean {
  if (isUuid(value)) return style !== 'prose';
  if (!isTokenText(value)) return style === 'literal' && isHard(value);
  return isRandom(value, style === 'literal' ? 12 : 16);
}

/** Tokens are of letters, digits and few signs; a text with blanks is a sentence. */
function isTokenText(value: string): boolean {
  return /^[\w+/=.~:@!#$%^&*?,|-]+$/.test(value);
}

/** Letters, digits and signs together: nothing but a password or a key looks like that. */
function isHard(value: string): boolean {
  return (
    value.length >= 12 &&
    /[A-Za-z]/.test(value) &&
    /\d/.test(value) &&
    /[^\w\s.,;:()[\]{}'"-]/.test(value) &&
    !/\s/.test(value)
  );
}

function isPassword(value: string, { style, name }: ValuePlace): boolean {
  if (/\s/.test(value)) return style === 'literal' && isPassphrase(value);
  const hasLetter = /[A-Za-z]/.test(value);
  const hasDigit = /\d/.test(value);
  if (!hasLetter) return style !== 'prose' && isNumberPassword(value, name);
  if (/^[a-z]+:\/\//i.test(value)) return false;
  const hasSign = /[!@#$%^&*+=?~]/.test(value);
  if (style !== 'literal' && /^[a-z]+\d{0,4}(?:_[a-z]+\d{0,4})+$|^[a-z_]+=[a-z_]+$/.test(value)) return false;
  if (hasDigit) return value.length >= 6 || (style === 'literal' && hasSign);
  if (hasSign && value.length >= 8 && /^[\w!@#$%^&*+=?~.-]+$/.test(value)) return true;
  // Without a digit it is mostly a word of the language, a key of a translation, the name of a field.
  if (isRandom(value, 16)) return true;
  return style === 'literal' && isShouted(name) && /^[a-z]+(?:[-_.][a-z]+)+$|^[a-z]{8,}$/i.test(value);
}

/** Names of answers and measures, whose numbers are codes and counts: `WRONG_PASSWORD = 100002`, `passwords: 120400`. */
const COUNTED =
  /s$|wrong|invalid|incorrect|bad|missing|expired|weak|error|err_|_err|code|status|count|total|num|len|size|max|min|reset|forgot|change/i;

/**
 * Six digits or more behind `password`. Less are a PIN, a port, the pin of a chip: they stay, and so do round
 * numbers, which are times and sizes.
 */
function isNumberPassword(value: string, name: string): boolean {
  return /^\d{6,32}$/.test(value) && !value.endsWith('000') && !COUNTED.test(name.replace(/passcode/i, ''));
}

/** `DB_PASSWORD`, as environment files and shells have it. */
export function isShouted(name: string): boolean {
  return name === name.toUpperCase();
}

/** Several words are a pass phrase only where they hold digits or signs. */
function isPassphrase(value: string): boolean {
  return (
    value.length <= 80 && /\d/.test(value) && /[!@#$%^&*+=?~]/.test(value) && !/[.,:;]\s|[.]$/.test(value)
  );
}
