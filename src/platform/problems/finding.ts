import type { FindingArgs, FindingCode } from './finding-args.js';

/** How much a finding matters: `error` is what keeps turns from arriving. */
export type FindingLevel = 'ok' | 'info' | 'warning' | 'error';

/**
 * What a check found: a code and its facts, one of a closed union. Words are made of it in one place,
 * where it is shown, so that a log, `status` and `status --json` say the same.
 */
export type Finding = {
  [Code in FindingCode]: {
    readonly code: Code;
    readonly level: FindingLevel;
    readonly args: Readonly<FindingArgs[Code]>;
  };
}[FindingCode];
