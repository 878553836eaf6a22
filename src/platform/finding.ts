/**
 * What a check found: a code and its facts. Words are made of it in one place, where it is shown,
 * so that a log, `status` and `status --json` say the same.
 */
export interface Finding {
  readonly code: string;
  readonly level: 'ok' | 'info' | 'warning' | 'error';
  readonly args: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}
