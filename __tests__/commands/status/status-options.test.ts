import { expect, test } from '@jest/globals';
import { commandHelp } from '../../../src/help.js';

test('status --help is its usage, its options in a table, and examples', () => {
  expect(commandHelp('status').split('\n')).toEqual([
    'Usage: mlflow-codex status [--offline] [--json]',
    '',
    'Checks the whole way from Codex to the server, and names a remedy for whatever is wrong.',
    '',
    '  --offline  Ask no server',
    '  --json     Print one JSON document and nothing else on stdout',
    '',
    'Example:',
    '  mlflow-codex status',
    '',
  ]);
});
