/** Turns by what became of them. */
export interface SyncCounts {
  readonly sent: number;
  /** Of those sent, how many without all of their content, which the server had refused. */
  readonly reduced: number;
  readonly alreadyThere: number;
  readonly pending: number;
  /** Refused in every form, in this run or before. */
  readonly rejected: number;
  /** In no recording any more, or never; found out in this run or before. */
  readonly lost: number;
  /** Of the rejected and the lost ones, those of this run. */
  readonly givenUpNow: number;
  /** Not over yet, so not to be sent yet. */
  readonly goingOn: number;
  /** Left out: another agent had them, before Codex imported its session. */
  readonly imported: number;
  /** Threads of folders that are not traced. */
  readonly untraced: number;
}

export const ZERO_COUNTS: SyncCounts = {
  sent: 0,
  reduced: 0,
  alreadyThere: 0,
  pending: 0,
  rejected: 0,
  lost: 0,
  givenUpNow: 0,
  goingOn: 0,
  imported: 0,
  untraced: 0,
};

export function addCounts(a: SyncCounts, b: SyncCounts): SyncCounts {
  return {
    sent: a.sent + b.sent,
    reduced: a.reduced + b.reduced,
    alreadyThere: a.alreadyThere + b.alreadyThere,
    pending: a.pending + b.pending,
    rejected: a.rejected + b.rejected,
    lost: a.lost + b.lost,
    givenUpNow: a.givenUpNow + b.givenUpNow,
    goingOn: a.goingOn + b.goingOn,
    imported: a.imported + b.imported,
    untraced: a.untraced + b.untraced,
  };
}

/**
 * The one line `sync` ends with, and why anything is still pending.
 * @param stopped after Ctrl-C: how many threads were not looked at, so that nobody knows what they hold
 */
export function summaryLine(
  counts: SyncCounts,
  threads: readonly { readonly pending: number; readonly why?: string }[],
  stopped?: { readonly notLookedAt: number },
): string {
  const parts = [
    `${counts.sent} sent${counts.reduced > 0 ? ` (${counts.reduced} without all content: the server refused it)` : ''}`,
    `${counts.alreadyThere} already there`,
    `${counts.pending} pending`,
    `${counts.rejected} rejected`,
    ...(counts.lost > 0 ? [`${counts.lost} lost`] : []),
    ...(counts.goingOn > 0 ? [`${counts.goingOn} still going on`] : []),
    ...(counts.imported > 0 ? [`${plural(counts.imported, 'imported turn')} left out`] : []),
    ...(counts.untraced > 0 ? [`${plural(counts.untraced, 'thread')} in folders that are not traced`] : []),
  ];
  const reasons = [
    ...new Set(threads.flatMap((thread) => (thread.pending > 0 && thread.why ? [thread.why] : []))),
  ];
  if (stopped)
    return `sync: stopped; ${parts.join(', ')}\n${whatIsLeft(stopped.notLookedAt, counts.pending)}`;
  const hint =
    reasons.length > 0 ? `\npending because: ${reasons.join('; ')} (mlflow-codex status says more)` : '';
  return `sync: ${parts.join(', ')}${hint}`;
}

function whatIsLeft(threads: number, turns: number): string {
  const left = [
    ...(turns > 0 ? [plural(turns, 'turn')] : []),
    ...(threads > 0
      ? [`${plural(threads, 'thread')} that ${threads === 1 ? 'was' : 'were'} not looked at`]
      : []),
  ];
  return left.length === 0
    ? 'nothing is left'
    : `left: ${left.join(', and ')}. The same command goes on where this one stopped`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
