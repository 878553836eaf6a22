import type { Readable, Writable } from 'node:stream';

/** Everything a command may know of the world outside: handed in, so that tests hand in their own. */
export interface CommandIo {
  /** Results: with `--json` one document and nothing else. */
  stdout: Writable;
  /** What is wrong and its remedy; progress. */
  stderr: Writable;
  stdin: Readable;
  env: NodeJS.ProcessEnv;
  /** The folder the command is about, absolute. */
  cwd: string;
  /** The user's home folder, absolute. */
  homeDir: string;
  /** True where a person can be asked: stdin and stdout are a terminal. */
  isTTY: boolean;
  /** True where stdout takes colours (a terminal, no NO_COLOR, TERM not `dumb`). */
  colors: boolean;
}

/** A command: its own arguments (its name cut off) in, its exit code out. */
export type Command = (argv: string[], io: CommandIo) => Promise<number>;
