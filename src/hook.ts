import { HOOK_MS } from './commands/notify-hook/hook-times.js';
import { runNotifyHook } from './commands/notify-hook/notify-hook.js';
import { RETRY_MS, runRetryPending, stepBack } from './commands/retry-pending/retry-pending.js';
import { runStopHook } from './commands/stop-hook/stop-hook.js';

/** What a hook may need to leave once its time is over, in ms. */
const LEAVING_MS = 500;

/** What there is to know when the process ends. */
export interface HookEnding {
  /** Whether a server has taken a turn. */
  hasSent: boolean;
}

/**
 * Runs the hook that the command line names, and ends the process when that is done: silent and successful
 * whatever happens, since Codex and its user must not notice it. `stop-hook` with a payload is the process
 * that the Stop hook leaves behind, `retry-pending` the one that a hook leaves behind where a server is slow
 * or overloaded.
 */
export function startHook(): HookEnding {
  const ending: HookEnding = { hasSent: false };
  const [, script = '', command, ...rest] = process.argv;
  // The work keeps the time itself; this is for what keeps none.
  setTimeout(done, (command === 'retry-pending' ? RETRY_MS : HOOK_MS) + LEAVING_MS).unref();
  // Ctrl-C in the terminal, or closing it, reaches the hook as well; it is over in seconds anyway.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('uncaughtException', done);
  process.on('unhandledRejection', done);
  void work(command, script, rest.at(-1)).then((hasSent) => {
    ending.hasSent = hasSent;
    done();
  }, done);
  return ending;
}

/** What the process waits for (Node 17.3; the type definitions of 18 lack it). */
const underWay = () =>
  (process as { getActiveResourcesInfo?: () => string[] }).getActiveResourcesInfo?.() ?? [];

// A look-up that has just failed counts as under way until its callback is over: hence the turn of the loop.
const done = () => setImmediate(leave);

function leave(): void {
  // A name server that is silent keeps `getaddrinfo` for up to a minute, and an exit waits for it (50 s,
  // measured on Node 20). Nobody looks at how a hook ends that is so late.
  if (underWay().includes('GetAddrInfoReqWrap')) process.kill(process.pid, 'SIGKILL');
  process.exit(0);
}

async function work(
  command: string | undefined,
  script: string,
  payload: string | undefined,
): Promise<boolean> {
  switch (command) {
    case 'notify-hook':
      return runNotifyHook(payload, process.env, { trigger: 'notify', script });
    case 'retry-pending':
      await stepBack();
      await runRetryPending(process.env);
      return false;
    default:
      if (payload !== undefined) return runNotifyHook(payload, process.env, { trigger: 'stop', script });
      await runStopHook(process.stdin, script);
      return false;
  }
}
