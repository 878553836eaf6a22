import { PassThrough } from 'node:stream';
import type { Command, CommandIo } from '../../src/terminal/io.js';
import type { DeliveryHome } from './delivery-home.js';

/** What a command said, and its exit code. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, in a home and with no environment but that. */
export async function runCommand(
  command: Command,
  home: DeliveryHome,
  argv: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Said> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: CommandIo = {
    stdout,
    stderr,
    stdin: new PassThrough(),
    env: { CODEX_HOME: home.codexHome, ...env },
    cwd: home.codexHome,
    homeDir: home.codexHome,
    isTTY: false,
    colors: false,
  };
  const code = await command(argv, io);
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
