import path from 'node:path';
import type { FileEdit } from '../../install/file-edit.js';
import { editJson } from '../../install/json-edit.js';
import type { SetupRecord, TracingRecord } from '../../install/setup-record.js';
import { compact } from '../../platform/json.js';
import type { Finding } from '../../platform/problems/finding.js';
import { sha256 } from '../../platform/sha256.js';
import { planNotifyRemoval } from '../setup/plans/plan-notify.js';
import { recordEdit } from '../setup/plans/plan-setup.js';
import { planStopHookRemoval } from '../setup/plans/plan-stop-hook.js';
import { OLD_SCHEMA_URL, SETUP_KEYS } from '../setup/plans/plan-tracing.js';
import type { InstalledFiles, TextFile } from '../setup/plans/setup-state.js';

/** Whose tracing is taken away; the machine's is another plan. */
export type UninstallScope = 'project' | 'user' | 'all';

/** Everything a plan depends on: the files of this folder and, for `all`, those of every recorded one. */
export interface UninstallInput {
  scope: UninstallScope;
  files: InstalledFiles;
  /** Recorded files elsewhere, and whether they are still there. */
  others: TextFile[];
}

/** What uninstall is going to do. */
export interface UninstallPlan {
  edits: FileEdit[];
  /** Folders that setup made: they go where nothing is left in them. */
  folders: string[];
  notices: Finding[];
}

/**
 * Plans to take away what setup did: what is recorded goes back to what it was; without a record what
 * is recognisably ours goes. `notify` stays in a file while a project or the user still needs it there.
 */
export function planUninstall({ scope: asked, files, others }: UninstallInput): UninstallPlan {
  const { record } = files;
  // In Codex's own home project and user are the same.
  const scope = asked === 'project' && files.project === undefined ? 'user' : asked;
  const all = [files.userTracing, files.userConfig, files.project?.tracing, files.project?.config, ...others];
  const own = scope === 'project' ? files.project?.tracing : files.userTracing;
  const targets = (scope === 'all' ? all.filter((file) => isTracing(file, files, record)) : [own]).filter(
    (file) => file !== undefined,
  );
  const gone = new Set(targets.map((file) => file.path));
  const tracing = record.tracing.filter((entry) => !gone.has(entry.file));

  const fileOf = (name: string) => all.find((file) => file?.path === name);
  const needs = scope === 'all' ? [] : stillNeeding(files, tracing, gone, fileOf);
  const isNeeded = (file: TextFile) => needs.length > 0 && file.path === files.userConfig.path;
  const configs = notifyFiles(scope, files, others);
  const cleared = new Set(configs.filter((file) => !isNeeded(file)).map((file) => file.path));
  const notify = record.notify.filter((entry) => !cleared.has(entry.file));
  const stopHook = cleared.has(files.userConfig.path) ? undefined : record.stopHook;

  const removals = [
    ...targets.map((file) => planTracingRemoval(file, record)),
    ...configs.map((file) =>
      isNeeded(file) ? keepNotify(file, record, needs) : planHookRemoval(file, files),
    ),
    planRecord(files, compact({ version: 1 as const, tracing, notify, stopHook })),
  ];
  return {
    edits: removals.flatMap(({ edits = [] }) => edits),
    folders: removals.flatMap(({ folders = [] }) => folders),
    notices: removals.flatMap(({ notices = [] }) => notices),
  };
}

/** The `notify` of the user's config.toml stays; that is said where there is one of ours. */
function keepNotify(file: TextFile, record: SetupRecord, needs: string[]): Partial<UninstallPlan> {
  const isOurs =
    record.notify.some((entry) => entry.file === file.path) ||
    record.stopHook !== undefined ||
    planNotifyRemoval(file, undefined) !== undefined;
  if (!isOurs) return {};
  return { notices: [{ code: 'notify-still-needed', level: 'info', args: { file: file.path, needs } }] };
}

/** Takes `notify` out of a config.toml, and out of the user's the Stop hook too. */
function planHookRemoval(file: TextFile, { record, userConfig }: InstalledFiles): Partial<UninstallPlan> {
  const known = record.notify.find((entry) => entry.file === file.path);
  const stopHook = file.path === userConfig.path ? record.stopHook : undefined;
  const removal = planNotifyRemoval(file, known);
  const edit = planStopHookRemoval(file, removal?.edit, stopHook);
  const isReplaced = removal === undefined && known !== undefined && file.text !== undefined;
  return {
    edits: edit ? [edit] : [],
    folders: known?.createdFolder || stopHook?.createdFolder ? [path.dirname(file.path)] : [],
    notices: isReplaced ? [{ code: 'notify-not-ours', level: 'info', args: { file: file.path } }] : [],
  };
}

/** The record of what is left; where nothing is, it goes, and its folder. */
function planRecord(files: InstalledFiles, left: SetupRecord): Partial<UninstallPlan> {
  const edits = recordEdit(files, left);
  const isGone = edits.some(({ after }) => after === undefined);
  return { edits, folders: isGone ? [path.dirname(files.recordFile.path)] : [] };
}

