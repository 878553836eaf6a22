import { LiveWatch } from '../../delivery/live/live-watch.js';
import { tryLock } from '../../delivery/store/lock/lock.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { UserError } from '../../platform/problems/user-error.js';
import { envFlag } from '../../platform/process/environment.js';
import type { CommandIo } from '../../terminal/io.js';
import { type OptionValues, parseOptions } from '../../terminal/options.js';
import { WATCH_LOCK } from './leave-watcher.js';
import { liveTurnJson, turnTeller } from './render-live.js';
import { stopSignal } from './stop-signal.js';
import { watchLoop } from './watch-loop.js';
import { WATCH_OPTIONS } from './watch-options.js';
import { watchPlan } from './watch-plan.js';

/**
 * Shows the turns of one Codex home in MLflow while they go on, until Ctrl-C; with `--once` what goes on
 * now. One process a home.
 * @returns 0; 1 where another watcher is at work, or with `--once` a server took nothing
 */
export async function runWatch(argv: string[], io: CommandIo): Promise<number> {
  const { values } = parseOptions(argv, WATCH_OPTIONS);
  const isLeft = values['left-behind'];
  const state = stateDir(codexHome(io.env, io.homeDir));
  const refused = refusalOf(io.env);
  const lock = refused ? undefined : await tryLock(state, WATCH_LOCK);
  if (lock) return watchUntilEnd(values, io).finally(() => lock.release());
  if (isLeft) return 0;
  throw refused ?? otherWatcher(codexHome(io.env, io.homeDir));
}

type Values = OptionValues<typeof WATCH_OPTIONS>;

async function watchUntilEnd(values: Values, io: CommandIo): Promise<number> {
  const { once, json, 'left-behind': isLeft } = values;
  const stop = stopSignal(isLeft);
  const isSilent = isLeft || json;
  const { idleMs, ...plan } = watchPlan(io, { isLeft, once });
  const onTurn = isSilent ? () => {} : turnTeller((text) => io.stdout.write(text));
  const watch = new LiveWatch({ ...plan, onTurn });
  try {
    if (!isSilent && !once) io.stderr.write(begun(codexHome(io.env, io.homeDir)));
    await watchLoop(watch, { signal: stop.signal, once, idleMs });
    const { shown } = watch;
    if (json) io.stdout.write(`${JSON.stringify({ turns: shown.map(liveTurnJson) }, null, 2)}\n`);
    else if (once && shown.length === 0) io.stdout.write('No turn goes on.\n');
    return once && shown.some(({ stopped }) => stopped !== undefined) ? 1 : 0;
  } finally {
    watch.close();
    stop.forget();
  }
}

function refusalOf(env: NodeJS.ProcessEnv): UserError | undefined {
  if (!envFlag(env, 'MLFLOW_CODEX_DISABLED')) return undefined;
  return new UserError('Tracing is switched off by MLFLOW_CODEX_DISABLED', 'Unset it, and watch again');
}

function otherWatcher(home: string): UserError {
  return new UserError(
    `Another watcher is at work on ${home}`,
    'End it first; one that a hook has left behind ("live": true) does the same work, and ends 10 minutes after the last turn',
  );
}

function begun(home: string): string {
  return [
    `Watching ${home}: turns are shown in MLflow from their 10th second on. Ctrl-C ends it.`,
    'MLflow’s page does not reload itself: reload it to see more.\n',
  ].join('\n');
}
