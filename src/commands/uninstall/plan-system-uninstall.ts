import path from 'node:path';
import { MANAGED_EVENTS, readManagedHooks } from '../../install/codex-config/managed-hooks.js';
import { readNotifySlot } from '../../install/codex-config/notify-slot.js';
import type { FileEdit } from '../../install/file-edit.js';
import type { Finding } from '../../platform/problems/finding.js';
import { planNotifyRemoval } from '../setup/plans/plan-notify.js';
import { recordEdit } from '../setup/plans/plan-setup.js';
import type { TextFile } from '../setup/plans/setup-state.js';
import { planManagedHooksRemoval } from '../setup/system/plan-managed-hooks.js';
import type { SystemState } from '../setup/system/plan-system.js';
import { planTracingRemoval, type UninstallPlan } from './plan-uninstall.js';

/**
 * Plans to take away what `setup --system` did. What an administrator has written by other means stays, and
 * is named.
 * @throws UserError where ours cannot be told from the rest any more
 */
export function planSystemUninstall(state: SystemState): UninstallPlan {
  const { tracing, config, requirements, record } = state;
  const known = record.notify.find(({ file }) => file === config.path);
  const hooks = planManagedHooksRemoval(requirements, record.managedHooks);
  const notify = known && planNotifyRemoval(config, known)?.edit;
  const former = planTracingRemoval(tracing, record);
  const made = [
    ...(known?.createdFolder || record.managedHooks?.createdFolder ? [path.dirname(config.path)] : []),
    ...(former.folders ?? []),
  ];
  const edits: FileEdit[] = [hooks, notify, ...(former.edits ?? [])].filter((edit) => edit !== undefined);
  return {
    edits: [...edits, ...recordEdit(state, { version: 1, tracing: [], notify: [] })],
    folders: made,
    notices: [
      ...(former.notices ?? []),
      ...(hooks === undefined && hasManagedHooks(requirements) ? [byOthers(requirements)] : []),
      ...(notify === undefined && hasOurNotify(config) ? [byOthers(config)] : []),
    ],
  };
}

function hasManagedHooks({ text, path: file }: TextFile): boolean {
  const found = text === undefined ? undefined : readManagedHooks(text, file);
  return MANAGED_EVENTS.some((event) => found?.has(event));
}

function hasOurNotify({ text, path: file }: TextFile): boolean {
  return text !== undefined && readNotifySlot(text, file).kind === 'ours';
}

function byOthers({ path: file }: TextFile): Finding {
  return { code: 'hook-set-by-others', level: 'warning', args: { file } };
}
