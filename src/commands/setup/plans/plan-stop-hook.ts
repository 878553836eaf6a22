import {
  addHooks,
  type HookEvent,
  readHook,
  removeHooks,
} from '../../../install/codex-config/hook-entries.js';
import type { FileEdit } from '../../../install/file-edit.js';
import type { StopHookRecord } from '../../../install/setup-record.js';
import type { TextFile } from './setup-state.js';

/** What becomes of our Stop hook in the user's config.toml. */
export interface StopHookPlan {
  file: string;
  /** The events that it is there for. */
  events: readonly HookEvent[];
  change: 'registered' | 'renewed' | 'unchanged';
  /** The file's one edit, with what else is to be changed in it. */
  edit: FileEdit | undefined;
  record: StopHookRecord;
}

/** What Codex is to run, and when: the program's words, and the shell's. */
export interface StopHookWish {
  readonly argv: string[];
  readonly command: string;
  readonly events: readonly HookEvent[];
}

/**
 * Plans a Stop hook in the user's config.toml, or one for another event beside it.
 * @param edit what is to be changed in the file already
 * @param known what an earlier setup recorded
 * @throws UserError where the file cannot be edited without touching more
 */
export function planStopHook(
  file: TextFile,
  edit: FileEdit | undefined,
  { events, ...wish }: StopHookWish,
  known: StopHookRecord | undefined,
): StopHookPlan {
  const text = edit?.after ?? file.text ?? '';
  const had = eventsOf(known);
  const wanted = [...new Set([...had, ...events])];
  const created = known?.created ?? file.text === undefined;
  const createdFolder = known?.createdFolder ?? file.folderMissing;
  const base = { file: file.path, ...wish, created, createdFolder };
  const commandOf = (event: HookEvent) => readHook(text, file.path, event)?.command;
  const [first, ...others] = wanted.flatMap((event) => commandOf(event) ?? []);
  // What a person has written stays as it is: only setup's own are held against what it would write now.
  const isCurrent = had.every((event) => commandOf(event) === wish.command);
  if (first !== undefined && others.length + 1 === wanted.length && isCurrent) {
    const record = { ...base, command: first, events: [...had], inserted: known?.inserted ?? '' };
    return { file: file.path, events: wanted, change: 'unchanged', edit, record };
  }
  const isThere = had.some((event) => commandOf(event) !== undefined);
  const cleared = known && isThere ? removeHooks(text, file.path, had, known.inserted) : text;
  const missing = wanted.filter((event) => readHook(cleared, file.path, event) === undefined);
  const { text: after, inserted } = addHooks(cleared, file.path, missing, wish.command);
  return {
    file: file.path,
    events: wanted,
    change: first === undefined ? 'registered' : 'renewed',
    edit: {
      path: file.path,
      role: 'codex-config',
      before: file.text,
      after,
      backup: edit?.backup ?? (known?.created ? 'none' : 'make'),
    },
    record: { ...base, events: missing, inserted },
  };
}

/** Up to the first version with `live` there was the Stop hook alone. */
function eventsOf(known: StopHookRecord | undefined): readonly HookEvent[] {
  return known ? (known.events ?? ['Stop']) : [];
}

/**
 * Plans to take our hooks out again; what else is to be changed in the file comes along.
 * @param edit what is to be changed in the file already
 */
export function planStopHookRemoval(
  file: TextFile,
  edit: FileEdit | undefined,
  known: StopHookRecord | undefined,
): FileEdit | undefined {
  const text = edit === undefined ? file.text : edit.after;
  if (known === undefined || known.inserted === '' || text === undefined) return edit;
  const events = eventsOf(known);
  if (events.every((event) => readHook(text, file.path, event) === undefined)) return edit;
  const cleared = removeHooks(text, file.path, events, known.inserted);
  const after = known.created && cleared.trim() === '' ? undefined : cleared;
  const backup = after === undefined ? 'none' : file.backup === after ? 'remove' : 'make';
  return { path: file.path, role: 'codex-config', before: file.text, after, backup };
}