/** Takes away one tracing config; where setup made its folder, that too. */
export function planTracingRemoval(file: TextFile, record: SetupRecord): Partial<UninstallPlan> {
  const known = record.tracing.find((entry) => entry.file === file.path);
  const { edit, notices } = planFormerTracing(file, known);
  return {
    edits: edit ? [edit] : [],
    folders: known?.createdFolder ? [path.dirname(file.path)] : [],
    notices,
  };
}

/** A tracing config that setup made goes; in one that was there before, the keys that setup changed go back. */
function planFormerTracing(
  file: TextFile,
  known: TracingRecord | undefined,
): { edit?: FileEdit; notices: Finding[] } {
  const { text } = file;
  if (text === undefined) return { notices: [] };
  const edit = (after: string | undefined, backup: FileEdit['backup']): FileEdit => ({
    path: file.path,
    role: 'tracing-config',
    before: text,
    after,
    backup,
  });
  const keys = keysOf(text);
  if (known === undefined ? isSetupsOwn(text, keys) : known.created) {
    const foreign = keys?.filter((key) => !(SETUP_KEYS as readonly string[]).includes(key)) ?? ['?'];
    if (foreign.length === 0) return { edit: edit(undefined, 'remove'), notices: [] };
    const notice: Finding = {
      code: 'tracing-kept-aside',
      level: 'info',
      args: { file: file.path, keys: foreign, backup: file.backupFile },
    };
    return { edit: edit(undefined, 'make'), notices: [notice] };
  }
  if (known === undefined || Object.keys(known.before).length === 0) {
    return { notices: [{ code: 'tracing-not-ours', level: 'info', args: { file: file.path } }] };
  }
  if (known.beforeText !== undefined && known.wrote === sha256(text)) {
    return {
      edit: edit(known.beforeText, file.backup === known.beforeText ? 'remove' : 'make'),
      notices: [],
    };
  }
  if (keys === undefined)
    return { notices: [{ code: 'tracing-broken', level: 'warning', args: { file: file.path } }] };
  const changes = Object.fromEntries(
    Object.entries(known.before).map(([key, value]) => [key, value ?? undefined]),
  );
  return { edit: edit(editJson(text, changes), 'make'), notices: [] };
}

/** Without a record: the schema that an older setup wrote tells, if nobody has written into the file since. */
function isSetupsOwn(text: string, keys: string[] | undefined): boolean {
  return (
    text.includes(OLD_SCHEMA_URL) &&
    (keys?.every((key) => (SETUP_KEYS as readonly string[]).includes(key)) ?? false)
  );
}

function keysOf(text: string): string[] | undefined {
  try {
    return Object.keys(JSON.parse(text.replace(/^\uFEFF/, '')) as object);
  } catch {
    return undefined;
  }
}

function isTracing(file: TextFile | undefined, files: InstalledFiles, record: SetupRecord): boolean {
  if (file === undefined) return false;
  const isHere = file === files.userTracing || file === files.project?.tracing;
  return isHere || record.tracing.some((entry) => entry.file === file.path);
}

/** The tracing configs that need the hook after this one is gone. */
function stillNeeding(
  files: InstalledFiles,
  tracing: TracingRecord[],
  gone: ReadonlySet<string>,
  fileOf: (name: string) => TextFile | undefined,
): string[] {
  const recorded = tracing.map(({ file }) => file).filter((file) => fileOf(file)?.text !== undefined);
  const here = [files.userTracing, files.project?.tracing].flatMap((file) =>
    file?.text === undefined ? [] : [file.path],
  );
  return [...new Set([...recorded, ...here])].filter((file) => !gone.has(file));
}

function notifyFiles(scope: UninstallScope, files: InstalledFiles, others: TextFile[]): TextFile[] {
  const projects = files.project === undefined ? [] : [files.project.config];
  if (scope === 'user') return [files.userConfig];
  if (scope === 'project') return [...projects, files.userConfig];
  const recorded = others.filter((file) => files.record.notify.some((entry) => entry.file === file.path));
  return [...projects, files.userConfig, ...recorded];
}

/** The recorded files that are not those of this folder. */
export function readOthers(files: InstalledFiles, read: (file: string) => TextFile): TextFile[] {
  const here = [files.userTracing, files.userConfig, files.project?.tracing, files.project?.config].map(
    (file) => file?.path,
  );
  const recorded = [...files.record.tracing, ...files.record.notify].map(({ file }) => file);
  return [...new Set(recorded)].filter((file) => !here.includes(file)).map(read);
}

/** Reads a file that is no condition for anything: one that cannot be read counts as gone. */
export function readLeniently(read: (file: string) => TextFile, file: string): TextFile {
  try {
    return read(file);
  } catch {
    return { path: file, backupFile: '', folderMissing: true };
  }
}
