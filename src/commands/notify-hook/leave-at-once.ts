import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type NotifyPayload, parseNotifyPayload } from '../../codex/notify-payload.js';
import { appendLog } from '../../delivery/store/journal.js';
import { threadFile } from '../../delivery/store/state-file.js';
import { setupRecordFile } from '../../install/setup-record.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { foldersAround } from '../../platform/files/folders-upward.js';
import { compact } from '../../platform/json.js';
import { systemTracingFile } from '../../settings/files/system-file.js';
import { TRACING_FILE } from '../../settings/files/tracing-file.js';

/** Either makes a folder's turns something else than untraced for want of a config. */
const DECIDING_VARIABLES = ['MLFLOW_TRACKING_URI', 'MLFLOW_CODEX_DISABLED'];

/**
 * Ends a hook in a folder where nothing is traced before its program is loaded: most folders of a user
 * who traces one project, and 20 ms of CPU (Node 20). Only names of files are looked at, and only where they
 * leave nothing open: no tracing config upward, in Codex's home or of the system; no address in the
 * environment; no state of the thread, which would have to learn of the turn; no other notifier to be called.
 * What `runNotifyHook` would have logged is logged. Never throws.
 * @param payloadText as Codex gave it
 * @param systemFile for tests
 * @returns whether the hook is done
 */
export function leaveAtOnce(
  payloadText: string | undefined,
  env: NodeJS.ProcessEnv,
  systemFile: string = systemTracingFile(),
): boolean {
  const startedMs = Date.now();
  try {
    const parsed = parseNotifyPayload(payloadText);
    if (parsed.kind !== 'turn' || parsed.payload.isSessionEnd) return false;
    const home = codexHome(env, homedir());
    if (!isCertainlyUntraced(parsed.payload, env, home, systemFile)) return false;
    const { threadId: thread, turnId: turn } = parsed.payload;
    const entry = { time: new Date().toISOString(), ...compact({ thread, turn }) };
    const ms = Date.now() - startedMs;
    appendLog(stateDir(home), { ...entry, outcome: 'untraced', detail: 'no-config', ms });
    return true;
  } catch {
    // The whole hook finds out what it is, and says so.
    return false;
  }
}

function isCertainlyUntraced(
  { threadId, cwd }: NotifyPayload,
  env: NodeJS.ProcessEnv,
  home: string,
  systemFile: string,
): boolean {
  const state = stateDir(home);
  return (
    DECIDING_VARIABLES.every((name) => !env[name]) &&
    isAbsent(path.join(home, TRACING_FILE)) &&
    isAbsent(systemFile) &&
    isAbsent(threadFile(state, threadId)) &&
    forwardsNothing(state) &&
    [...foldersAround(cwd ?? process.cwd())].every((folder) =>
      isAbsent(path.join(folder, '.codex', TRACING_FILE)),
    )
  );
}

/** A file that is there and cannot be seen leaves something open. */
function isAbsent(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
  }
}

/** Setup writes its record with plain names: one that escapes this would be somebody else's. */
function forwardsNothing(state: string): boolean {
  const file = setupRecordFile(state);
  return isAbsent(file) || !/"forward"|\\u/.test(readFileSync(file, 'utf8'));
}
