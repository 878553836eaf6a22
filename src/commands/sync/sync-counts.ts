/** Turns by what became of them. */
export interface SyncCounts {
  readonly sent: number;
  /** Of those sent, how many without all of their content, which the server had refused. */
  readonly reduced: number;
  readonly alreadyThere: number;
  readonly owed: number;
  /** Refused in every form, in this run or before. */
  readonly setAside: number;
  /** Of those, in this run. */
  readonly refused: number;
  /** Not over yet, so not owed. */
  readonly goingOn: number;
  /** Threads of folders that are not traced. */
  readonly untraced: number;
}

export const ZERO_COUNTS: SyncCounts = {
  sent: 0,
  reduced: 0,
  alreadyThere: 0,
  owed: 0,
  setAside: 0,
  refused: 0,
  goingOn: 0,
  untraced: 0,
};

export function addCounts(a: SyncCounts, b: SyncCounts): SyncCounts {
  return {
    sent: a.sent + b.sent,
    reduced: a.reduced + b.reduced,
    alreadyThere: a.alreadyThere + b.alreadyThere,
    owed: a.owed + b.owed,
    setAside: a.setAside + b.setAside,
    refused: a.refused + b.refused,
    goingOn: a.goingOn + b.goingOn,
    untraced: a.untraced + b.untraced,
  };
}

/** The one line `sync` ends with, and why anything is still owed. */
export function summaryLine(
  counts: SyncCounts,
  threads: readonly { readonly owed: number; readonly why?: string }[],
): string {
  const parts = [
    `${counts.sent} sent${counts.reduced > 0 ? ` (${counts.reduced} without all content: the server refused it)` : ''}`,
    `${counts.alreadyThere} already there`,
    `${counts.owed} owed`,
    `${counts.setAside} set aside`,
    ...(counts.goingOn > 0 ? [`${counts.goingOn} still going on`] : []),
    ...(counts.untraced > 0 ? [`${plural(counts.untraced, 'thread')} in folders that are not traced`] : []),
  ];
  const reasons = [
    ...new Set(threads.flatMap((thread) => (thread.owed > 0 && thread.why ? [thread.why] : []))),
  ];
  const hint =
    reasons.length > 0 ? `\nowed because: ${reasons.join('; ')} (mlflow-codex status says more)` : '';
  return `sync: ${parts.join(', ')}${hint}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
