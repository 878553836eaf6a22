import type { ContentGate } from '../content.js';
import { MLFLOW_CHAT_TOOLS } from '../mlflow-attributes.js';
import { type ChatTool, chatToolsOf } from './chat-tools.js';

/**
 * `mlflow.chat.tools`, within the size of one message: where the definitions are longer, without their
 * descriptions, then by name alone. Half a list would say that the model had no more tools.
 */
export function chatToolsAttribute(
  definitions: readonly unknown[] | undefined,
  gate: ContentGate,
): { [MLFLOW_CHAT_TOOLS]: string } | undefined {
  if (!gate.open || !definitions) return undefined;
  const tools = chatToolsOf(definitions);
  if (tools.length === 0) return undefined;
  const fitting = [tools, tools.map(withoutDescriptions), tools.map(nameAlone)].find(
    (form) => JSON.stringify(form).length <= gate.messageBytes,
  );
  return fitting && { [MLFLOW_CHAT_TOOLS]: gate.json(fitting) };
}

function withoutDescriptions(tool: ChatTool): object {
  return JSON.parse(
    JSON.stringify(tool, (key, value) =>
      key === 'description' && typeof value === 'string' ? undefined : value,
    ),
  );
}

function nameAlone({ type, function: { name } }: ChatTool): object {
  return { type, function: { name, parameters: { type: 'object' } } };
}
