/** What went wrong, in few words: a code of the system's, or an error's kind and place. Its message might quote a transcript. */
export function errorName(error: unknown): string {
  const { code, name, stack } = (error ?? {}) as { code?: unknown; name?: unknown; stack?: unknown };
  if (typeof code === 'string') return `the recording cannot be read (${code})`;
  const where = typeof stack === 'string' ? stack.match(/at (\S+)/)?.[1] : undefined;
  return `internal error: ${[typeof name === 'string' ? name : 'unknown', where].filter(Boolean).join(' at ')}`;
}
