import { expect, test } from '@jest/globals';
import { commandHelp } from '../../../src/help.js';

test('watch --help is its usage, its options in a table, and examples', () => {
  expect(commandHelp('watch').split('\n')).toEqual([
    'Usage: mlflow-codex watch [--once] [--json]',
    '',
    'Sends what a turn has done so far every ten seconds; the whole turn replaces it at its end. Runs until',
    'Ctrl-C. With "live": true in the user’s mlflow-tracing.json the hooks leave such a process behind.',
    '',
    '  --once  Show what goes on now, once, and end',
    '  --json  Print one JSON document and nothing else on stdout',
    '',
    'Example:',
    '  mlflow-codex watch',
    '',
  ]);
});
