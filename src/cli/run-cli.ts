import { UserError } from '../config/user-error.js';
import { packageVersion } from '../otlp/package-version.js';
import { Cancelled } from './cancelled.js';
import { COMMANDS, type CommandName, commandHelp, isCommandName, mainHelp } from './help.js';
import type { Command, CommandIo } from './io.js';
import { UsageError } from './usage-error.js';

/** The commands a person types; each is loaded when it is called. */
const LOADERS: Partial<Record<CommandName, () => Promise<Command>>> = {
  setup: async () => (await import('../commands/setup.js')).runSetup,
  status: async () => (await import('../commands/status.js')).runStatus,
  sync: async () => (await import('../commands/sync.js')).runSync,
  show: async () => (await import('../commands/show.js')).runShow,
  uninstall: async () => (await import('../commands/uninstall.js')).runUninstall,
};

/**
 * From the command line to the exit code: 0 done, 1 something is wrong, 2 bad usage, 130 cancelled.
 * The only place that catches what commands throw and puts it into words.
 * @param argv without node and script
 */
export async function runCli(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name = '--help', ...rest] = argv;
  try {
    if (name === '--version' || name === '-V' || name === '-v')
      return print(io, `mlflow-codex ${packageVersion()}\n`);
    if (name === '--help' || name === '-h') return print(io, mainHelp(packageVersion()));
    if (name === 'help') return await runCli([...rest.slice(0, 1), '--help'], io);
    if (!isCommandName(name)) throw unknownCommand(name);
    if (asksForHelp(rest)) return print(io, commandHelp(name));
    const load = LOADERS[name];
    if (load === undefined)
      throw new UsageError(`${name} is for Codex to call`, 'mlflow-codex setup registers it');
    return await (await load())(rest, io);
  } catch (error) {
    return report(error, name, io, rest.includes('--json'));
  }
}

function print(io: CommandIo, text: string): number {
  io.stdout.write(text);
  return 0;
}

function asksForHelp(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return own.includes('--help') || own.includes('-h');
}

function unknownCommand(name: string): UsageError {
  const close = Object.keys(COMMANDS).find((known) => known.startsWith(name.slice(0, 3)) && name.length >= 3);
  const what = name.startsWith('-') ? `There is no option ${name}` : `There is no command ${name}`;
  return new UsageError(
    what,
    close === undefined ? 'mlflow-codex --help lists them' : `Did you mean ${close}?`,
  );
}

function report(error: unknown, name: string, io: CommandIo, asJson: boolean): number {
  if (error instanceof Cancelled) {
    io.stderr.write('Cancelled; nothing was changed.\n');
    return 130;
  }
  const { message, hint, code } = wordsFor(error, name);
  io.stderr.write(
    `mlflow-codex: ${message}\n${hint === undefined ? '' : `  ${hint.replaceAll('\n', '\n  ')}\n`}`,
  );
  if (asJson) io.stdout.write(`${JSON.stringify({ error: { message, hint } }, null, 2)}\n`);
  return code;
}

function wordsFor(error: unknown, name: string): { message: string; hint: string | undefined; code: number } {
  const usage = isCommandName(name) ? COMMANDS[name].usage : 'mlflow-codex <command> [options]';
  const seeHelp = `Usage: ${usage}\n${isCommandName(name) ? `mlflow-codex ${name} --help` : 'mlflow-codex --help'} says more`;
  if (error instanceof UsageError) {
    return { message: error.message, hint: error.hint ?? seeHelp, code: 2 };
  }
  if (error instanceof UserError) return { message: error.message, hint: error.hint, code: 1 };
  if (!(error instanceof Error)) return { message: 'an unknown error', hint: undefined, code: 1 };
  if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS_')) {
    return { message: error.message.split('. ')[0] ?? '', hint: seeHelp, code: 2 };
  }
  const where = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  const hint = `This is a bug in mlflow-codex ${packageVersion()}${where === undefined ? '' : `,${where.replace(/^\s+/, ' ')}`}`;
  return { message: `internal error: ${error.message}`, hint, code: 1 };
}
