import { type WorkspaceAnswer, whyNoToken } from '../mlflow/databricks/workspace.js';
import type { HttpAnswer } from '../mlflow/http-request.js';
import { type ExportOutcome, outcomeOf } from '../otlp/export-outcome.js';

/** What is being done for a trace, in the words of log and status. */
export type Step =
  | 'signing in'
  | 'asking for the experiment'
  | 'sending the trace info'
  | 'asking for an upload address'
  | 'uploading the spans'
  | 'sending the spans';

/** Steps whose body holds the turn: only there a refusal may be the turn's, and smaller forms may help. */
const WITH_CONTENT: ReadonlySet<Step> = new Set<Step>([
  'sending the trace info',
  'uploading the spans',
  'sending the spans',
]);

/** Sorts the answer to one step; `sent` means that this step has its 2xx. */
export function stepOutcome(step: Step, answer: WorkspaceAnswer, nowMs: number): ExportOutcome {
  if (answer.kind === 'no token') {
    const { retryAfter, blocked, problem } = answer;
    const later = retryAfter === undefined ? undefined : outcomeOf({ status: 503, retryAfter }, nowMs);
    const wait = later?.kind === 'pending' && later.retryAfterMs ? { retryAfterMs: later.retryAfterMs } : {};
    return { kind: 'pending', reason: whyNoToken(problem), blocked, step: 'signing in', ...wait };
  }
  return atStep(step, outcomeOf(wireResult(answer), nowMs));
}

/** Names the step of an outcome; what a step without content is refused for somebody must mend. */
export function atStep(step: Step, outcome: ExportOutcome): ExportOutcome {
  if (outcome.kind === 'pending') return { ...outcome, step };
  if (outcome.kind === 'sent' || WITH_CONTENT.has(step)) return outcome;
  return { kind: 'pending', reason: String(outcome.status), blocked: true, step };
}

function wireResult(answer: HttpAnswer) {
  if (answer.kind === 'failed') {
    const errorCode = answer.code === 'TIMEOUT' ? 'timeout' : answer.code;
    return { errorCode, reached: answer.reached };
  }
  const { status, body, headers } = answer;
  const retryAfter = headers['retry-after'];
  return { status, body, ...(retryAfter === undefined ? {} : { retryAfter }) };
}
