/** What tells a process to end: `process`, or a test's own. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
  removeListener(signal: string, listener: () => void): unknown;
  exit(code: number): unknown;
}

/** Until when a watcher is to go on. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Leaves the process's signals as they were. */
  forget(): void;
}

/**
 * Ctrl-C and a service's stop. One that is left behind is in a session of its own: a terminal that closes is no affair
 * of its. A request may be under way: who asks twice does not want to wait for it (exit code 130).
 */
export function stopSignal(isLeft: boolean, source: SignalSource = process): Stop {
  const stop = new AbortController();
  const end = () => {
    if (stop.signal.aborted) source.exit(130);
    stop.abort();
  };
  const ignore = () => {};
  const listeners: readonly (readonly [string, () => void])[] = isLeft
    ? [
        ['SIGTERM', end],
        ['SIGINT', ignore],
        ['SIGHUP', ignore],
      ]
    : [
        ['SIGTERM', end],
        ['SIGINT', end],
      ];
  for (const [signal, listener] of listeners) source.on(signal, listener);
  return {
    signal: stop.signal,
    forget: () => {
      for (const [signal, listener] of listeners) source.removeListener(signal, listener);
    },
  };
}
