import { type CodexCli, ignoresProjectNotify } from '../../../codex/codex-cli.js';
import { hooksInWords } from '../../../install/codex-config/hook-entries.js';
import { readNotifySlot } from '../../../install/codex-config/notify-slot.js';
import type { FileEdit } from '../../../install/file-edit.js';
import type { NotifyRecord, SetupRecord, TracingRecord } from '../../../install/setup-record.js';
import type { Finding } from '../../../platform/problems/finding.js';
import { keepMachinesNotifier } from './keep-machines-notifier.js';
import {
  ForeignNotifier,
  type NotifyPlan,
  type NotifyWish,
  planNotify,
  planNotifyRemoval,
} from './plan-notify.js';
import { planStopHook, type StopHookPlan, type StopHookWish } from './plan-stop-hook.js';
import { planTracing, type TracingPlan, type TracingValues } from './plan-tracing.js';
import type { Scope } from './setup-request.js';
import type { InstalledFiles, TextFile } from './setup-state.js';

/** Everything a plan depends on. */
export interface SetupInput {
  files: InstalledFiles;
  scope: Scope;
  values: TracingValues;
  /** The installed Codex; absent where none is found. */
  codex: CodexCli | undefined;
  notifier: NotifyWish;
  /** What a Stop hook is to run, where one is wanted. */
  stopHook: StopHookWish | undefined;
}

/** What setup is going to do: nothing else, and all of it or nothing. */
export interface SetupPlan {
  scope: Scope;
  tracing: TracingPlan & { file: string };
  notify: NotifyPlan[];
  stopHook: StopHookPlan | undefined;
  edits: FileEdit[];
  notices: Finding[];
  /** What it was made of. */
  input: SetupInput;
}

/**
 * Plans setup, from texts to texts. Where `notify` goes depends on Codex: from 0.130 on, and before
 * 0.80, it reads the user's config.toml alone; between, a project's own has the word; where no Codex is found, both.
 * @throws UserError (ForeignNotifier among them): nothing at all is to be written then
 */
export function planSetup(input: SetupInput): SetupPlan {
  const { files, values, codex, notifier } = input;
  const { project } = files;
  const scope = project === undefined ? 'user' : input.scope;

  const ignored = ignoresProjectNotify(codex?.version);
  const possible = notifyTargets(files, scope, ignored);
  const targets = needsNotify(notifier) ? possible : possible.filter(hasOurs);
  const planned = targets.map((file) => planNotify(file, notifier, recorded(files.record, file)));
  keepUsersNotifier(files.userConfig, planned, notifier.forwardExisting);
  const users = planned.find(({ file }) => file === files.userConfig.path);
  keepMachinesNotifier(files, users, notifier.forwardExisting);
  const leftover =
    project && ignored
      ? planNotifyRemoval(project.config, recorded(files.record, project.config))
      : undefined;
  const notify = leftover ? [...planned, leftover] : planned;

  const file = scope === 'project' && project !== undefined ? project.tracing : files.userTracing;
  const known = files.record.tracing.find((entry) => entry.file === file.path);
  const tracing = { ...planTracing(file, scope, values, known), file: file.path };
  const stopHook = planUsersStopHook(input, notify);
  const others = stopHook === undefined ? notify : notify.filter(({ file }) => file !== stopHook.file);
  const record = nextRecord(files.record, tracing.record, notify);
  const edits = [
    ...[tracing.edit, ...others.map(({ edit }) => edit), stopHook?.edit].filter((edit) => edit !== undefined),
    ...recordEdit(files, stopHook === undefined ? record : { ...record, stopHook: stopHook.record }),
  ];
  const notices: Finding[] = [
    ...(scope === input.scope ? [] : [{ code: 'home-is-user-scope', level: 'info', args: {} } as const]),
    ...whereAndWhy(input, scope, targets, ignored),
    ...(leftover
      ? [{ code: 'leftover-removed', level: 'info', args: { file: leftover.file } } as const]
      : []),
    ...reviewOf(stopHook),
  ];
  return { scope, tracing, notify, stopHook, edits, notices, input };
}

