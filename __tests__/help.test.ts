import { expect, test } from '@jest/globals';
import { type CommandName, commandHelp, mainHelp } from '../src/help.js';

/** What a person reads of the commands that Codex calls, line by line; of others: beside their options. */
const HELP: Partial<Record<CommandName, string[]>> = {
  'notify-hook': [
    'Usage: mlflow-codex notify-hook JSON',
    '',
    'Called by Codex with the turn as its last argument. Prints nothing and always exits 0; see hook.log.',
    '',
    'Example:',
    '  notify = ["mlflow-codex", "notify-hook"]   # in Codex\'s config.toml',
  ],
  'stop-hook': [
    'Usage: mlflow-codex stop-hook < JSON',
    '',
    'Called by Codex with its event on stdin. Returns at once and works on in the background.',
    'SessionEnd (Codex 0.152) has sent what Stop does not tell of: failed and interrupted turns.',
    '',
    'Example:',
    '  echo "$STOP_HOOK_JSON" | mlflow-codex stop-hook',
  ],
};

test.each(Object.entries(HELP))('%s --help is its usage, and an example', (name, lines) => {
  expect(commandHelp(name as CommandName).split('\n')).toEqual([...lines, '']);
});

test('--help is every command, in the order in which a person meets them', () => {
  expect(mainHelp('1.2.3').split('\n')).toEqual([
    'mlflow-codex 1.2.3: every turn of the Codex CLI as a trace in MLflow',
    '',
    'Usage: mlflow-codex <command> [options]',
    '',
    '  setup        Connect Codex with an MLflow server',
    '  status       Say why traces arrive, or why they do not',
    '  sync         Send what is pending, or past sessions',
    '  show         Show a turn as a tree in the terminal',
    '  watch        Show turns in MLflow while they go on',
    '  uninstall    Take away what setup did',
    '  notify-hook  What Codex runs after each turn',
    '  stop-hook    The same, from a Stop or SessionEnd hook of Codex',
    '',
    'Begin with `mlflow-codex setup`; `mlflow-codex <command> --help` says more.',
    '',
  ]);
});
