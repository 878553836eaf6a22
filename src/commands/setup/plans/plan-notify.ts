import { isDeepStrictEqual } from 'node:util';
import {
  clearNotifySlot,
  fillNotifySlot,
  readNotifySlot,
} from '../../../install/codex-config/notify-slot.js';
import type { FileEdit } from '../../../install/file-edit.js';
import type { NotifyRecord } from '../../../install/setup-record.js';
import { UserError } from '../../../platform/problems/user-error.js';
import type { TextFile } from './setup-state.js';

/** What becomes of the notify slot of one config.toml. */
export interface NotifyPlan {
  file: string;
  change: 'registered' | 'renewed' | 'forwarding' | 'unchanged' | 'foreign' | 'removed';
  edit: FileEdit | undefined;
  /** Absent where nothing of ours is left in the file. */
  record: NotifyRecord | undefined;
}

/** What is to stand in the slot. */
export interface NotifyWish {
  argv: readonly string[];
  /** Notifiers of ours that start and are of this version: left alone where they stand. */
  working: readonly (readonly string[])[];
  forwardExisting: boolean;
  /** Somebody else's notifier is left alone: a Stop hook does our work. */
  leaveForeign?: boolean;
  /** The hook of our plugin for Codex does our work: by its id. Only notifiers of ours are touched. */
  plugin?: string | undefined;
  /** An administrator's hook does our work: by its file. Only notifiers of ours are touched. */
  managedHook?: string | undefined;
}

/** Somebody else's notifier is in the slot: setup goes no further unless it may be forwarded to. */
export class ForeignNotifier extends UserError {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly argv: readonly string[] | undefined,
    reason: string,
  ) {
    super(
      `${file}:${line}: ${reason}${argv === undefined ? '' : `: notify = ${JSON.stringify(argv)}`}`,
      argv === undefined
        ? `Remove it from ${file}; Codex calls only a list of texts`
        : 'Run setup with --forward-existing: our hook then calls it first, with the same message, and uninstall puts it back; or with --stop-hook: it is left alone, and a Stop hook does the same work',
    );
    this.name = 'ForeignNotifier';
  }
}

/**
 * Plans the slot of one config.toml.
 * @param known what an earlier setup recorded of it
 * @throws ForeignNotifier where the slot is somebody else's and may not be forwarded to, or cannot
 * @throws UserError where the file is not TOML, or cannot be edited without touching more than notify
 */
export function planNotify(file: TextFile, wish: NotifyWish, known: NotifyRecord | undefined): NotifyPlan {
  const slot = readNotifySlot(file.text ?? '', file.path);
  if (slot.kind === 'ours') return planRenewal(file, slot.argv, wish, known);
  if (slot.kind !== 'foreign') return planFilling(file, wish.argv, undefined);
  if (wish.leaveForeign && !wish.forwardExisting) {
    return { file: file.path, change: 'foreign', edit: undefined, record: undefined };
  }
  return planFilling(file, wish.argv, forwardable(file, slot, wish));
}

/** Ours that works stays; any other becomes the one of this version, and uninstall still undoes the first setup. */
function planRenewal(
  file: TextFile,
  present: string[],
  { argv, working }: NotifyWish,
  known: NotifyRecord | undefined,
): NotifyPlan {
  const base = known ?? { file: file.path, created: false, createdFolder: false };
  if (working.some((one) => isDeepStrictEqual(one, present))) {
    return { file: file.path, change: 'unchanged', edit: undefined, record: { ...base, argv: present } };
  }
  const filled = fillNotifySlot(file.text ?? '', file.path, argv);
  const record: NotifyRecord = { ...base, argv: [...argv] };
  if (known?.inserted !== undefined && filled.before !== undefined) {
    const statement = fillNotifySlot('', file.path, argv).text.trimEnd();
    record.inserted = known.inserted.replace(filled.before, () => statement);
  }
  const backup = file.backup === undefined ? 'make' : 'none';
  return { file: file.path, change: 'renewed', edit: configEdit(file, filled.text, backup), record };
}

/** @throws ForeignNotifier where somebody else's notifier may not be forwarded to, or cannot */
function forwardable(
  { path }: TextFile,
  { argv, line }: { argv?: string[]; line: number },
  { forwardExisting }: NotifyWish,
): string[] {
  if (argv === undefined) {
    throw new ForeignNotifier(path, line, undefined, 'notify is no list of texts, and Codex refuses it');
  }
  if (!forwardExisting) {
    throw new ForeignNotifier(path, line, argv, 'Codex calls another program already');
  }
  return argv;
}

/** @param forward the notifier that ours takes the place of and calls; absent where there is none */
function planFilling(file: TextFile, argv: readonly string[], forward: string[] | undefined): NotifyPlan {
  const { text: after, ...how } = fillNotifySlot(file.text ?? '', file.path, argv);
  const record: NotifyRecord = {
    file: file.path,
    argv: [...argv],
    created: file.text === undefined,
    createdFolder: file.folderMissing,
    ...how,
    ...(forward === undefined ? {} : { forward }),
  };
  const change = forward === undefined ? 'registered' : 'forwarding';
  return { file: file.path, change, edit: configEdit(file, after, 'make'), record };
}

/**
 * Plans to take ours out of a slot; `undefined` where it is not ours. A file that setup made goes with
 * it where nothing else is in it.
 */
export function planNotifyRemoval(file: TextFile, known: NotifyRecord | undefined): NotifyPlan | undefined {
  if (file.text === undefined || readNotifySlot(file.text, file.path).kind !== 'ours') return undefined;
  const after = clearNotifySlot(file.text, file.path, known);
  const isEmptied = known?.created === true && after.trim() === '';
  const backup = isEmptied ? 'none' : file.backup === after ? 'remove' : 'make';
  const edit = configEdit(file, isEmptied ? undefined : after, backup);
  return { file: file.path, change: 'removed', edit, record: undefined };
}

function configEdit(file: TextFile, after: string | undefined, backup: FileEdit['backup']): FileEdit {
  return { path: file.path, role: 'codex-config', before: file.text, after, backup };
}
