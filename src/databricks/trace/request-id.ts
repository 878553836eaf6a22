import type { TraceLocation } from '../../mlflow/databricks/target.js';

/** MLflow's attribute for the trace that a span belongs to; on every span (`mlflow/tracing/constant.py`). */
export const MLFLOW_TRACE_REQUEST_ID = 'mlflow.traceRequestId';

/**
 * A trace's id as MLflow's clients write it: `tr-<hex>` in an experiment, `trace:/<location>/<hex>` in
 * Unity Catalog (`generate_trace_id_v3` and `_v4`, 3.17).
 * @param traceId 32 hex digits
 */
export function requestIdOf(traceId: string, location: TraceLocation): string {
  return location.kind === 'experiment' ? `tr-${traceId}` : `trace:/${location.prefix}/${traceId}`;
}
