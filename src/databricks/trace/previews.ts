import { asArray, asObject, asText, compact, type JsonObject } from '../../platform/json.js';
import { MLFLOW_SPAN_INPUTS, MLFLOW_SPAN_OUTPUTS } from '../../spans/mlflow-attributes.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import { PREVIEW_CHARACTERS, shortened } from './limits.js';
import { withoutNul } from './traces-json.js';

/** What the list of traces shows: the last message of the user's, and the answer. */
export interface Previews {
  readonly request_preview?: string;
  readonly response_preview?: string;
}

/** Previews of a trace as plain text, from its root's inputs and outputs; none where there is nothing. */
export function previewsOf(root: SpanSpec): Previews {
  const inputs = parsed(root, MLFLOW_SPAN_INPUTS);
  const outputs = parsed(root, MLFLOW_SPAN_OUTPUTS);
  const prompts = asArray(inputs?.['messages']).map(asObject);
  const prompt = prompts.findLast((message) => message?.['role'] === 'user');
  const choice = asObject(asArray(outputs?.['choices'])[0]);
  const answer = textOf(asObject(choice?.['message'])?.['content']) ?? endOf(outputs);
  return compact({
    request_preview: preview(textOf(prompt?.['content'])),
    response_preview: preview(answer),
  });
}

/** A turn without an answer says how it ended. */
function endOf(outputs: JsonObject | undefined): string | undefined {
  const outcome = asText(outputs?.['outcome']);
  const reason = asText(outputs?.['reason']);
  return outcome === undefined || reason === undefined ? outcome : `${outcome}: ${reason}`;
}

/** The text of a message, whose content is a text or a list of parts. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content || undefined;
  const parts = asArray(content).flatMap((part) => asText(asObject(part)?.['text']) ?? []);
  return parts.length === 0 ? undefined : parts.join('\n');
}

function preview(text: string | undefined): string | undefined {
  return text === undefined ? undefined : withoutNul(shortened(text, PREVIEW_CHARACTERS));
}

function parsed(root: SpanSpec, key: string): JsonObject | undefined {
  const text = root.attributes[key];
  if (typeof text !== 'string') return undefined;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
