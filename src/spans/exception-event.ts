import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
} from '@opentelemetry/semantic-conventions';
import type { SpanSpec } from './span-spec.js';

/**
 * The span with an `exception` event at its end where its status is ERROR: MLflow (3.17, 3.18) marks a
 * span red, and tells its judges of a failed tool, by that event and not by the status.
 */
export function withException(spec: SpanSpec): SpanSpec {
  if (spec.status.code !== 'ERROR') return spec;
  const attributes = {
    [ATTR_EXCEPTION_TYPE]: spec.attributes[ATTR_ERROR_TYPE] ?? 'failed',
    [ATTR_EXCEPTION_MESSAGE]: spec.status.message,
  };
  return { ...spec, events: [...spec.events, { name: 'exception', timeMs: spec.endMs, attributes }] };
}
