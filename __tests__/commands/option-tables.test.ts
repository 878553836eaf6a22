import { expect, test } from '@jest/globals';
import { SETUP_OPTIONS } from '../../src/commands/setup/plans/setup-options.js';
import { STATUS_OPTIONS } from '../../src/commands/status/status-options.js';
import { UNINSTALL_OPTIONS } from '../../src/commands/uninstall/uninstall-options.js';
import { type Options, optionRows } from '../../src/terminal/options.js';

/** What help says of each option: a person's first, and often only, manual. */
const table = (options: Options) => optionRows(options).map(([written, what]) => `${written}: ${what}`);

test('setup’s help has a line for each option but the other name of -y', () => {
  expect(table(SETUP_OPTIONS)).toEqual([
    '-p, --project: Trace the sessions in this folder (default)',
    '-u, --user: Trace the sessions in all folders',
    '--system: Trace the sessions of every user of this machine (as root or administrator)',
    '--tracking-uri URI: http://…, https://…, databricks or databricks://profile',
    '--experiment-id ID: The experiment, by its id',
    '--experiment-name NAME: The experiment, by its name; made where there is none',
    '--trace-location C.S.P: Databricks: catalog.schema.prefix of the trace tables',
    '--forward-existing: Keep a notifier that Codex calls already: the hook calls it first',
    '--stop-hook: Register a Stop hook too: it needs no notify slot, and leaves the one there alone',
    '--live: With --user: show turns in MLflow while they go on, and register a hook at each prompt',
    '--trust-plugin: Approve the hook of our plugin for Codex in your name (else Codex asks at its start)',
    '-y, --non-interactive: Ask nothing; take flags, present values and defaults',
    '--dry-run: Show what would be done, and do nothing',
    '--json: Print one JSON document and nothing else on stdout',
  ]);
});

test('status’s help has a line for each option', () => {
  expect(table(STATUS_OPTIONS)).toEqual([
    '--offline: Ask no server',
    '--json: Print one JSON document and nothing else on stdout',
  ]);
});

test('uninstall’s help has a line for each option but the other name of -y', () => {
  expect(table(UNINSTALL_OPTIONS)).toEqual([
    "-p, --project: This folder's tracing (default)",
    "-u, --user: The user's tracing",
    '--system: What setup --system did for every user of this machine',
    '--all: Every project and the user: all that setup was run for but --system',
    '-y, --non-interactive: Ask nothing',
    '--dry-run: Show what would be done, and do nothing',
    '--json: Print one JSON document and nothing else on stdout',
  ]);
});
