import { DRY_RUN, JSON_OPTION, PROJECT, USER } from '../../terminal/options.js';

/** What `mlflow-codex uninstall` takes. */
export const UNINSTALL_OPTIONS = {
  project: { ...PROJECT, help: "This folder's tracing (default)" },
  user: { ...USER, help: "The user's tracing" },
  all: { type: 'boolean', help: 'Every scope that setup was run for' },
  'non-interactive': { type: 'boolean', short: 'y', help: 'Ask nothing' },
  yes: { type: 'boolean' },
  ...DRY_RUN,
  ...JSON_OPTION,
} as const;
