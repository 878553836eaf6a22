import { expect, test } from '@jest/globals';
import { commandHelp } from '../../../src/help.js';

test('sync --help is its usage, its options in a table, and examples', () => {
  expect(commandHelp('sync').split('\n')).toEqual([
    'Usage: mlflow-codex sync [THREAD-ID | ROLLOUT-FILE …] [options]',
    '',
    'Sends every turn that no server has taken yet, and waits for it. Safe to repeat.',
    '',
    '  --since 7d|2026-01-31  Past sessions too: those with turns since then',
    '  --all                  Past sessions too: every one',
    '  --dry-run              Show what would be done, and do nothing',
    '  --json                 Print one JSON document and nothing else on stdout',
    '',
    'Examples:',
    '  mlflow-codex sync',
    '  mlflow-codex sync --since 7d',
    '',
  ]);
});
