import { isDeepStrictEqual } from 'node:util';
import { asArray, asObject, asText } from '../../platform/json.js';
import { placeAt } from '../../platform/json-place.js';
import { UserError } from '../../platform/user-error.js';
import { parseToml } from './parse-toml.js';
import { tomlStatements } from './toml-statements.js';

/** A Stop hook of ours: what Codex gives a shell, and the line it stands on. */
export interface StopHookEntry {
  command: string;
  line: number;
}

/** The shell's words for calling us from a Stop hook (Codex 0.171 runs it by `sh -c`, `cmd /C` on Windows). */
export function stopHookCommand(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w./:@-]+$/.test(word) ? word : `"${word.replace(/["$`\\]/g, '\\$&')}"`))
    .join(' ');
}

/**
 * Our Stop hook in a config.toml (`[[hooks.Stop]]`, Codex 0.169), undefined where there is none.
 * @throws UserError where the text is not TOML
 */
export function readStopHook(text: string, file: string): StopHookEntry | undefined {
  const command = stopEntries(parseToml(text, file)).flatMap(ourCommands)[0];
  if (command === undefined) return undefined;
  const statement = tomlStatements(text).find(
    ({ kind, path, start, end }) =>
      kind === 'key' && path.at(-1) === 'command' && text.slice(start, end).includes('stop-hook'),
  );
  return { command, line: placeAt(text, statement?.start ?? 0).line };
}

/** Our Stop hook in a hooks.json, which Codex reads beside a config.toml; undefined where there is none. */
export function readStopHookJson(text: string): StopHookEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const command = stopEntries(json).flatMap(ourCommands)[0];
  if (command === undefined) return undefined;
  return { command, line: placeAt(text, Math.max(0, text.indexOf('stop-hook'))).line };
}

/**
 * Adds a Stop hook at a config.toml's end; everything else stays byte for byte.
 * @returns the text, and what was put in
 * @throws UserError where the result would not read the same but for the hook
 */
export function addStopHook(text: string, file: string, command: string): { text: string; inserted: string } {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  const lines = [
    '[[hooks.Stop]]',
    '[[hooks.Stop.hooks]]',
    'type = "command"',
    `command = ${JSON.stringify(command)}`,
  ];
  const inserted = gap + lines.map((line) => line + eol).join('');
  const after = text + inserted;
  const entry = { hooks: [{ type: 'command', command }] };
  const stops = [...stopEntries(parseToml(text, file)), entry];
  if (!readsLike(after, file, withStops(parseToml(text, file), stops))) throw byHand(file);
  return { text: after, inserted };
}

/**
 * Takes our Stop hook out again.
 * @param inserted what `addStopHook` put in
 * @throws UserError where it was changed since, and cannot be told from the rest
 */
export function removeStopHook(text: string, file: string, inserted: string): string {
  const at = text.lastIndexOf(inserted.trimStart());
  if (at < 0) throw byHand(file);
  const gap = inserted.slice(0, inserted.length - inserted.trimStart().length);
  const from = text.slice(0, at).endsWith(gap) ? at - gap.length : at;
  const after = text.slice(0, from) + text.slice(at + inserted.trimStart().length);
  const before = parseToml(text, file);
  const stops = stopEntries(before).filter((entry) => ourCommands(entry).length === 0);
  if (!readsLike(after, file, withStops(before, stops))) throw byHand(file);
  return after;
}

function stopEntries(config: unknown): readonly unknown[] {
  return asArray(asObject(asObject(config)?.['hooks'])?.['Stop']);
}

function ourCommands(entry: unknown): string[] {
  return asArray(asObject(entry)?.['hooks']).flatMap((hook) => {
    const command = asText(asObject(hook)?.['command']);
    return command !== undefined && isOurs(command) ? [command] : [];
  });
}

/** Called by its name, as a script, or as the bundle alone (`hook.cjs`, as a plugin has it). */
function isOurs(command: string): boolean {
  return /(?:^|[\s/\\"'])(?:mlflow-codex(?:\.js)?|@mlflow\/codex(?:@\S+)?|hook\.cjs)["']?\s+stop-hook\b/.test(
    command,
  );
}

/** A config as it reads with other Stop hooks. */
function withStops(config: object, stops: readonly unknown[]): object {
  const { Stop: _, ...hooks } = { ...asObject((config as { hooks?: unknown }).hooks) };
  const all = stops.length === 0 ? hooks : { ...hooks, Stop: stops };
  const { hooks: __, ...rest } = config as { hooks?: unknown };
  return Object.keys(all).length === 0 ? rest : { ...rest, hooks: all };
}

function readsLike(text: string, file: string, expected: object): boolean {
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
    `${file}: cannot be edited without touching more than our Stop hook`,
    `Edit [[hooks.Stop]] by hand: its command ends in stop-hook`,
  );
}
