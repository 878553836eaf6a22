import { homedir } from 'node:os';
import { runCli } from './cli.js';

// A reader that stops early (`mlflow-codex show | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const isTerminal = process.stdout.isTTY === true;
const { NO_COLOR: noColor, TERM: terminal } = process.env;
process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  homeDir: homedir(),
  isTTY: isTerminal && process.stdin.isTTY === true,
  colors: isTerminal && !noColor && terminal !== 'dumb',
});
