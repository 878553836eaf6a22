import { LIVE_PACE } from '../../delivery/live/live-pace.js';
import type { LiveTurn } from '../../delivery/live/live-turn.js';
import { LiveWatch, type WatchOptions } from '../../delivery/live/live-watch.js';
import { runPlaces } from '../../delivery/run/run-places.js';
import { tryLock } from '../../delivery/store/lock/lock.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { UserError } from '../../platform/problems/user-error.js';
import { envFlag } from '../../platform/process/environment.js';
import type { CommandIo } from '../../terminal/io.js';
import { type OptionValues, parseOptions } from '../../terminal/options.js';
import { WATCH_LOCK } from './leave-watcher.js';
import { liveTurnJson, liveTurnLine } from './render-live.js';
import { watchLoop } from './watch-loop.js';
import { WATCH_OPTIONS } from './watch-options.js';

/** A process that a hook has left behind ends when no turn has gone on for so long, in ms. */
const IDLE_MS = 10 * 60 * 1000;
/** As in the hook. */
const ABANDONED_MS = 5 * 60 * 1000;

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
  const watch = new LiveWatch(watchOptions(io, isLeft, once, isSilent ? () => {} : teller(io)));
  try {
    if (!isSilent && !once) io.stderr.write(begun(codexHome(io.env, io.homeDir)));
    await watchLoop(watch, { signal: stop.signal, once, idleMs: isLeft ? IDLE_MS : undefined });
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

function watchOptions(
  { env, homeDir }: CommandIo,
  isLeft: boolean,
  once: boolean,
  onTurn: (turn: LiveTurn) => void,
): WatchOptions {
  return {
    run: { ...runPlaces(env, homeDir), abandonedMs: ABANDONED_MS },
    // Who asks for what goes on now does not want to wait for it to be ten seconds old.
    pace: once ? { ...LIVE_PACE, firstMs: 0 } : LIVE_PACE,
    // Who types the command wants it, wherever nobody has said no.
    isWanted: ({ live }) => (isLeft ? live === true : live !== false),
    onTurn,
  };
}

function begun(home: string): string {
  return [
    `Watching ${home}: turns are shown in MLflow from their 10th second on. Ctrl-C ends it.`,
    'MLflow’s page does not reload itself: reload it to see more.\n',
  ].join('\n');
}

function teller(io: CommandIo): (turn: LiveTurn) => void {
  const told = new Map<LiveTurn, string>();
  return (turn) => {
    const line = liveTurnLine(turn);
    if (told.get(turn) === line) return;
    told.set(turn, line);
    io.stdout.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`);
  };
}

/** Ctrl-C and a service's stop. One that is left behind is in a session of its own: a terminal that closes is no affair of its. */
function stopSignal(isLeft: boolean): { signal: AbortSignal; forget: () => void } {
  const stop = new AbortController();
  const end = () => {
    // A request may be under way: who asks twice does not want to wait for it.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  const ignore = () => {};
  process.once('SIGTERM', end);
  process.on('SIGINT', isLeft ? ignore : end);
  if (isLeft) process.on('SIGHUP', ignore);
  return {
    signal: stop.signal,
    forget: () => {
      process.removeListener('SIGTERM', end);
      process.removeListener('SIGINT', isLeft ? ignore : end);
      process.removeListener('SIGHUP', ignore);
    },
  };
}
