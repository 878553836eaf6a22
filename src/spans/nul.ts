import { MLFLOW_SPAN_INPUTS, MLFLOW_SPAN_OUTPUTS } from './mlflow-attributes.js';
import type { AttributeValue, SpanSpec } from './span-spec.js';

/**
 * A text with U+FFFD for each NUL: MLflow up to 3.17 on PostgreSQL refuses a whole request that holds
 * one; 3.18 writes U+FFFD itself.
 */
export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

/**
 * The same for what a span says beside its prepared content: names, folders, branches, ids of calls, why it
 * failed.
 */
export function specWithoutNul(spec: SpanSpec): SpanSpec {
  const { name, attributes, status, events } = spec;
  return {
    ...spec,
    name: withoutNul(name),
    attributes: attributesWithoutNul(attributes),
    status: status.code === 'ERROR' ? { ...status, message: withoutNul(status.message) } : status,
    events: events.map((event) => ({ ...event, attributes: attributesWithoutNul(event.attributes) })),
  };
}

function attributesWithoutNul(attributes: SpanSpec['attributes']): SpanSpec['attributes'] {
  const clean = Object.entries(attributes).map(([key, value]): [string, AttributeValue] => [
    withoutNul(key),
    key === MLFLOW_SPAN_INPUTS || key === MLFLOW_SPAN_OUTPUTS
      ? jsonWithoutNul(value)
      : attributeWithoutNul(value),
  ]);
  return Object.fromEntries(clean);
}

function attributeWithoutNul(value: AttributeValue): AttributeValue {
  if (Array.isArray(value)) return value.map(withoutNul);
  return typeof value === 'string' ? withoutNul(value) : value;
}

/** In JSON text a NUL is `\u0000`, unless its backslash is itself escaped. */
function jsonWithoutNul(json: AttributeValue): AttributeValue {
  return typeof json === 'string' && json.includes('\\u0000')
    ? json.replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\uFFFD')
    : json;
}
