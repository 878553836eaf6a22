import { type Context, createContext, Script } from 'node:vm';

/** Where a pattern matches a text. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
}

/** Patterns that did not end in time: their sources. */
export class SlowPattern extends Error {
  constructor(readonly pattern: string) {
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
    return patterns.flatMap((pattern) => {
      Object.assign(context as Context, { text, pattern });
      try {
        const timeout = Math.max(1, Math.floor(untilMs - Date.now()));
        const found = script.runInContext(context as Context, { timeout }) as [number, number][];
        return found.map(([start, end]) => ({ start, end }));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        throw new SlowPattern(pattern.source);
      }
    });
  };
}
