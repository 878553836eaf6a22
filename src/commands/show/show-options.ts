import { JSON_OPTION } from '../../terminal/options.js';

/** What `mlflow-codex show` takes, beside a thread or a file. */
export const SHOW_OPTIONS = {
  turn: { type: 'string', value: 'N|last|all', default: 'last', help: 'Which turns (default: last)' },
  ...JSON_OPTION,
} as const;
