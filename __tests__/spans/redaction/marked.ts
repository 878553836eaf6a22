import type { Found } from '../../../src/spans/redaction/search/finding.js';
import { WorkBudget } from '../../../src/spans/redaction/search/work-budget.js';

type Find = (text: string, budget: WorkBudget) => readonly Found[];

/**
 * What a search finds in a text, written as the tables of these tests write it: the text with `«` and `»` around
 * each place (two searches within one may both find it). So a row is the text and what is expected of it.
 */
export function marked(find: Find, row: string): string {
  const text = row.replace(/[«»]/g, '');
  let shown = '';
  let done = 0;
  for (const { start, end } of [...find(text, free())].sort((a, b) => a.start - b.start)) {
    if (end <= done) continue;
    shown += `${text.slice(done, start)}«${text.slice(start, end)}»`;
    done = end;
  }
  return shown + text.slice(done);
}

/** Kinds and texts of what is found, in the order in which the search gives them. */
export function kindsOf(find: Find, text: string): [kind: string, secret: string][] {
  return find(text, free()).map(({ start, end, kind }) => [kind, text.slice(start, end)]);
}

/** What a search of a text costs, in characters looked at. */
export function workOf(find: Find, text: string): number {
  const budget = free();
  find(text, budget);
  return budget.spent;
}

function free(): WorkBudget {
  return new WorkBudget(Number.POSITIVE_INFINITY);
}
