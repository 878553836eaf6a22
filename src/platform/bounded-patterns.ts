import { type Context, createContext, Script } from 'node:vm';

/** Where a pattern matches a text. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
}

/** A pattern did not end in time. */
export class SlowPattern extends Error {
  /** @param index of the pattern among those that are run together */
  constructor(readonly index: number) {
    super('a pattern took too long');
  }
}

/**
 * Runs regular expressions of somebody else's within a time: V8 gives up a runaway expression only
 * where a watchdog ends the script around it (`vm` with `timeout`, Node 18 to 24). Empty matches are
 * none. An expression that is broken throws here, before any text is read.
 * @param sources JavaScript regular expressions without slashes
 * @returns finds all matches of all patterns in a text within `timeoutMs`; throws `SlowPattern`
 */
export function boundedPatterns(
  sources: readonly string[],
): (text: string, timeoutMs: number) => PatternMatch[] {
  const patterns = sources.map((source) => new RegExp(source, 'g'));
  let context: Context | undefined;
  const script = new Script(
    `(() => { const found = []; for (const match of text.matchAll(pattern)) if (match[0] !== '') found.push([match.index, match.index + match[0].length]); return found; })()`,
  );
  return (text, timeoutMs) => {
    context ??= createContext({});
    const untilMs = Date.now() + timeoutMs;
    return patterns.flatMap((pattern, index) => {
      Object.assign(context as Context, { text, pattern });
      try {
        const timeout = Math.max(1, Math.floor(untilMs - Date.now()));
        const found = script.runInContext(context as Context, { timeout }) as [number, number][];
        return found.map(([start, end]) => ({ start, end }));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        throw new SlowPattern(index);
      }
    });
  };
}

const PROBE_UNITS = 5000;
const PROBE_MS = 100;
/** On a machine that has other things to do, a probe takes longer than its work. */
const PROBE_TRIES = 3;

/**
 * The patterns that take too long on one of the texts that make expressions try again and again: one
 * character or two without end, and then one that fits nowhere. Not all slow patterns are found so.
 */
export function slowPatterns(sources: readonly string[]): string[] {
  return sources.filter((source) => {
    const find = boundedPatterns([source]);
    const letters = new Set([...'a0 -_./"=@A', ...source.replace(/[\\()[\]{}|^$*+?]/g, '')]);
    const units = [...letters, 'aA', 'a0', 'a ', 'a-', 'a.'];
    return units.some((unit) => {
      const text = `${unit.repeat(PROBE_UNITS)}\u0000`;
      return takesTooLong(() => find(text, PROBE_MS));
    });
  });
}

/**
 * Whether a probe takes too long: by this process's own work, and not because it had to wait.
 * @param probe throws where its time is over
 * @param ownMs the CPU time of this process until now
 */
export function takesTooLong(probe: () => unknown, ownMs: () => number = cpuMs): boolean {
  for (let tries = 1; ; tries++) {
    const before = ownMs();
    try {
      probe();
      return false;
    } catch {
      if (ownMs() - before >= PROBE_MS / 2 || tries === PROBE_TRIES) return true;
    }
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
