import { DRY_RUN, JSON_OPTION } from '../../terminal/options.js';

/** What `mlflow-codex sync` takes, beside threads and files. */
export const SYNC_OPTIONS = {
  since: {
    type: 'string',
    value: '7d|2026-01-31',
    help: 'Past sessions too: those with turns since then',
  },
  all: { type: 'boolean', help: 'Past sessions too: every one' },
  ...DRY_RUN,
  ...JSON_OPTION,
} as const;
