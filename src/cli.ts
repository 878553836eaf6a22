import { COMMANDS, type CommandName, commandHelp, isCommandName, mainHelp } from './help.js';
import { issueUrl } from './issue-url.js';
import { accessRemedy } from './platform/files/unusable-files.js';
import { UsageError } from './platform/problems/usage-error.js';
import { UserError } from './platform/problems/user-error.js';
import { packageVersion } from './platform/process/package-version.js';
import { Cancelled } from './terminal/cancelled.js';
import type { Command, CommandIo } from './terminal/io.js';

/** The commands a person types; each is loaded when it is called. */
const LOADERS: Partial<Record<CommandName, () => Promise<Command>>> = {
  setup: async () => (await import('./commands/setup/setup.js')).runSetup,
  status: async () => (await import('./commands/status/status.js')).runStatus,
  sync: async () => (await import('./commands/sync/sync.js')).runSync,
  show: async () => (await import('./commands/show/show.js')).runShow,
  watch: async () => (await import('./commands/watch/watch.js')).runWatch,
  uninstall: async () => (await import('./commands/uninstall/uninstall.js')).runUninstall,
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
  if (name.startsWith('-'))
    return new UsageError(`There is no option ${name}`, 'mlflow-codex --help lists them');
  const close = Object.keys(COMMANDS).find((known) => isSlipOf(name, known));
  const hint = close === undefined ? 'mlflow-codex --help lists them' : `Did you mean ${close}?`;
  return new UsageError(`There is no command ${name}`, hint);
}

/** One letter too many, too few or another, or two in the wrong order. */
function isSlipOf(typed: string, known: string): boolean {
  let head = 0;
  while (head < known.length && typed[head] === known[head]) head += 1;
  let tail = 0;
  while (tail < known.length - head && typed.at(-1 - tail) === known.at(-1 - tail)) tail += 1;
  const was = known.slice(head, known.length - tail);
  const is = typed.slice(head, Math.max(head, typed.length - tail));
  const isSwapped = was.length === 2 && is === `${was[1]}${was[0]}`;
  return isSwapped || (was.length <= 1 && is.length <= 1);
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

/** A file that this user may not use is no bug of ours: it is named, with what mends it. */
function refusal(error: unknown): { message: string; hint: string } | undefined {
  const { code, path: file } = Object(error) as Partial<NodeJS.ErrnoException>;
  if (file === undefined || !/^(EACCES|EPERM|EISDIR|ENOTDIR|EROFS)$/.test(code ?? '')) return undefined;
  const isRefused = code === 'EACCES' || code === 'EPERM';
  return {
    message: `${file} cannot be used (${code})`,
    hint: isRefused ? accessRemedy(file) : `See what lies at ${file}, and move it away or name another`,
  };
}

function wordsFor(error: unknown, name: string): { message: string; hint: string | undefined; code: number } {
  const usage = isCommandName(name) ? COMMANDS[name].usage : 'mlflow-codex <command> [options]';
  const seeHelp = `Usage: ${usage}\n${isCommandName(name) ? `mlflow-codex ${name} --help` : 'mlflow-codex --help'} says more`;
  if (error instanceof UsageError) {
    return { message: error.message, hint: error.hint ?? seeHelp, code: 2 };
  }
  if (error instanceof UserError) return { message: error.message, hint: error.hint, code: 1 };
  const { message = 'an unknown error', code, stack } = Object(error) as Partial<NodeJS.ErrnoException>;
  // Node's own parseArgs (18 to 24): the first sentence says it, the rest speaks of positionals.
  if (code?.startsWith('ERR_PARSE_ARGS_'))
    return { message: message.split('. ')[0] ?? '', hint: seeHelp, code: 2 };
  const refused = refusal(error);
  if (refused) return { ...refused, code: 1 };
  const where = stack?.split('\n').find((line) => /^\s+at /.test(line));
  const bug = `This is a bug in mlflow-codex ${packageVersion()}${where === undefined ? '' : `,${where.replace(/^\s+/, ' ')}`}`;
  const hint = `${bug}\nPlease tell us of it (the page is filled in, without a word of yours):\n${issueUrl(error, name)}`;
  return { message: `internal error: ${message}`, hint, code: 1 };
}