/** Codex runs a new Stop hook once its user has looked at it. */
function reviewOf(stopHook: StopHookPlan | undefined): Finding[] {
  if (stopHook === undefined || stopHook.change === 'unchanged') return [];
  const args = { file: stopHook.file, hooks: hooksInWords(stopHook.events) };
  return [{ code: 'stop-hook-trust', level: 'info', args }];
}

/** The Stop hook goes into the user's config.toml, together with what notify changes there. */
function planUsersStopHook(input: SetupInput, notify: NotifyPlan[]): StopHookPlan | undefined {
  const { files, stopHook } = input;
  if (stopHook === undefined) return undefined;
  const present = notify.find(({ file }) => file === files.userConfig.path)?.edit;
  return planStopHook(files.userConfig, present, stopHook, files.record.stopHook);
}

function notifyTargets(files: InstalledFiles, scope: Scope, ignored: boolean | undefined): TextFile[] {
  if (scope === 'user' || files.project === undefined || ignored === true) return [files.userConfig];
  return ignored === false ? [files.project.config] : [files.userConfig, files.project.config];
}

function needsNotify({ plugin, managedHook }: NotifyWish): boolean {
  return plugin === undefined && managedHook === undefined;
}

function hasOurs({ text = '', path }: TextFile): boolean {
  return readNotifySlot(text, path).kind === 'ours';
}

/** Where notify goes, and why there; or why nowhere. */
function whereAndWhy(
  { codex, notifier: { plugin, managedHook } }: SetupInput,
  scope: Scope,
  targets: readonly TextFile[],
  ignored: boolean | undefined,
): Finding[] {
  if (managedHook !== undefined && targets.length === 0)
    return [{ code: 'managed-hook-suffices', level: 'info', args: { file: managedHook } }];
  if (plugin !== undefined && targets.length === 0)
    return [{ code: 'plugin-suffices', level: 'info', args: { id: plugin } }];
  if (scope !== 'project') return [];
  if (ignored === undefined)
    return [{ code: 'notify-in-both', level: 'info', args: { file: codex?.file ?? '' } }];
  const code = ignored ? 'notify-in-user-config' : 'notify-in-project-config';
  return [{ code, level: 'info', args: { version: codex?.version ?? '' } }];
}

/** Codex 0.80 to 0.129 calls a project's notifier instead of the user's: ours would silence that one. */
function keepUsersNotifier(userConfig: TextFile, notify: NotifyPlan[], mayForward: boolean): void {
  const slot = readNotifySlot(userConfig.text ?? '', userConfig.path);
  if (slot.kind !== 'foreign') return;
  const record = notify[0]?.record;
  // A project's own notifier has taken its place already; in the user's file it is forwarded to by itself.
  if (record === undefined || record.forward !== undefined) return;
  if (slot.argv === undefined || !mayForward) {
    const reason = 'In this project ours would silence the notifier that Codex calls everywhere';
    throw new ForeignNotifier(userConfig.path, slot.line, slot.argv, reason);
  }
  record.forward = slot.argv;
}

function recorded(record: SetupRecord, file: TextFile): NotifyRecord | undefined {
  return record.notify.find((entry) => entry.file === file.path);
}

function nextRecord(present: SetupRecord, tracing: TracingRecord, notify: NotifyPlan[]): SetupRecord {
  const planned = notify.map(({ file }) => file);
  return {
    ...present,
    tracing: [...present.tracing.filter(({ file }) => file !== tracing.file), tracing],
    notify: [
      ...present.notify.filter(({ file }) => !planned.includes(file)),
      ...notify.flatMap(({ record }) => record ?? []),
    ],
  };
}

/** The edit of our own record; none where it says the same already. An empty record is no file. */
export function recordEdit(files: { recordFile: TextFile }, next: SetupRecord): FileEdit[] {
  const { path, text: before } = files.recordFile;
  const isEmpty =
    next.tracing.length === 0 && next.notify.length === 0 && !next.stopHook && !next.managedHooks;
  const after = isEmpty ? undefined : `${JSON.stringify(next, null, 2)}\n`;
  return after === before ? [] : [{ path, role: 'record', before, after, backup: 'none' }];
}
