import { isDeepStrictEqual } from 'node:util';
import { asArray, asObject, asText } from '../../platform/json.js';
import { placeAt } from '../../platform/json-place.js';
import { UserError } from '../../platform/problems/user-error.js';
import { parseToml } from './parse-toml.js';
import { tomlStatements } from './toml-statements.js';

/** The events of Codex's that our `stop-hook` is for (Stop from 0.134, SessionEnd from 0.152, UserPromptSubmit seen in 0.169 and 0.171). */
export type HookEvent = 'Stop' | 'SessionEnd' | 'UserPromptSubmit';

/** What tells of every turn: Stop of those that end well, SessionEnd of the others. An older Codex passes the second by. */
export const TURN_EVENTS: readonly HookEvent[] = ['Stop', 'SessionEnd'];

/** `Stop and SessionEnd hooks`. */
export function hooksInWords(events: readonly HookEvent[]): string {
  return `${new Intl.ListFormat('en').format(events)} ${events.length === 1 ? 'hook' : 'hooks'}`;
}

/** A hook of ours: what Codex gives a shell, and the line it stands on. */
export interface HookEntry {
  command: string;
  line: number;
  /** Its place among the file's hooks, as `[hooks.state]` names it: `stop:0:0`. */
  key: string;
}

/** The shell's words for calling us from a hook (Codex 0.171 runs it by `sh -c`, `cmd /C` on Windows). */
export function hookCommand(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w./:@-]+$/.test(word) ? word : `"${word.replace(/["$`\\]/g, '\\$&')}"`))
    .join(' ');
}

/**
 * Our hook for an event in a config.toml or requirements.toml (`[[hooks.Stop]]`), undefined where there is none.
 * @throws UserError where the text is not TOML
 */
export function readHook(text: string, file: string, event: HookEvent): HookEntry | undefined {
  const found = ourHook(parseToml(text, file), event);
  if (found === undefined) return undefined;
  const statement = tomlStatements(text).find(
    ({ kind, path, start, end }) =>
      kind === 'key' && path.at(-1) === 'command' && text.slice(start, end).includes('stop-hook'),
  );
  return { ...found, line: placeAt(text, statement?.start ?? 0).line };
}

/** The same in a hooks.json, which Codex reads beside a config.toml. */
export function readHookJson(text: string, event: HookEvent): HookEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const found = ourHook(json, event);
  if (found === undefined) return undefined;
  return { ...found, line: placeAt(text, Math.max(0, text.indexOf('stop-hook'))).line };
}

/**
 * Adds a hook for each event at a file's end; everything else stays byte for byte.
 * @returns the text, and what was put in
 * @throws UserError where the result would not read the same but for the hooks
 */
export function addHooks(
  text: string,
  file: string,
  events: readonly HookEvent[],
  command: string,
): { text: string; inserted: string } {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  const blocks = events.map((event) =>
    [
      `[[hooks.${event}]]`,
      `[[hooks.${event}.hooks]]`,
      'type = "command"',
      `command = ${JSON.stringify(command)}`,
    ]
      .map((line) => line + eol)
      .join(''),
  );
  const inserted = gap + blocks.join(eol);
  const after = text + inserted;
  const entry = { hooks: [{ type: 'command', command }] };
  const expected = events.reduce<object>(
    (config, event) => withEntries(config, event, [...entriesOf(config, event), entry]),
    parseToml(text, file),
  );
  if (!readsLike(after, file, expected)) throw byHand(file);
  return { text: after, inserted };
}

/**
 * Takes our hooks for these events out again.
 * @param inserted what `addHooks` put in
 * @throws UserError where it was changed since, and cannot be told from the rest
 */
export function removeHooks(
  text: string,
  file: string,
  events: readonly HookEvent[],
  inserted: string,
): string {
  const at = text.lastIndexOf(inserted.trimStart());
  if (at < 0) throw byHand(file);
  const gap = inserted.slice(0, inserted.length - inserted.trimStart().length);
  const from = text.slice(0, at).endsWith(gap) ? at - gap.length : at;
  const after = text.slice(0, from) + text.slice(at + inserted.trimStart().length);
  const expected = events.reduce<object>(
    (config, event) => {
      const others = entriesOf(config, event).filter((entry) => !hasOurs(entry));
      return withEntries(config, event, others);
    },
    parseToml(text, file),
  );
  if (!readsLike(after, file, expected)) throw byHand(file);
  return after;
}

/** The first hook of ours for an event. */
function ourHook(config: unknown, event: HookEvent): Omit<HookEntry, 'line'> | undefined {
  const name = event.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase();
  for (const [group, entry] of entriesOf(config, event).entries()) {
    for (const [place, hook] of asArray(asObject(entry)?.['hooks']).entries()) {
      const command = asText(asObject(hook)?.['command']);
      if (command !== undefined && isOurs(command)) return { command, key: `${name}:${group}:${place}` };
    }
  }
  return undefined;
}

function entriesOf(config: unknown, event: HookEvent): readonly unknown[] {
  return asArray(asObject(asObject(config)?.['hooks'])?.[event]);
}

function hasOurs(entry: unknown): boolean {
  return asArray(asObject(entry)?.['hooks']).some((hook) =>
    isOurs(asText(asObject(hook)?.['command']) ?? ''),
  );
}

/** Called by its name, as a script, or as the bundle alone (`hook.cjs`, as a plugin has it). */
function isOurs(command: string): boolean {
  return /(?:^|[\s/\\"'])(?:mlflow-codex(?:\.js|\.cmd)?|@mlflow\/codex(?:@\S+)?|hook\.cjs)["']?\s+stop-hook\b/.test(
    command,
  );
}

/** A config as it reads with other hooks for an event. */
function withEntries(config: object, event: HookEvent, entries: readonly unknown[]): object {
  const { [event]: _, ...hooks } = { ...asObject((config as { hooks?: unknown }).hooks) };
  const all = entries.length === 0 ? hooks : { ...hooks, [event]: entries };
  const { hooks: __, ...rest } = config as { hooks?: unknown };
  return Object.keys(all).length === 0 ? rest : { ...rest, hooks: all };
}

/** Whether a text reads as expected, but for the order of its keys. */
export function readsLike(text: string, file: string, expected: object): boolean {
  try {
    return isDeepStrictEqual(plain(parseToml(text, file)), plain(expected));
  } catch {
    return false;
  }
}

/** Without the parser's own prototypes, and without a difference between integers and text. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)));
}

function byHand(file: string): UserError {
  return new UserError(
    `${file}: cannot be edited without touching more than our hook`,
    `Edit the hooks by hand: the command of ours ends in stop-hook`,
  );
}
