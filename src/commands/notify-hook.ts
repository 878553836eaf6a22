import { spawn } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { readForwardedNotifier } from '../codex/codex-config/forwarded-notifier.js';
import { codexHome, stateDir } from '../codex/codex-home.js';
import { parseNotifyPayload } from '../codex/notify-payload.js';
import { resolveDestination } from '../config/destination.js';
import { resolveSettings } from '../config/resolve-settings.js';
import { deliverAnnounced } from '../delivery/deliver-announced.js';
import { appendLog, type LogEntry } from '../delivery/hook-log.js';

/**
 * What Codex runs after each turn. Prints nothing, throws nothing: whatever happens ends as one line
 * of the log in our state folder.
 * @param payloadText the last argument, as Codex gave it
 */
export async function runNotifyHook(payloadText: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  const startedMs = Date.now();
  const homeDir = homedir();
  const home = codexHome(env, homeDir);
  const state = stateDir(home);
  const log = (entry: Omit<LogEntry, 'time' | 'ms'>) =>
    appendLog(state, { time: new Date().toISOString(), ...entry, ms: Date.now() - startedMs });
  try {
    const parsed = parseNotifyPayload(payloadText);
    const cwd = parsed.kind === 'turn' ? parsed.payload.cwd : undefined;
    forward(readForwardedNotifier(state, cwd), payloadText);
    if (parsed.kind === 'other')
      return log({ outcome: 'ignored', detail: `announcement of type ${parsed.type}` });
    if (parsed.kind === 'malformed') return log({ outcome: 'problem', detail: parsed.reason });
    const { payload } = parsed;
    const names = {
      thread: payload.threadId,
      ...(payload.turnId === undefined ? {} : { turn: payload.turnId }),
    };
    const found = await resolveSettings({
      env,
      cwd: payload.cwd ?? process.cwd(),
      codexHome: home,
      homeDir,
      userName: userName(env),
    });
    if (found.kind === 'untraced') return log({ ...names, outcome: 'untraced', detail: found.reason });
    if (found.kind === 'disabled') return log({ ...names, outcome: 'disabled', detail: found.by });
    if (found.kind === 'broken') return log({ ...names, outcome: 'problem', detail: found.message });
    const target = await resolveDestination(found.settings, env, homeDir);
    if (target.kind === 'problem') return log({ ...names, outcome: 'problem', detail: target.message });
    log({ ...names, ...(await deliverAnnounced(payload, home, found.settings, target.destination)) });
  } catch (error) {
    log({ outcome: 'problem', detail: `internal error: ${nameOf(error)}` });
  }
}

/** Starts the notifier that had Codex's slot before ours, neither waiting for it nor telling it anything new. */
function forward(argv: string[] | undefined, payloadText: string | undefined): void {
  const [program, ...args] = argv ?? [];
  if (program === undefined) return;
  try {
    const child = spawn(program, payloadText === undefined ? args : [...args, payloadText], {
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
    });
    child.on('error', () => {});
    child.unref();
  } catch {
    // A program that cannot be started is silent in Codex as well.
  }
}

function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // No entry for this uid (containers).
    return env.USER ?? env.USERNAME ?? 'unknown';
  }
}

/** The kind of an error and where it arose; its message might quote a transcript. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = (error as NodeJS.ErrnoException).code;
  const where = error.stack?.match(/at (\S+)/)?.[1];
  return [code ?? error.name, where].filter(Boolean).join(' at ');
}
