import { JSON_OPTION } from '../../terminal/options.js';

/** What `mlflow-codex status` takes. */
export const STATUS_OPTIONS = {
  offline: { type: 'boolean', help: 'Ask no server' },
  ...JSON_OPTION,
} as const;
