import { asObject } from '../../platform/json.js';
import { placeAt } from '../../platform/json-place.js';
import { UserError } from '../../platform/problems/user-error.js';
import { addHooks, type HookEvent, readHook, readsLike, removeHooks } from './hook-entries.js';
import { parseToml } from './parse-toml.js';
import { tomlStatements } from './toml-statements.js';

/** The events that an administrator's hooks are for. */
export const MANAGED_EVENTS: readonly HookEvent[] = ['Stop', 'SessionEnd', 'UserPromptSubmit'];

/** What was put into a requirements.toml: enough to take it out again. */
export interface ManagedInsertion {
  /** The line, or the table, that fixes the feature; absent where it was fixed already. */
  feature?: string;
  hooks?: string;
  /** The events that `hooks` is for. */
  events: readonly HookEvent[];
}

/** `[features] hooks` of a file, as Codex 0.134 to 0.171 reads it; `codex_hooks` is its older name. */
export function readHooksSwitch(text: string, file: string): boolean | undefined {
  const features = asObject(parseToml(text, file)['features']);
  const value = features?.['hooks'] ?? features?.['codex_hooks'];
  return typeof value === 'boolean' ? value : undefined;
}

/** The command of our hook for each event, where there is one. */
export function readManagedHooks(text: string, file: string): Map<HookEvent, string> {
  const found = MANAGED_EVENTS.flatMap((event): [HookEvent, string][] => {
    const entry = readHook(text, file, event);
    return entry === undefined ? [] : [[event, entry.command]];
  });
  return new Map(found);
}

/**
 * Adds to a requirements.toml what makes Codex run our hooks for everybody: hooks fixed to on, and a managed
 * hook for each event that has none of ours. Everything else stays byte for byte.
 * @throws UserError where the file switches hooks off, or cannot be edited without touching more
 */
export function addManagedHooks(
  text: string,
  file: string,
  command: string,
  wanted: readonly HookEvent[],
): { text: string; inserted: ManagedInsertion } {
  if (readHooksSwitch(text, file) === false) throw switchedOff(text, file);
  const present = readManagedHooks(text, file);
  const events = wanted.filter((event) => !present.has(event));
  const fixed = readHooksSwitch(text, file) === true ? undefined : fixFeature(text, file);
  const base = fixed?.text ?? text;
  const added = events.length === 0 ? undefined : addHooks(base, file, events, command);
  return {
    text: added?.text ?? base,
    inserted: {
      events,
      ...(fixed && { feature: fixed.inserted }),
      ...(added && { hooks: added.inserted }),
    },
  };
}

/**
 * Takes out again what `addManagedHooks` put in.
 * @throws UserError where it was changed since, and cannot be told from the rest
 */
export function removeManagedHooks(text: string, file: string, inserted: ManagedInsertion): string {
  const { feature, hooks, events } = inserted;
  const without = hooks === undefined ? text : removeHooks(text, file, events, hooks);
  if (feature === undefined) return without;
  const at = without.lastIndexOf(feature);
  const after = at < 0 ? without : without.slice(0, at) + without.slice(at + feature.length);
  const { hooks: _, ...others } = { ...asObject(parseToml(without, file)['features']) };
  const { features: __, ...rest } = parseToml(without, file);
  const isTable = Object.keys(others).length > 0 || !feature.includes('[features]');
  if (at < 0 || !readsLike(after, file, isTable ? { ...rest, features: others } : rest)) throw byHand(file);
  return after;
}

/** `hooks = true` below the `[features]` that is there, else with one of its own at the end. */
function fixFeature(text: string, file: string): { text: string; inserted: string } {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const header = tomlStatements(text).find(
    ({ kind, path }) => kind === 'header' && path.length === 1 && path[0] === 'features',
  );
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  const isOpenLine = header !== undefined && text[header.lineEnd - 1] !== '\n';
  const inserted =
    header === undefined
      ? `${gap}[features]${eol}hooks = true${eol}`
      : `${isOpenLine ? eol : ''}hooks = true${eol}`;
  const at = header?.lineEnd ?? text.length;
  const after = text.slice(0, at) + inserted + text.slice(at);
  const config = parseToml(text, file);
  const expected = { ...config, features: { ...asObject(config['features']), hooks: true } };
  if (!readsLike(after, file, expected)) throw byHand(file);
  return { text: after, inserted };
}

function switchedOff(text: string, file: string): UserError {
  const statement = tomlStatements(text).find(
    ({ kind, path }) => kind === 'key' && /^(?:codex_)?hooks$/.test(path.at(-1) ?? ''),
  );
  const { line } = placeAt(text, statement?.start ?? 0);
  return new UserError(
    `${file}:${line}: hooks are switched off for everybody on this machine`,
    `Set hooks = true there, if our hooks are to run`,
  );
}

function byHand(file: string): UserError {
  return new UserError(
    `${file}: cannot be edited without touching more than our hooks`,
    `Edit it by hand: hooks = true below [features], and [[hooks.Stop]] and [[hooks.SessionEnd]] as docs/platform.md has them`,
  );
}
