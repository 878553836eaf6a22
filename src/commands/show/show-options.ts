import { JSON_OPTION } from '../../terminal/options.js';

/** What `mlflow-codex show` takes, beside a thread or a file. */
export const SHOW_OPTIONS = {
  turn: { type: 'string', value: 'N|last|all', default: 'last', help: 'Which turns (default: last)' },
  'as-sent': { type: 'boolean', help: 'Exactly what would leave the machine, secrets taken out' },
  follow: { type: 'boolean', help: 'The last turn while it goes on, drawn anew, until it is over' },
  ...JSON_OPTION,
} as const;
