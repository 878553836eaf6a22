import { addHooks, readHook, removeHooks } from '../../install/codex-config/hook-entries.js';
import type { FileEdit } from '../../install/file-edit.js';
import type { StopHookRecord } from '../../install/setup-record.js';
import type { TextFile } from './setup-state.js';

/** What becomes of our Stop hook in the user's config.toml. */
export interface StopHookPlan {
  file: string;
  change: 'registered' | 'renewed' | 'unchanged';
  /** The file's one edit, with what else is to be changed in it. */
  edit: FileEdit | undefined;
  record: StopHookRecord;
}

/**
 * Plans a Stop hook in the user's config.toml.
 * @param edit what is to be changed in the file already
 * @param wish what Codex is to run: the program's words, and the shell's
 * @param known what an earlier setup recorded
 * @throws UserError where the file cannot be edited without touching more
 */
export function planStopHook(
  file: TextFile,
  edit: FileEdit | undefined,
  wish: { argv: string[]; command: string },
  known: StopHookRecord | undefined,
): StopHookPlan {
  const text = edit?.after ?? file.text ?? '';
  const present = readHook(text, file.path, 'Stop');
  const created = known?.created ?? file.text === undefined;
  const createdFolder = known?.createdFolder ?? (file.text === undefined && file.folderMissing);
  const base = { file: file.path, ...wish, created, createdFolder };
  if (present?.command === wish.command || (present !== undefined && known === undefined)) {
    const record = { ...base, command: present.command, inserted: known?.inserted ?? '' };
    return { file: file.path, change: 'unchanged', edit, record };
  }
  const cleared = present && known ? removeHooks(text, file.path, ['Stop'], known.inserted) : text;
  const { text: after, inserted } = addHooks(cleared, file.path, ['Stop'], wish.command);
  return {
    file: file.path,
    change: present === undefined ? 'registered' : 'renewed',
    edit: { path: file.path, role: 'codex-config', before: file.text, after, backup: edit?.backup ?? 'make' },
    record: { ...base, inserted },
  };
}

/**
 * Plans to take our Stop hook out again; what else is to be changed in the file comes along.
 * @param edit what is to be changed in the file already
 */
export function planStopHookRemoval(
  file: TextFile,
  edit: FileEdit | undefined,
  known: StopHookRecord | undefined,
): FileEdit | undefined {
  const text = edit === undefined ? file.text : edit.after;
  if (known === undefined || known.inserted === '' || text === undefined) return edit;
  if (readHook(text, file.path, 'Stop') === undefined) return edit;
  const cleared = removeHooks(text, file.path, ['Stop'], known.inserted);
  const after = known.created && cleared.trim() === '' ? undefined : cleared;
  const backup = after === undefined ? 'none' : file.backup === after ? 'remove' : 'make';
  return { path: file.path, role: 'codex-config', before: file.text, after, backup };
}
