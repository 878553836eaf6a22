import type { TraceLocation } from '../mlflow/databricks/target.js';
import type { Workspace } from '../mlflow/databricks/workspace.js';
import type { Destination } from '../mlflow/server.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import type { Sender } from '../otlp/sender.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { atStep, stepOutcome } from './step-outcome.js';
import { MLFLOW_TRACE_REQUEST_ID, requestIdOf } from './trace/request-id.js';
import { buildTraceInfo } from './trace/trace-info.js';

type UnityCatalog = Extract<TraceLocation, { kind: 'unity-catalog' }>;

/** Makes a sender for spans over OTLP: the SDK stays with whoever has it loaded already. */
export type OpenSpanSender = (destination: Destination) => Pick<Sender, 'send' | 'close'>;

/**
 * Step 1 for Unity Catalog: the spans over OTLP into their table, uncompressed, as MLflow's client sends
 * them (3.17, `databricks_rest_store.log_spans`).
 */
export async function sendSpans(
  workspace: Workspace,
  location: UnityCatalog,
  specs: readonly SpanSpec[],
  serviceVersion: string | undefined,
  options: { timeoutMs: number; openSpanSender: OpenSpanSender },
): Promise<ExportOutcome> {
  const untilMs = Date.now() + options.timeoutMs;
  const named = specs.map((spec) => withRequestId(spec, location));
  for (;;) {
    const token = await workspace.token(untilMs - Date.now());
    if (token.kind === 'no token') return stepOutcome('sending the spans', token, Date.now());
    const { databricks: _, ...destination } = workspace.destination;
    const sender = options.openSpanSender({
      ...destination,
      url: `${workspace.host}/api/2.0/otel/v1/traces`,
      headers: {
        authorization: `Bearer ${token.value.token}`,
        'x-databricks-uc-table-name': location.spansTable,
      },
    });
    try {
      const timeoutMs = Math.max(1, untilMs - Date.now());
      const outcome = await sender.send(named, serviceVersion, { timeoutMs, plain: true });
      if (!workspace.isWorthAnotherTry(statusOf(outcome))) return atStep('sending the spans', outcome);
    } finally {
      sender.close();
    }
  }
}

/** Step 2: what the table's reader shows of the trace. */
export async function sendUnityCatalogInfo(
  workspace: Workspace,
  location: UnityCatalog,
  root: SpanSpec,
  specs: readonly SpanSpec[],
  timeoutMs: number,
): Promise<ExportOutcome> {
  const answer = await workspace.ask({
    method: 'POST',
    path: `/api/4.0/mlflow/traces/${location.prefix}/${root.traceId}/info`,
    body: buildTraceInfo(root, specs, location),
    timeoutMs,
  });
  return stepOutcome('sending the trace info', answer, Date.now());
}

function withRequestId(spec: SpanSpec, location: UnityCatalog): SpanSpec {
  const requestId = requestIdOf(spec.traceId, location);
  return { ...spec, attributes: { ...spec.attributes, [MLFLOW_TRACE_REQUEST_ID]: requestId } };
}

function statusOf(outcome: ExportOutcome): number {
  if (outcome.kind === 'sent') return 200;
  return outcome.kind === 'rejected' ? outcome.status : Number(outcome.reason) || 0;
}
