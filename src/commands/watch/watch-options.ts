import { JSON_OPTION } from '../../terminal/options.js';

/** What `mlflow-codex watch` takes. */
export const WATCH_OPTIONS = {
  once: { type: 'boolean', help: 'Show what goes on now, once, and end' },
  ...JSON_OPTION,
  // A hook leaves the process behind that is called so.
  'left-behind': { type: 'boolean' },
} as const;
