import { expect, test } from '@jest/globals';
import { commandHelp } from '../../../../src/help.js';

test('setup --help is its usage, its options in a table, and examples', () => {
  expect(commandHelp('setup').split('\n')).toEqual([
    'Usage: mlflow-codex setup [options]',
    '',
    'Registers the hook that Codex runs after each turn, and writes where the traces go.',
    '',
    '  -p, --project           Trace the sessions in this folder (default)',
    '  -u, --user              Trace the sessions in all folders',
    '  --system                Trace the sessions of every user of this machine (as root or administrator)',
    '  --tracking-uri URI      http://…, https://…, databricks or databricks://profile',
    '  --experiment-id ID      The experiment, by its id',
    '  --experiment-name NAME  The experiment, by its name; made where there is none',
    '  --trace-location C.S.P  Databricks: catalog.schema.prefix of the trace tables',
    '  --forward-existing      Keep a notifier that Codex calls already: the hook calls it first',
    '  --stop-hook             Register a Stop hook too: it needs no notify slot, and leaves the one there alone',
    '  --live                  With --user: show turns in MLflow while they go on, and register a hook at each prompt',
    '  --trust-plugin          Approve the hook of our plugin for Codex in your name (else Codex asks at its start)',
    '  -y, --non-interactive   Ask nothing; take flags, present values and defaults',
    '  --dry-run               Show what would be done, and do nothing',
    '  --json                  Print one JSON document and nothing else on stdout',
    '',
    'Examples:',
    '  mlflow-codex setup',
    '  mlflow-codex setup -y --user --tracking-uri https://mlflow.example.org --experiment-name codex',
    '',
  ]);
});
