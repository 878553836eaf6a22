import { readNotifySlot } from '../../../install/codex-config/notify-slot.js';
import { UserError } from '../../../platform/problems/user-error.js';
import { ForeignNotifier, type NotifyPlan } from './plan-notify.js';
import type { InstalledFiles } from './setup-state.js';

/**
 * A notifier of the machine's layers is not silenced without a word. The system's is called until the
 * user has one (Codex 0.169): ours forwards to it, where that is allowed. The managed one is called
 * whatever the user has.
 * @param notify the plan of the user's config.toml
 * @throws UserError where ours would never be called; ForeignNotifier where it would silence another
 */
export function keepMachinesNotifier(
  { machine, userConfig }: InstalledFiles,
  notify: NotifyPlan | undefined,
  mayForward: boolean,
): void {
  if (machine === undefined || notify === undefined) return;
  const { managed, system } = machine;
  if (managed.slot.kind === 'foreign') {
    const { file, slot } = managed;
    const what = `${file}:${slot.line}: Codex calls another program, and no user's config can change that`;
    throw new UserError(
      what,
      'Ask the administrator of this machine for a Stop hook in requirements.toml (docs/platform.md)',
    );
  }
  const isUsersEmpty = readNotifySlot(userConfig.text ?? '', userConfig.path).kind === 'empty';
  if (system.slot.kind !== 'foreign' || !isUsersEmpty || notify.record === undefined) return;
  const { argv, line } = system.slot;
  if (argv === undefined || !mayForward) {
    const reason = 'Ours would silence the notifier that Codex calls for everybody on this machine';
    throw new ForeignNotifier(system.file, line, argv, reason);
  }
  notify.record.forward = argv;
  notify.change = 'forwarding';
}
