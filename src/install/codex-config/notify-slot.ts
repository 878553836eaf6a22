import { isDeepStrictEqual } from 'node:util';
import { placeAt } from '../../platform/json-place.js';
import { UserError } from '../../platform/problems/user-error.js';
import { type OurForm, ourForm } from './our-notifier.js';
import { parseToml } from './parse-toml.js';
import { NotToml, type TomlStatement, tomlStatements } from './toml-statements.js';

/**
 * Who has Codex's one `notify` slot in a config.toml. `vacant` is `notify = []`, which Codex takes for
 * none. Without `argv` a foreign value is no list of texts, and Codex refuses to start with it.
 */
export type NotifySlot =
  | { kind: 'empty' }
  | { kind: 'vacant'; line: number }
  | { kind: 'ours'; argv: string[]; form: OurForm; line: number }
  | { kind: 'foreign'; argv?: string[]; line: number };

/**
 * Reads the slot: the top-level `notify`, in quotes too, and `[notify]`, `[[notify]]` and `notify.x`.
 * A `notify` within another table is not it.
 * @throws UserError where the text is not TOML: file, line, column.
 */
export function readNotifySlot(text: string, file: string): NotifySlot {
  const value = parseToml(text, file)['notify'];
  if (value === undefined) return { kind: 'empty' };
  const first = slotStatements(text, file)[0];
  const { line } = placeAt(text, first?.start ?? 0);
  if (!Array.isArray(value) || !value.every((part) => typeof part === 'string') || first?.kind === 'header') {
    return { kind: 'foreign', line };
  }
  const argv = value as string[];
  if (argv.length === 0) return { kind: 'vacant', line };
  const form = ourForm(argv);
  return form === undefined ? { kind: 'foreign', argv, line } : { kind: 'ours', argv, form, line };
}

/** A text with the slot filled, and how to take it back. */
export interface FilledSlot {
  text: string;
  /** What was replaced: the whole former statement. Absent where the slot was empty. */
  before?: string;
  /** What was put in, where the slot was empty: with its line break and the blank line around it. */
  inserted?: string;
}

/**
 * Writes a notifier into the slot, in place of what stands there; everything else stays byte for byte.
 * @param scan for tests: what finds the statements; where it errs, nothing is written
 * @throws UserError where the result would not read the same but for `notify`, or the slot is a table.
 */
export function fillNotifySlot(
  text: string,
  file: string,
  argv: readonly string[],
  scan: Scan = tomlStatements,
): FilledSlot {
  const statement = `notify = [${argv.map(tomlString).join(', ')}]`;
  const [present, ...more] = slotStatements(text, file, scan);
  if (present !== undefined) {
    if (more.length > 0 || present.kind === 'header' || present.path.length > 1) throw cannotEdit(file);
    const before = text.slice(present.start, present.end);
    const after = text.slice(0, present.start) + statement + text.slice(present.end);
    return { text: checked(text, after, file, argv), before };
  }
  const { at, insert } = insertion(text, file, statement, scan);
  const after = text.slice(0, at) + insert + text.slice(at);
  return { text: checked(text, after, file, argv), inserted: insert };
}

/** How `fillNotifySlot` changed the text, as setup's record has it. */
export type SlotRecord = Pick<FilledSlot, 'before' | 'inserted'>;

/**
 * Takes our notifier out again: what it replaced comes back in its place, what was inserted goes. Without
 * a record, or where the text was changed since, our statement's own line goes.
 * @throws UserError where the result would not read the same but for `notify`.
 */
export function clearNotifySlot(text: string, file: string, record: SlotRecord = {}): string {
  const [present, ...more] = slotStatements(text, file);
  if (present === undefined || more.length > 0) throw cannotEdit(file);
  if (record.before !== undefined) {
    const after = text.slice(0, present.start) + record.before + text.slice(present.end);
    return checked(text, after, file, parseToml(after, file)['notify']);
  }
  const { from, to } = insertedRange(text, present, record.inserted) ?? lineRange(text, present);
  return checked(text, text.slice(0, from) + text.slice(to), file, undefined);
}

type Scan = (text: string) => TomlStatement[];

function slotStatements(text: string, file: string, scan: Scan = tomlStatements): TomlStatement[] {
  return statementsOf(text, file, scan).filter(
    ({ kind, path, isTopLevel }) => path[0] === 'notify' && (kind === 'header' || isTopLevel),
  );
}

function statementsOf(text: string, file: string, scan: Scan): TomlStatement[] {
  parseToml(text, file);
  try {
    return scan(text);
  } catch (error) {
    if (error instanceof NotToml) throw cannotEdit(file);
    throw error;
  }
}

/**
 * Where a top-level statement can stand: after the last one; else at the end of a file without tables;
 * else at its top, below `#:schema` and the like, which editors look for in the first lines.
 */
function insertion(
  text: string,
  file: string,
  statement: string,
  scan: Scan,
): { at: number; insert: string } {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const statements = statementsOf(text, file, scan);
  const lastKey = statements.filter(({ kind, isTopLevel }) => kind === 'key' && isTopLevel).at(-1);
  const hasTables = statements.some(({ kind }) => kind === 'header');
  if (lastKey === undefined && hasTables) {
    const directives = /^\uFEFF?(?:#:[^\n]*\n)*/.exec(text)?.[0] ?? '';
    const at = directives.length;
    return { at, insert: statement + eol + (/^\r?\n/.test(text.slice(at)) ? '' : eol) };
  }
  const at = lastKey?.lineEnd ?? text.length;
  const isOpenLine = at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\uFEFF';
  return { at, insert: isOpenLine ? eol + statement : statement + eol };
}

function insertedRange(text: string, present: TomlStatement, inserted: string | undefined) {
  if (inserted === undefined) return undefined;
  const from = present.start - inserted.search(/\S/);
  const to = from + inserted.length;
  return text.slice(from, to) === inserted && to >= present.end ? { from, to } : undefined;
}

function lineRange(text: string, present: TomlStatement): { from: number; to: number } {
  const { lineStart, lineEnd } = present;
  if (text[lineEnd - 1] === '\n' || lineStart === 0) return { from: lineStart, to: lineEnd };
  return { from: lineStart - (/\r?\n$/.exec(text.slice(0, lineStart))?.[0].length ?? 0), to: lineEnd };
}

/** The last lock: whatever the scanner took for the slot, a parser must find all else unchanged. */
function checked(before: string, after: string, file: string, notify: unknown): string {
  const expected = { ...parseToml(before, file) };
  if (notify === undefined) delete expected['notify'];
  else Object.assign(expected, { notify });
  let found: unknown;
  try {
    found = { ...parseToml(after, file) };
  } catch {
    throw cannotEdit(file);
  }
  if (!isDeepStrictEqual(found, expected)) throw cannotEdit(file);
  return after;
}

function cannotEdit(file: string): UserError {
  return new UserError(
    `${file}: cannot be edited without touching more than notify`,
    `Edit it by hand: notify = ["mlflow-codex", "notify-hook"] above the first [table]`,
  );
}

/** A basic string of TOML: what JSON writes, but for the delete character. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
