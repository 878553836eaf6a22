import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HookEvent } from './codex-config/hook-entries.js';
import type { ManagedInsertion } from './codex-config/managed-hooks.js';

/** One tracing config that setup wrote, for one scope. */
export interface TracingRecord {
  scope: 'project' | 'user' | 'system';
  /** The file, absolute, as setup was run on it. */
  file: string;
  /** What setup wrote into it: a project's file is trusted with another host while it names this one. */
  trackingUri: string;
  /** True where setup made the file, so that uninstall takes it away again. */
  created: boolean;
  /** True where setup made the `.codex` folder as well. */
  createdFolder: boolean;
  /** Where the file was there before: its values of the keys that setup changed; null: the key was absent. */
  before: Record<string, unknown>;
  /** Where the file was there before: all of it. */
  beforeText?: string;
  /** SHA-256 of what setup wrote: tells whether anybody has changed the file since. */
  wrote?: string;
}

/** One config.toml into which setup wrote `notify`. */
export interface NotifyRecord {
  /** The file, absolute. */
  file: string;
  /** What setup registered. */
  argv: string[];
  /** True where setup made the file. */
  created: boolean;
  createdFolder: boolean;
  /** The statement that stood in the slot before; absent where the slot was empty. */
  before?: string;
  /** The text that was inserted where the slot was empty, with its line breaks. */
  inserted?: string;
  /** The notifier that our hook calls first with the same payload; uninstall puts it back. */
  forward?: string[];
}

/** The Stop hook that setup added to the user's config.toml, or one beside it that is called in the same way. */
export interface StopHookRecord {
  file: string;
  /** The program's words, and what stands in the file for a shell. */
  argv: string[];
  command: string;
  /** The events that it was added for; `Stop` alone where nothing is said. */
  events?: HookEvent[];
  /** The text that was added; empty where a person had written the hook. */
  inserted: string;
  /** True where setup made the file, or its folder. */
  created: boolean;
  createdFolder: boolean;
}

/** The hooks that `setup --system` added to the machine's requirements.toml. */
export interface ManagedHooksRecord {
  file: string;
  /** What Codex runs. */
  command: string;
  /** What was put in. */
  inserted: ManagedInsertion;
  created: boolean;
  createdFolder: boolean;
  /** All of the file before, where there was one and nobody but setup has changed it since. */
  beforeText?: string;
  /** SHA-256 of what setup wrote. */
  wrote: string;
}

/** What setup did, so that uninstall can take it back and the hook knows whom the user trusts. */
export interface SetupRecord {
  version: 1;
  tracing: TracingRecord[];
  notify: NotifyRecord[];
  stopHook?: StopHookRecord;
  /** In the machine's record alone. */
  managedHooks?: ManagedHooksRecord;
}

/** Where the record lies. */
export function setupRecordFile(stateDir: string): string {
  return path.join(stateDir, 'setup.json');
}

/** Where it is kept what changed files were. */
export function backupsDir(stateDir: string): string {
  return path.join(stateDir, 'backups');
}

/**
 * Reads what setup did. A missing, unreadable or damaged record is an empty one, and entries that are
 * not whole are left out: nobody is trusted, and nothing is taken back, by half a record.
 */
export function readSetupRecord(stateDir: string): SetupRecord {
  try {
    return parseSetupRecord(readFileSync(setupRecordFile(stateDir), 'utf8'));
  } catch {
    return { version: 1, tracing: [], notify: [] };
  }
}

/** Pure part of `readSetupRecord`. @throws SyntaxError where the text is not JSON. */
export function parseSetupRecord(text: string): SetupRecord {
  const data: unknown = JSON.parse(text);
  const lists = isObject(data) ? data : {};
  const stopHook = isObject(lists['stopHook']) ? lists['stopHook'] : {};
  const managedHooks = isObject(lists['managedHooks']) ? lists['managedHooks'] : {};
  return {
    version: 1,
    tracing: entries(lists['tracing']).filter(isTracingRecord),
    notify: entries(lists['notify']).filter(isNotifyRecord),
    ...(isStopHookRecord(stopHook) ? { stopHook } : {}),
    ...(isManagedHooksRecord(managedHooks) ? { managedHooks } : {}),
  };
}

function isTracingRecord(entry: Record<string, unknown>): entry is Record<string, unknown> & TracingRecord {
  return (
    ['project', 'user', 'system'].includes(String(entry['scope'])) &&
    typeof entry['file'] === 'string' &&
    typeof entry['trackingUri'] === 'string' &&
    typeof entry['created'] === 'boolean' &&
    typeof entry['createdFolder'] === 'boolean' &&
    isObject(entry['before']) &&
    isTextOrAbsent(entry['beforeText']) &&
    isTextOrAbsent(entry['wrote'])
  );
}

function isNotifyRecord(entry: Record<string, unknown>): entry is Record<string, unknown> & NotifyRecord {
  return (
    typeof entry['file'] === 'string' &&
    isArgv(entry['argv']) &&
    typeof entry['created'] === 'boolean' &&
    typeof entry['createdFolder'] === 'boolean' &&
    isTextOrAbsent(entry['before']) &&
    isTextOrAbsent(entry['inserted']) &&
    (entry['forward'] === undefined || isArgv(entry['forward']))
  );
}

function isStopHookRecord(entry: Record<string, unknown>): entry is Record<string, unknown> & StopHookRecord {
  return (
    typeof entry['file'] === 'string' &&
    isArgv(entry['argv']) &&
    typeof entry['command'] === 'string' &&
    typeof entry['inserted'] === 'string' &&
    typeof entry['created'] === 'boolean' &&
    typeof entry['createdFolder'] === 'boolean'
  );
}

function isManagedHooksRecord(
  entry: Record<string, unknown>,
): entry is Record<string, unknown> & ManagedHooksRecord {
  const inserted = entry['inserted'];
  return (
    typeof entry['file'] === 'string' &&
    typeof entry['command'] === 'string' &&
    isObject(inserted) &&
    Array.isArray(inserted['events']) &&
    isTextOrAbsent(inserted['feature']) &&
    isTextOrAbsent(inserted['hooks']) &&
    typeof entry['created'] === 'boolean' &&
    typeof entry['createdFolder'] === 'boolean' &&
    isTextOrAbsent(entry['beforeText']) &&
    typeof entry['wrote'] === 'string'
  );
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isArgv(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
}

function entries(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
