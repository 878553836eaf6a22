import { ATTR_SESSION_ID, ATTR_USER_ID } from '@opentelemetry/semantic-conventions/incubating';
import type { TraceLocation } from '../../mlflow/databricks/target.js';
import {
  MLFLOW_SPAN_INPUTS,
  MLFLOW_SPAN_OUTPUTS,
  MLFLOW_TRACE_TAG_PREFIX,
} from '../../spans/mlflow-attributes.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import { atMost, METADATA_CHARACTERS, shortened, TAG_CHARACTERS } from './limits.js';
import { previewsOf } from './previews.js';
import type { SizeStats } from './size-stats.js';
import { costOf, tokenUsageOf } from './totals.js';
import { withoutNul } from './traces-json.js';

/** What a trace is to a workspace, in the JSON of MLflow's `TraceInfoV3` (3.17). */
export interface TraceInfo {
  readonly trace_id: string;
  readonly trace_location: object;
  /** RFC 3339, ms. */
  readonly request_time: string;
  /** Seconds with an `s`. */
  readonly execution_duration: string;
  readonly state: 'OK' | 'ERROR';
  readonly request_preview?: string;
  readonly response_preview?: string;
  readonly trace_metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The info of a trace. MLflow's OTLP endpoint works this out by itself; a workspace shows what it is
 * told here.
 * @param specs the root's span first, then all others that are known, subagents' too
 * @param sizes absent in Unity Catalog, where no file holds the spans
 */
export function buildTraceInfo(
  root: SpanSpec,
  specs: readonly SpanSpec[],
  location: TraceLocation,
  sizes?: SizeStats,
): TraceInfo {
  const seconds = Math.max(0, root.endMs - root.startMs) / 1000;
  return {
    trace_id: location.kind === 'experiment' ? `tr-${root.traceId}` : root.traceId,
    trace_location: locationJson(location),
    request_time: new Date(root.startMs).toISOString(),
    execution_duration: `${Number.isInteger(seconds) ? seconds : seconds.toFixed(3)}s`,
    state: root.status.code === 'ERROR' ? 'ERROR' : 'OK',
    ...previewsOf(root),
    trace_metadata: metadataOf(root, specs, location, sizes),
    tags: tagsOf(root),
  };
}

function locationJson(location: TraceLocation): object {
  if (location.kind === 'experiment') {
    const { experimentId } = location;
    return { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } };
  }
  const [catalog, schema, prefix] = location.prefix.split('.');
  return {
    type: 'UC_TABLE_PREFIX',
    uc_table_prefix: {
      catalog_name: catalog,
      schema_name: schema,
      table_prefix: prefix,
      spans_table_name: location.spansTable,
    },
  };
}

function metadataOf(
  root: SpanSpec,
  specs: readonly SpanSpec[],
  location: TraceLocation,
  sizes: SizeStats | undefined,
): Record<string, string> {
  const short: [string, unknown][] = [
    ['mlflow.trace_schema.version', location.kind === 'experiment' ? '3' : '4'],
    ['mlflow.trace.session', root.attributes[ATTR_SESSION_ID]],
    ['mlflow.trace.user', root.attributes[ATTR_USER_ID]],
    ['mlflow.traceInputs', root.attributes[MLFLOW_SPAN_INPUTS]],
    ['mlflow.traceOutputs', root.attributes[MLFLOW_SPAN_OUTPUTS]],
  ];
  // JSON that is read by programs: never cut; none of what is undefined.
  const whole: [string, unknown][] = [
    ['mlflow.trace.tokenUsage', JSON.stringify(tokenUsageOf(specs))],
    ['mlflow.trace.cost', JSON.stringify(costOf(specs))],
    ['mlflow.trace.sizeStats', JSON.stringify(sizes)],
    ['mlflow.trace.sizeBytes', sizes && String(sizes.total_size_bytes)],
  ];
  const cut = short.map(([key, value]) => [
    key,
    typeof value === 'string' ? shortened(withoutNul(value), METADATA_CHARACTERS) : undefined,
  ]);
  return Object.fromEntries([...cut, ...whole].filter(([, value]) => typeof value === 'string'));
}

/** The tags of a trace are those that the OTLP endpoint takes from the root (`mlflow.traceTag.<key>`). */
function tagsOf(root: SpanSpec): Record<string, string> {
  const tags = Object.entries(root.attributes).flatMap(([name, value]) => {
    if (!name.startsWith(MLFLOW_TRACE_TAG_PREFIX)) return [];
    const key = atMost(withoutNul(name.slice(MLFLOW_TRACE_TAG_PREFIX.length)), METADATA_CHARACTERS);
    return [[key, atMost(withoutNul(String(value)), TAG_CHARACTERS)]];
  });
  return Object.fromEntries(tags);
}
