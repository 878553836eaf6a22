import path from 'node:path';
import { UserError } from '../../platform/problems/user-error.js';
import { readTextFile } from '../read-text-file.js';
import { type HookEntry, readHook, readHookJson } from './hook-entries.js';
import { type NotifySlot, readNotifySlot } from './notify-slot.js';

/** The folder of Codex's configuration for the whole machine (0.169 to 0.171; Windows by its source only). */
export function systemCodexDir(platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? 'C:\\ProgramData\\OpenAI\\Codex' : '/etc/codex';
}

/** A notify slot and whose file it is in. */
export interface SlotOfFile {
  readonly file: string;
  readonly slot: NotifySlot;
}

/**
 * The notify slots of the machine's layers. Codex takes the first that is set of: the managed config,
 * the user's config, the system's (each run, Linux).
 * @throws UserError where a file is not TOML
 */
export function readSystemSlots(dir: string): { managed: SlotOfFile; system: SlotOfFile } {
  const slotOf = (name: string): SlotOfFile => {
    const file = path.join(dir, name);
    return { file, slot: readNotifySlot(readTextFile(file) ?? '', file) };
  };
  return { managed: slotOf('managed_config.toml'), system: slotOf('config.toml') };
}

/** A Stop hook of ours that Codex runs without the user's trust. */
export interface ManagedHook {
  readonly file: string;
  /** The command's words; absent where it needs a shell to be understood. */
  readonly argv?: readonly string[];
}

/**
 * Our Stop hook where an administrator registers one: `requirements.toml`, or the system's `config.toml`
 * or `hooks.json`. A file that cannot be read has none.
 */
export function findManagedHook(dir: string): ManagedHook | undefined {
  for (const name of ['requirements.toml', 'managed_config.toml', 'config.toml', 'hooks.json']) {
    const file = path.join(dir, name);
    const command = readLeniently(file)?.command;
    if (command === undefined) continue;
    // Variables before the program are the shell's; quotes and the like are, too.
    const words = command.trim().split(/\s+/);
    const argv = words.slice(words.findIndex((word) => !/^\w+=/.test(word)));
    return /["'$`\\;|&]/.test(command) ? { file } : { file, argv };
  }
  return undefined;
}

function readLeniently(file: string): HookEntry | undefined {
  try {
    const text = readTextFile(file) ?? '';
    return file.endsWith('.json') ? readHookJson(text, 'Stop') : readHook(text, file, 'Stop');
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
