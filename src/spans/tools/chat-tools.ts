import { asArray, asObject, asText, compact, type JsonObject } from '../../platform/json.js';

/** A tool in OpenAI's shape, as MLflow's `mlflow.chat.tools` holds it. */
export interface ChatTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters: JsonObject;
  };
}

/** How free text is given to a tool: our TOOL spans show it so. */
const FREE_TEXT = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
} as const;

/**
 * The tools of a thread in code mode from Codex's own definitions (`additional_tools`, 0.160 to 0.171):
 * those the model calls, and those that its scripts call, which stand in the description of `exec`.
 */
export function chatToolsOf(definitions: readonly unknown[]): ChatTool[] {
  const byName = new Map<string, ChatTool>();
  for (const tool of definitions.flatMap((definition) => toolsIn(asObject(definition), undefined))) {
    if (!byName.has(tool.function.name)) byName.set(tool.function.name, tool);
  }
  return [...byName.values()];
}

function toolsIn(definition: JsonObject | undefined, namespace: string | undefined): ChatTool[] {
  const name = asText(definition?.['name']);
  if (!definition || name === undefined) return [];
  if (definition['type'] === 'namespace') {
    return asArray(definition['tools']).flatMap((tool) => toolsIn(asObject(tool), name));
  }
  const description = asText(definition['description']);
  const own = chatTool(
    namespace?.startsWith('mcp__') ? `${namespace}__${name}` : name,
    description,
    definition['type'] === 'custom' ? FREE_TEXT : (asObject(definition['parameters']) ?? { type: 'object' }),
  );
  return name === 'exec' && description ? [own, ...nestedTools(description)] : [own];
}

function chatTool(name: string, description: string | undefined, parameters: JsonObject): ChatTool {
  return { type: 'function', function: compact({ name, description, parameters }) };
}

/** The sections of `exec`'s description: a name, what the tool does, and its declaration in TypeScript. */
function nestedTools(description: string): ChatTool[] {
  return description
    .split(/^### /m)
    .slice(1)
    .flatMap((section) => {
      const [, name, about, declared] =
        section.match(/^`([\w.-]+)`[^\n]*\n([\s\S]*?)\n*exec tool declaration:\n```ts\n([\s\S]*?)\n```/) ??
        [];
      if (name === undefined || declared === undefined) return [];
      return [chatTool(name, about?.trim() || undefined, parametersOf(declared))];
    });
}

/** The arguments of a declaration as JSON Schema; of what lies deeper only that it is there. */
function parametersOf(declared: string): JsonObject {
  const args = declared.match(/\(args: \{\n?([\s\S]*?)\n?\}\): Promise</)?.[1];
  if (args === undefined) return FREE_TEXT;
  const properties: { [key: string]: JsonObject } = {};
  const required: string[] = [];
  let comment: string[] = [];
  for (const line of args.split('\n')) {
    const said = line.match(/^ {2}\/\/ (.*)$/)?.[1];
    if (said !== undefined) comment.push(said);
    const [, name, optional, type] = line.match(/^ {2}"?([\w-]+)"?(\?)?: (.*?);?$/) ?? [];
    if (name === undefined || type === undefined) continue;
    properties[name] = compact({ ...schemaOf(type), description: comment.join(' ') || undefined });
    if (!optional) required.push(name);
    comment = [];
  }
  return compact({ type: 'object', properties, required: required.length > 0 ? required : undefined });
}

function schemaOf(type: string): JsonObject {
  if (/^(string|number|boolean)$/.test(type)) return { type };
  if (/^("[^"]*"( \| )?)+$/.test(type)) {
    return { type: 'string', enum: [...type.matchAll(/"([^"]*)"/g)].map(([, word]) => word) };
  }
  if (/^Array<|\[\]$/.test(type)) return { type: 'array' };
  return type.startsWith('{') ? { type: 'object' } : {};
}
