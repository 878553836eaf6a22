import { SETUP_OPTIONS } from './commands/setup/plans/setup-options.js';
import { SHOW_OPTIONS } from './commands/show/show-options.js';
import { STATUS_OPTIONS } from './commands/status/status-options.js';
import { SYNC_OPTIONS } from './commands/sync/sync-options.js';
import { UNINSTALL_OPTIONS } from './commands/uninstall/uninstall-options.js';
import { WATCH_OPTIONS } from './commands/watch/watch-options.js';
import { type Options, optionRows } from './terminal/options.js';

/** What `--help` says of one command. */
export interface CommandHelp {
  summary: string;
  usage: string;
  /** A longer word, for the command's own help. */
  about: string;
  options: Options;
  examples: readonly string[];
}

/** Every command, in the order in which a person meets them. */
export const COMMANDS = {
  setup: {
    summary: 'Connect Codex with an MLflow server',
    usage: 'mlflow-codex setup [options]',
    about: 'Registers the hook that Codex runs after each turn, and writes where the traces go.',
    options: SETUP_OPTIONS,
    examples: [
      'mlflow-codex setup',
      'mlflow-codex setup -y --user --tracking-uri https://mlflow.example.org --experiment-name codex',
    ],
  },
  status: {
    summary: 'Say why traces arrive, or why they do not',
    usage: 'mlflow-codex status [--offline] [--json]',
    about: 'Checks the whole way from Codex to the server, and names a remedy for whatever is wrong.',
    options: STATUS_OPTIONS,
    examples: ['mlflow-codex status'],
  },
  sync: {
    summary: 'Send what is pending, or past sessions',
    usage: 'mlflow-codex sync [THREAD-ID | ROLLOUT-FILE …] [options]',
    about: 'Sends every turn that no server has taken yet, and waits for it. Safe to repeat.',
    options: SYNC_OPTIONS,
    examples: ['mlflow-codex sync', 'mlflow-codex sync --since 7d'],
  },
  show: {
    summary: 'Show a turn as a tree in the terminal',
    usage: 'mlflow-codex show [THREAD-ID | ROLLOUT-FILE] [options]',
    about:
      'Shows the trace of a turn from its recording alone: no server is needed. Without a name: one of the last sessions.',
    options: SHOW_OPTIONS,
    examples: ['mlflow-codex show', 'mlflow-codex show --turn all', 'mlflow-codex show --as-sent'],
  },
  watch: {
    summary: 'Show turns in MLflow while they go on',
    usage: 'mlflow-codex watch [--once] [--json]',
    about:
      'Sends what a turn has done so far every ten seconds; the whole turn replaces it at its end. Runs until\nCtrl-C. With "live": true in the user’s mlflow-tracing.json the hooks leave such a process behind.',
    options: WATCH_OPTIONS,
    examples: ['mlflow-codex watch'],
  },
  uninstall: {
    summary: 'Take away what setup did',
    usage: 'mlflow-codex uninstall [options]',
    about: 'Puts the files back as they were. Traces, recordings and settings of others stay.',
    options: UNINSTALL_OPTIONS,
    examples: ['mlflow-codex uninstall', 'mlflow-codex uninstall --all -y'],
  },
  'notify-hook': {
    summary: 'What Codex runs after each turn',
    usage: 'mlflow-codex notify-hook JSON',
    about:
      'Called by Codex with the turn as its last argument. Prints nothing and always exits 0; see hook.log.',
    options: {},
    examples: [`notify = ["mlflow-codex", "notify-hook"]   # in Codex's config.toml`],
  },
  'stop-hook': {
    summary: 'The same, from a Stop or SessionEnd hook of Codex',
    usage: 'mlflow-codex stop-hook < JSON',
    about:
      'Called by Codex with its event on stdin. Returns at once and works on in the background.\nSessionEnd (Codex 0.152) has sent what Stop does not tell of: failed and interrupted turns.',
    options: {},
    examples: ['echo "$STOP_HOOK_JSON" | mlflow-codex stop-hook'],
  },
} satisfies Record<string, CommandHelp>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** True for the name of a command. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** The program's help: its commands, and where to begin. */
export function mainHelp(version: string): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return [
    `mlflow-codex ${version}: every turn of the Codex CLI as a trace in MLflow`,
    '',
    'Usage: mlflow-codex <command> [options]',
    '',
    ...table(rows),
    '',
    'Begin with `mlflow-codex setup`; `mlflow-codex <command> --help` says more.',
    '',
  ].join('\n');
}

/** One command's help: usage, options, an example. */
export function commandHelp(name: CommandName): string {
  const { usage, about, options, examples }: CommandHelp = COMMANDS[name];
  const rows = optionRows(options);
  return [
    `Usage: ${usage}`,
    '',
    about,
    ...(rows.length === 0 ? [] : ['', ...table(rows)]),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
