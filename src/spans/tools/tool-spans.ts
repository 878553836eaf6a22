import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_GEN_AI_TOOL_TYPE,
  ATTR_PROCESS_EXIT_CODE,
} from '@opentelemetry/semantic-conventions/incubating';
import { compact } from '../../platform/json.js';
import type { ToolCall } from '../../turn/turn.js';
import { callKey, spanIdOf } from '../ids.js';
import { MLFLOW_SPAN_INPUTS, MLFLOW_SPAN_OUTPUTS, MLFLOW_SPAN_TYPE } from '../mlflow-attributes.js';
import type { SpanContext } from '../span-context.js';
import type { SpanSpec } from '../span-spec.js';
import { shapeOf } from './tool-shapes.js';

/** The id of a call's span. */
export function toolSpanId(call: ToolCall, { traceId, identity, root, digest }: SpanContext): string {
  return spanIdOf(traceId, callKey(call.id, identity, root), digest);
}

/**
 * The TOOL span of a call, or of a tool that a script of code mode ran. It is named by its tool alone, as
 * MLflow's judges (3.18) read a tool's name there.
 */
export function buildToolSpan(call: ToolCall, parentSpanId: string, context: SpanContext): SpanSpec {
  const { gate } = context;
  const { inputs, outputs } = shapeOf(call, context.cwd);
  return {
    name: call.name,
    kind: 'INTERNAL',
    traceId: context.traceId,
    spanId: toolSpanId(call, context),
    parentSpanId,
    startMs: call.startMs,
    endMs: call.endMs,
    attributes: compact({
      [MLFLOW_SPAN_TYPE]: 'TOOL',
      [MLFLOW_SPAN_INPUTS]: gate.open && inputs ? gate.json(inputs) : undefined,
      [MLFLOW_SPAN_OUTPUTS]: gate.open && outputs ? gate.json(outputs) : undefined,
      [ATTR_GEN_AI_OPERATION_NAME]: 'execute_tool',
      [ATTR_GEN_AI_CONVERSATION_ID]: context.identity.threadId || undefined,
      [ATTR_GEN_AI_TOOL_NAME]: call.name,
      [ATTR_GEN_AI_TOOL_TYPE]: toolType(call),
      [ATTR_GEN_AI_TOOL_CALL_ID]: call.id,
      'codex.tool.namespace': call.namespace,
      'codex.tool.running': call.running,
      [ATTR_PROCESS_EXIT_CODE]: call.exitCode,
      [ATTR_ERROR_TYPE]: call.failure?.type,
    }),
    status: call.failure ? { code: 'ERROR', message: call.failure.message } : { code: 'UNSET' },
    events: [],
  };
}

/** The convention's words: a `function` runs here, an `extension` calls something outside. */
function toolType(call: ToolCall): string {
  // Up to about 0.130 a server's name is part of the tool's.
  const isMcp = (call.namespace ?? call.name).startsWith('mcp__');
  return call.form === 'hosted' || isMcp ? 'extension' : 'function';
}
