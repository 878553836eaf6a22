import { expect, test } from '@jest/globals';
import { commandHelp } from '../../../src/help.js';

test('uninstall --help is its usage, its options in a table, and examples', () => {
  expect(commandHelp('uninstall').split('\n')).toEqual([
    'Usage: mlflow-codex uninstall [options]',
    '',
    'Puts the files back as they were. Traces, recordings and settings of others stay.',
    '',
    "  -p, --project          This folder's tracing (default)",
    "  -u, --user             The user's tracing",
    '  --system               What setup --system did for every user of this machine',
    '  --all                  Every project and the user: all that setup was run for but --system',
    '  -y, --non-interactive  Ask nothing',
    '  --dry-run              Show what would be done, and do nothing',
    '  --json                 Print one JSON document and nothing else on stdout',
    '',
    'Examples:',
    '  mlflow-codex uninstall',
    '  mlflow-codex uninstall --all -y',
    '',
  ]);
});
