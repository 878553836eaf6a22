import { compact } from '../../../platform/json.js';
import type { Found } from '../search/finding.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isAlphanumeric, isNameCharacter } from '../values/characters.js';
import { classifyName, NAME_HINT } from '../values/secret-names.js';
import { isSecretValue, isShouted, type ValuePlace } from '../values/secret-value.js';
import { type Joint, jointsBehind, type SecretName } from './notations.js';
import { readLineValue } from './read-line-value.js';
import { endOfLongValue, QUOTE, type ReadValue, readValue } from './read-value.js';

const MAX_NAME = 60;
const LOOK_AHEAD = 160;

/**
 * Secrets by the name before them, in every notation: shell, environment files, YAML, JSON (nested and
 * escaped too), TOML, ini, XML, properties, PHP, Ruby, Go, PowerShell, Dockerfile, SQL, keyword
 * arguments, flags, headers, URL queries, tables, sentences. Linear: behind a name at most some hundred
 * characters are looked at, and behind a secret the search goes on after it.
 */
export function findAssignments(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  const hint = new RegExp(NAME_HINT, 'gi');
  for (let match = hint.exec(text); match; match = hint.exec(text)) {
    const name = nameAround(text, match.index, hint.lastIndex);
    hint.lastIndex = Math.max(hint.lastIndex, name.end);
    const nameClass = classifyName(name.text);
    if (nameClass === undefined || isInArn(text, name.start)) continue;
    budget.spend(name.end - name.start + LOOK_AHEAD);
    const value = secretBehind(text, { ...name, nameClass }, budget);
    if (!value) continue;
    found.push({ ...value, kind: KINDS[nameClass] });
    hint.lastIndex = Math.max(hint.lastIndex, value.end);
  }
  return found;
}

/** `arn:aws:secretsmanager:…:secret:name`: what follows is a name. */
function isInArn(text: string, at: number): boolean {
  return text.charAt(at - 1) === ':' && text.slice(Math.max(0, at - 80), at).includes('arn:');
}

const KINDS = { password: 'password', token: 'secret', weak: 'secret', signature: 'secret' } as const;

/** The whole name around a hint: letters, digits, `_` and `-`, without the rest of an escape before it. */
function nameAround(text: string, hintStart: number, hintEnd: number): Omit<SecretName, 'nameClass'> {
  let start = hintStart;
  const first = Math.max(0, hintStart - MAX_NAME);
  while (start > first && isNameCharacter(text.charCodeAt(start - 1))) start--;
  if (text.charAt(start - 1) === '\\') {
    const rest = /^(?:[nrtbf]|u[0-9a-fA-F]{4})/.exec(text.slice(start, hintStart));
    start += rest?.[0].length ?? 0;
  }
  if (text.charAt(start - 1) === '%' && /^[0-9A-F]{2}/.test(text.slice(start, start + 2))) {
    start = Math.min(hintStart, start + 2);
  }
  let end = hintEnd;
  const last = Math.min(text.length, hintEnd + MAX_NAME);
  while (end < last && isInName(text, end)) end++;
  return { start, end, text: text.slice(start, end) };
}

function isInName(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  // A dash is part of a name before a letter only: `a-b`, but `token->` and `KEY-----`.
  return code === 45 ? isAlphanumeric(text.charCodeAt(at + 1)) : isNameCharacter(code);
}

function secretBehind(text: string, name: SecretName, budget: WorkBudget): Omit<Found, 'kind'> | undefined {
  for (const joint of jointsBehind(text, name)) {
    const line = joint.style === 'by quotes' ? readLineValue(text, name, joint.valueAt) : undefined;
    if (line) return line;
    const value = readValue(text, skipScheme(text, joint.valueAt), joint.stopAt);
    if (!value || (joint.quotedOnly && !value.isQuoted)) continue;
    budget.spend(value.end - value.start);
    const style = styleOf(text, name, joint, value);
    const trimmed = trimEnd(text, value);
    const said = text.slice(value.start, trimmed);
    if (
      style &&
      isSecretValue(said, { name: name.text, nameClass: joint.nameClass ?? name.nameClass, style })
    ) {
      const end = endOfLongValue(text, trimmed, value.start);
      return { start: value.start, end, ...quoteOfNumber(text, name, value) };
    }
  }
  return undefined;
}

const KEY_END = new RegExp(`^(${QUOTE})\\s*:\\s*$`);
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Where a number stands behind a key of JSON: the key's quote as it stands there (`"`, `\\"`), which a mark needs. */
function quoteOfNumber(text: string, name: SecretName, { start, end }: ReadValue): Pick<Found, 'quote'> {
  if (!NUMBER.test(text.slice(start, end))) return {};
  return compact({ quote: KEY_END.exec(text.slice(name.end, start))?.[1] });
}

const SCHEME =
  /(?:bearer|basic|token|apikey|api-key|bot|negotiate|digest|ssws|geniekey|splunk)(?:\s{1,4}|%20|\+)(?=[\w"'])/iy;

/** `Bearer …`: the scheme stays, what stands behind it counts. */
function skipScheme(text: string, at: number): number {
  const quote = /["'`]/.test(text.charAt(at)) ? 1 : 0;
  SCHEME.lastIndex = at + quote;
  return SCHEME.test(text) ? SCHEME.lastIndex : at;
}

/** Full stops and the like behind a value are the sentence's. */
function trimEnd(text: string, value: ReadValue): number {
  if (value.isQuoted) return value.end;
  let end = value.end;
  while (end > value.start && /[.,:!?]/.test(text.charAt(end - 1))) end--;
  return end;
}

function styleOf(
  text: string,
  name: SecretName,
  joint: Joint,
  value: ReadValue,
): ValuePlace['style'] | undefined {
  if (joint.isCall && !/^\\{0,7}["'`]\s{0,3}\)/.test(text.slice(value.end, value.end + 12))) return undefined;
  if (joint.style !== 'by quotes') return joint.style;
  if (value.isQuoted) return 'quoted';
  // A value on the next line is a statement of its own: `case Password:`, and then code.
  if (/[\r\n]\s*$/.test(text.slice(name.end, value.start))) return undefined;
  // Code: a call, an index, a template; `PASSWORD=$(…)`.
  if ('([{'.includes(value.next) && value.next !== '') return undefined;
  const isTight = text.charAt(value.start - 1) === '=';
  return isTight && (isShouted(name.text) || /^$|\s/.test(text.charAt(name.start - 1))) ? 'literal' : 'bare';
}
