import type { Writable } from 'node:stream';

/** How much fits on a terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of an output; where it is no terminal, or one that does not know (0), what most have room for. */
export function terminalSize(stdout: Writable): TerminalSize {
  const { columns, rows } = stdout as Partial<TerminalSize>;
  return { columns: columns || 100, rows: rows || 24 };
}
