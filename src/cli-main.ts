import { homedir } from 'node:os';
import path from 'node:path';
import { runCli } from './cli.js';

// A reader that stops early (`mlflow-codex show | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(
    `mlflow-codex: the output cannot be written (${error.code})\n  See where it goes to\n`,
  );
  process.exit(1);
});

/** The shell's folder may be gone since (a worktree that was taken away): the shell still has its name. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return path.resolve('/', process.env['PWD'] ?? '');
  }
}

const isTerminal = process.stdout.isTTY === true;
const { NO_COLOR: noColor, TERM: terminal } = process.env;
process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: currentFolder(),
  homeDir: homedir(),
  isTTY: isTerminal && process.stdin.isTTY === true,
  colors: isTerminal && !noColor && terminal !== 'dumb',
});
