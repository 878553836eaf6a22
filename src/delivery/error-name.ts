/** What went wrong, in few words: a code of the system's or an error's kind and place. Its message might quote a transcript. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'internal error';
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return `the recording cannot be read (${code})`;
  const where = error.stack?.match(/at (\S+)/)?.[1];
  return `internal error: ${[error.name, where].filter(Boolean).join(' at ')}`;
}
