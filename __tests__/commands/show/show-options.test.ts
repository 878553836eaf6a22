import { expect, test } from '@jest/globals';
import { commandHelp } from '../../../src/help.js';

test('show --help is its usage, its options in a table, and examples', () => {
  expect(commandHelp('show').split('\n')).toEqual([
    'Usage: mlflow-codex show [THREAD-ID | ROLLOUT-FILE] [options]',
    '',
    'Shows the trace of a turn from its recording alone: no server is needed. Without a name: one of the last sessions.',
    '',
    '  --turn N|last|all  Which turns (default: last)',
    '  --as-sent          Exactly what would leave the machine, secrets taken out',
    '  --follow           The last turn while it goes on, drawn anew, until it is over',
    '  --json             Print one JSON document and nothing else on stdout',
    '',
    'Examples:',
    '  mlflow-codex show',
    '  mlflow-codex show --turn all',
    '  mlflow-codex show --as-sent',
    '',
  ]);
});
