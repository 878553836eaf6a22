import { DRY_RUN, JSON_OPTION, PROJECT, SYSTEM, USER } from '../../../terminal/options.js';

/** What `mlflow-codex setup` takes. */
export const SETUP_OPTIONS = {
  project: { ...PROJECT, help: 'Trace the sessions in this folder (default)' },
  user: { ...USER, help: 'Trace the sessions in all folders' },
  system: { ...SYSTEM, help: 'Trace the sessions of every user of this machine (as root or administrator)' },
  'tracking-uri': {
    type: 'string',
    value: 'URI',
    help: 'http://…, https://…, databricks or databricks://profile',
  },
  'experiment-id': { type: 'string', value: 'ID', help: 'The experiment, by its id' },
  'experiment-name': {
    type: 'string',
    value: 'NAME',
    help: 'The experiment, by its name; made where there is none',
  },
  'trace-location': {
    type: 'string',
    value: 'C.S.P',
    help: 'Databricks: catalog.schema.prefix of the trace tables',
  },
  'forward-existing': {
    type: 'boolean',
    help: 'Keep a notifier that Codex calls already: the hook calls it first',
  },
  'stop-hook': {
    type: 'boolean',
    help: 'Register a Stop hook too: it needs no notify slot, and leaves the one there alone',
  },
  live: {
    type: 'boolean',
    help: 'With --user: show turns in MLflow while they go on, and register a hook at each prompt',
  },
  'trust-plugin': {
    type: 'boolean',
    help: 'Approve the hook of our plugin for Codex in your name (else Codex asks at its start)',
  },
  'non-interactive': {
    type: 'boolean',
    short: 'y',
    help: 'Ask nothing; take flags, present values and defaults',
  },
  yes: { type: 'boolean' },
  ...DRY_RUN,
  ...JSON_OPTION,
} as const;
