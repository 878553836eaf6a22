import { type CodexCli, runsManagedHooks } from '../../../codex/codex-cli.js';
import { hookCommand, TURN_EVENTS } from '../../../install/codex-config/hook-entries.js';
import type { FileEdit } from '../../../install/file-edit.js';
import { parseSetupRecord, type SetupRecord } from '../../../install/setup-record.js';
import { compact } from '../../../platform/json.js';
import type { Finding } from '../../../platform/problems/finding.js';
import { UserError } from '../../../platform/problems/user-error.js';
import { parseTracingConfig } from '../../../settings/files/tracing-config.js';
import { type NotifyPlan, planNotify } from '../plans/plan-notify.js';
import { recordEdit } from '../plans/plan-setup.js';
import { planTracing, type TracingPlan, type TracingValues } from '../plans/plan-tracing.js';
import { readTextFileState, type TextFile } from '../plans/setup-state.js';
import { type ManagedHooksPlan, planManagedHooks } from './plan-managed-hooks.js';
import { type SystemPlaces, systemFiles } from './system-places.js';

/** The machine's files as they are: what a plan is made of. */
export interface SystemState {
  tracing: TextFile;
  config: TextFile;
  requirements: TextFile;
  recordFile: TextFile;
  record: SetupRecord;
  backups: string;
}

/** @throws UserError where a file cannot be read */
export function readSystemState(places: SystemPlaces): SystemState {
  const { tracing, config, requirements, record, backups } = systemFiles(places);
  const read = (file: string) => readTextFileState(file, backups);
  const recordFile = read(record);
  return {
    tracing: read(tracing),
    config: read(config),
    requirements: read(requirements),
    recordFile,
    record: recordOf(recordFile),
    backups,
  };
}

function recordOf({ path, text }: TextFile): SetupRecord {
  try {
    return parseSetupRecord(text ?? '{}');
  } catch {
    throw new UserError(`${path} is damaged`, `Delete it: what setup did before cannot be taken back then`);
  }
}

/** Everything a plan depends on. */
export interface SystemInput {
  state: SystemState;
  values: TracingValues;
  /** The program's words, absolute, without the command. */
  program: readonly string[];
  codex: CodexCli | undefined;
}

/** What `setup --system` is going to do: all of it or nothing. */
export interface SystemPlan {
  tracing: TracingPlan & { file: string };
  notify: NotifyPlan;
  /** Absent where the machine's Codex is too old for managed hooks. */
  hooks: ManagedHooksPlan | undefined;
  edits: FileEdit[];
  notices: Finding[];
  input: SystemInput;
}

/**
 * Plans what makes every user of the machine traced: the tracing config, managed hooks in
 * requirements.toml, and `notify` in the system's config.toml where that slot is free.
 * @throws UserError where a file is broken, where hooks are switched off, or where nothing would call ours
 */
export function planSystem(input: SystemInput): SystemPlan {
  const { state, values, program, codex } = input;
  const { record } = state;
  const known = record.tracing.find(({ file }) => file === state.tracing.path);
  const tracing = { ...planTracing(state.tracing, 'system', values, known), file: state.tracing.path };
  const argv = [...program, 'notify-hook'];
  const wish = { argv, working: [argv], forwardExisting: false, leaveForeign: true };
  const before = record.notify.find(({ file }) => file === state.config.path);
  const notify = planNotify(state.config, wish, before);
  // What a file of ours was before says nothing to anybody.
  if (before?.created && notify.edit) notify.edit.backup = 'none';
  const hooks = planHooks(input);
  if (hooks === undefined && notify.change === 'foreign') throw nothingCalls(state.config.path, codex);
  const next: SetupRecord = {
    version: 1,
    tracing: [tracing.record],
    notify: notify.record ? [notify.record] : [],
    ...compact({ managedHooks: hooks ? hooks.record : record.managedHooks }),
  };
  const edits = [tracing.edit, notify.edit, hooks?.edit].filter((edit) => edit !== undefined);
  return {
    tracing,
    notify,
    hooks,
    edits: [...edits.map((edit) => ({ ...edit, isPublic: true as const })), ...recordEdit(state, next)],
    notices: noticesOf(codex?.version),
    input,
  };
}

/** None where this Codex does not run them. */
function planHooks({ state, program, codex }: SystemInput): ManagedHooksPlan | undefined {
  if (runsManagedHooks(codex?.version) === false) return undefined;
  const command = hookCommand([...program, 'stop-hook']);
  const events = isLive(state.tracing) ? [...TURN_EVENTS, 'UserPromptSubmit' as const] : TURN_EVENTS;
  return planManagedHooks(state.requirements, { command, events }, state.record.managedHooks);
}

function noticesOf(version: string | undefined): Finding[] {
  if (version === undefined) return [{ code: 'codex-version-unknown', level: 'info', args: {} }];
  if (runsManagedHooks(version) !== false) return [];
  return [{ code: 'codex-without-managed-hooks', level: 'warning', args: { version } }];
}

/** Whether turns are shown while they go on: then a hook at each prompt sees to it that the first one is, too. */
function isLive({ text, path }: TextFile): boolean {
  return text !== undefined && parseTracingConfig(text, path).config.live === true;
}

function nothingCalls(file: string, codex: CodexCli | undefined): UserError {
  return new UserError(
    `${file}: notify is another program’s, and Codex ${codex?.version ?? ''} runs no managed hooks`,
    'Update Codex to 0.134 or later: its Stop hooks need no notify',
  );
}
