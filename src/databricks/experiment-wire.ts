import type { TraceLocation } from '../mlflow/databricks/target.js';
import type { Workspace, WorkspaceAnswer } from '../mlflow/databricks/workspace.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { stepOutcome } from './step-outcome.js';
import { requestIdOf } from './trace/request-id.js';
import { sizeStatsOf } from './trace/size-stats.js';
import { buildTraceInfo } from './trace/trace-info.js';
import { spanJson, tracesJson } from './trace/traces-json.js';
import { isUploadType, upload, uploadAddressIn } from './upload.js';

/** A trace as an experiment takes it. */
export interface TraceFile {
  readonly requestId: string;
  readonly info: object;
  /** `traces.json`. */
  readonly file: Buffer;
}

/** Makes the info and the file of a whole trace, its root first. */
export function buildTraceFile(
  root: SpanSpec,
  specs: readonly SpanSpec[],
  location: Extract<TraceLocation, { kind: 'experiment' }>,
): TraceFile {
  const requestId = requestIdOf(root.traceId, location);
  const spans = specs.map((spec) => spanJson(spec, requestId));
  const file = Buffer.from(tracesJson(spans), 'utf8');
  const sizes = sizeStatsOf(spans, file.length);
  return { requestId, info: buildTraceInfo(root, specs, location, sizes), file };
}

/**
 * Step 1 for an experiment bound to nothing: `StartTraceV3`, at the end of the turn. A trace that is
 * there already is a success: the step may be repeated with the same id.
 */
export async function sendTraceInfo(
  workspace: Workspace,
  { info }: TraceFile,
  timeoutMs: number,
): Promise<ExportOutcome> {
  const answer = await workspace.ask({
    method: 'POST',
    path: '/api/3.0/mlflow/traces',
    body: { trace: { trace_info: info } },
    timeoutMs,
  });
  if (isThereAlready(answer)) return { kind: 'sent' };
  return stepOutcome('sending the trace info', answer, Date.now());
}

function isThereAlready(answer: WorkspaceAnswer): boolean {
  if (answer.kind !== 'answer') return false;
  const says = /RESOURCE_ALREADY_EXISTS|already exists/i.test(answer.body);
  return answer.status === 409 || (answer.status === 400 && says);
}

/**
 * Step 2: asks where the file goes and puts it there. An address that has run out (403) is asked for
 * once more.
 */
export async function uploadTraceFile(
  workspace: Workspace,
  trace: TraceFile,
  timeoutMs: number,
): Promise<ExportOutcome> {
  const untilMs = Date.now() + timeoutMs;
  const first = await uploadOnce(workspace, trace, untilMs);
  const hasRunOut =
    first.kind === 'pending' && first.reason === '403' && first.step === 'uploading the spans';
  return hasRunOut && Date.now() < untilMs ? uploadOnce(workspace, trace, untilMs) : first;
}

async function uploadOnce(
  workspace: Workspace,
  { requestId, file }: TraceFile,
  untilMs: number,
): Promise<ExportOutcome> {
  const path = `/api/2.0/mlflow/traces/${requestId}/credentials-for-data-upload`;
  const left = () => Math.max(1, untilMs - Date.now());
  const told = await workspace.ask({ method: 'GET', path, timeoutMs: left() });
  const asking = stepOutcome('asking for an upload address', told, Date.now());
  if (asking.kind !== 'sent' || told.kind !== 'answer') return asking;
  const address = uploadAddressIn(told.body);
  if (address === undefined)
    return {
      kind: 'pending',
      reason: 'no address in the answer',
      blocked: false,
      step: 'asking for an upload address',
    };
  if (!isUploadType(address.type)) {
    // Not a signed address: the name of a kind of store.
    const type = address.type.replace(/[^\w-]/g, '').slice(0, 60);
    return {
      kind: 'pending',
      reason: `unknown kind of store ${type}`,
      blocked: true,
      step: 'uploading the spans',
    };
  }
  const answer = await upload(address, file, workspace.env, left());
  return withoutWords(stepOutcome('uploading the spans', answer, Date.now()));
}

/** A store's refusal quotes the request, and may quote the signed address: its words are not kept. */
function withoutWords(outcome: ExportOutcome): ExportOutcome {
  return outcome.kind === 'rejected' ? { ...outcome, message: 'the store refused the file' } : outcome;
}
