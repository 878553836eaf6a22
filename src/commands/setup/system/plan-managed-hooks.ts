import type { HookEvent } from '../../../install/codex-config/hook-entries.js';
import {
  addManagedHooks,
  readManagedHooks,
  removeManagedHooks,
} from '../../../install/codex-config/managed-hooks.js';
import type { FileEdit } from '../../../install/file-edit.js';
import type { ManagedHooksRecord } from '../../../install/setup-record.js';
import { sha256 } from '../../../platform/sha256.js';
import type { TextFile } from '../plans/setup-state.js';

/** What becomes of our hooks in the machine's requirements.toml. */
export interface ManagedHooksPlan {
  file: string;
  change: 'registered' | 'renewed' | 'unchanged';
  edit: FileEdit | undefined;
  /** Absent where an administrator has written the hooks: nothing is to be taken back then. */
  record: ManagedHooksRecord | undefined;
  /** What Codex runs, and when. */
  command: string;
  events: readonly HookEvent[];
}

/**
 * Plans the managed hooks. What an administrator has written by hand stays as it is.
 * @param wish what Codex is to run, and at which events
 * @param known what an earlier setup recorded
 * @throws UserError where the file switches hooks off, or cannot be edited without touching more
 */
export function planManagedHooks(
  file: TextFile,
  { command, events }: { command: string; events: readonly HookEvent[] },
  known: ManagedHooksRecord | undefined,
): ManagedHooksPlan {
  const text = file.text ?? '';
  const present = readManagedHooks(text, file.path);
  const isStale =
    known !== undefined && [...present.values()].includes(known.command) && known.command !== command;
  const base = isStale ? removeManagedHooks(text, file.path, known.inserted) : text;
  const { text: after, inserted } = addManagedHooks(base, file.path, command, events);
  if (after === text) {
    const told = [...present.values()][0] ?? command;
    return { file: file.path, change: 'unchanged', edit: undefined, record: known, command: told, events };
  }
  const isKnown = known !== undefined && present.size > 0;
  const record: ManagedHooksRecord = {
    file: file.path,
    command,
    inserted,
    created: isKnown ? known.created : file.text === undefined,
    createdFolder: isKnown ? known.createdFolder : file.folderMissing,
    wrote: sha256(after),
    ...beforeOf(file.text, isKnown ? known : undefined),
  };
  const change = present.size > 0 ? 'renewed' : 'registered';
  return {
    file: file.path,
    change,
    edit: edit(file, after, isKnown ? 'none' : 'make'),
    record,
    command,
    events,
  };
}

/** What uninstall may put back whole: not where a person has written between two runs of setup. */
function beforeOf(text: string | undefined, known: ManagedHooksRecord | undefined): { beforeText?: string } {
  if (known === undefined) return text === undefined ? {} : { beforeText: text };
  const isOurs = text !== undefined && sha256(text) === known.wrote;
  return isOurs && known.beforeText !== undefined ? { beforeText: known.beforeText } : {};
}

/**
 * Plans to take our hooks out of the machine's requirements.toml again; a file that setup made goes.
 * @throws UserError where they were changed since, and cannot be told from the rest
 */
export function planManagedHooksRemoval(
  file: TextFile,
  known: ManagedHooksRecord | undefined,
): FileEdit | undefined {
  if (known === undefined || file.text === undefined) return undefined;
  if (readManagedHooks(file.text, file.path).size === 0) return undefined;
  const isUntouched = sha256(file.text) === known.wrote;
  if (isUntouched && (known.beforeText !== undefined || known.created))
    return edit(
      file,
      known.beforeText,
      known.beforeText === undefined ? 'remove' : backupFor(file, known.beforeText),
    );
  const after = removeManagedHooks(file.text, file.path, known.inserted);
  const isEmptied = known.created && after.trim() === '';
  return edit(file, isEmptied ? undefined : after, isEmptied ? 'remove' : backupFor(file, after));
}

function backupFor(file: TextFile, after: string): FileEdit['backup'] {
  return file.backup === after ? 'remove' : 'make';
}

function edit(file: TextFile, after: string | undefined, backup: FileEdit['backup']): FileEdit {
  return { path: file.path, role: 'codex-config', before: file.text, after, backup };
}
