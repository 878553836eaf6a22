import { DRY_RUN, JSON_OPTION, PROJECT, SYSTEM, USER } from '../../terminal/options.js';

/** What `mlflow-codex uninstall` takes. */
export const UNINSTALL_OPTIONS = {
  project: { ...PROJECT, help: "This folder's tracing (default)" },
  user: { ...USER, help: "The user's tracing" },
  system: { ...SYSTEM, help: 'What setup --system did for every user of this machine' },
  all: { type: 'boolean', help: 'Every project and the user: all that setup was run for but --system' },
  'non-interactive': { type: 'boolean', short: 'y', help: 'Ask nothing' },
  yes: { type: 'boolean' },
  ...DRY_RUN,
  ...JSON_OPTION,
} as const;
