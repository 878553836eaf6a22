import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_AGENT_VERSION,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_PROCESS_WORKING_DIRECTORY,
  ATTR_VCS_REF_HEAD_NAME,
  ATTR_VCS_REF_HEAD_REVISION,
  ATTR_VCS_REPOSITORY_URL_FULL,
} from '@opentelemetry/semantic-conventions/incubating';
import { compact } from '../platform/json.js';
import type { Turn } from '../turn/turn.js';
import type { ContentGate } from './content.js';
import { agentKey, spanIdOf } from './ids.js';
import { MLFLOW_SPAN_INPUTS, MLFLOW_SPAN_OUTPUTS, MLFLOW_SPAN_TYPE } from './mlflow-attributes.js';
import { rootAttributes } from './root-attributes.js';
import type { SpanContext, TraceOptions, TurnPlacement } from './span-context.js';
import type { SpanSpec } from './span-spec.js';
import { changedFilesOf } from './tools/changed-files.js';

/** The AGENT span of a turn: the trace's root, or a subagent's turn below the call that spawned it. */
export function buildAgentSpan(
  turn: Turn,
  placement: TurnPlacement,
  options: TraceOptions,
  context: SpanContext,
): SpanSpec {
  const { gate, meta } = context;
  const name = placement.agentName ?? (isUnrecordedAgent(turn, options) ? 'subagent' : 'codex');
  const why = reasonOf(turn, context);
  return {
    name: `invoke_agent ${name}`,
    kind: 'INTERNAL',
    traceId: context.traceId,
    spanId: spanIdOf(context.traceId, agentKey(context.identity), context.digest),
    ...(placement.parentSpanId === undefined ? {} : { parentSpanId: placement.parentSpanId }),
    startMs: turn.startMs,
    endMs: turn.endMs,
    attributes: compact({
      [MLFLOW_SPAN_TYPE]: 'AGENT',
      [MLFLOW_SPAN_INPUTS]:
        gate.open && turn.prompts.length > 0
          ? JSON.stringify({
              messages: turn.prompts.map((prompt) => ({ role: 'user', content: gate.text(prompt) })),
            })
          : undefined,
      [MLFLOW_SPAN_OUTPUTS]: gate.open ? outputsOf(turn, why, gate) : undefined,
      ...(placement.parentSpanId === undefined ? rootAttributes(turn, meta, placement, options) : {}),
      [ATTR_GEN_AI_OPERATION_NAME]: 'invoke_agent',
      [ATTR_GEN_AI_PROVIDER_NAME]: meta?.modelProvider,
      [ATTR_GEN_AI_AGENT_NAME]: name,
      [ATTR_GEN_AI_AGENT_VERSION]: meta?.cliVersion,
      [ATTR_GEN_AI_CONVERSATION_ID]: turn.threadId || undefined,
      [ATTR_GEN_AI_REQUEST_MODEL]: turn.model,
      [ATTR_PROCESS_WORKING_DIRECTORY]: turn.cwd,
      [ATTR_VCS_REPOSITORY_URL_FULL]: withoutCredentials(meta?.git?.repositoryUrl),
      [ATTR_VCS_REF_HEAD_NAME]: meta?.git?.branch,
      [ATTR_VCS_REF_HEAD_REVISION]: meta?.git?.commitHash,
      [ATTR_ERROR_TYPE]: why?.type,
      'codex.turn.id': turn.turnId,
      'codex.thread.id': turn.threadId || undefined,
      'codex.turn.outcome': turn.outcome,
      'codex.turn.abort_reason': turn.abortReason,
      'codex.client': options.client,
      'codex.originator': meta?.originator,
      'codex.approval_policy': turn.approvalPolicy,
      'codex.sandbox_mode': turn.sandboxMode,
      'codex.reasoning_effort': turn.effort,
      'codex.service_tier': turn.serviceTier,
      ...resultAttributes(turn, gate),
      'codex.recording': turn.unrecorded ? 'none' : turn.imported && 'imported',
      'codex.lines.skipped': turn.skippedLines || undefined,
    }),
    status: why ? { code: 'ERROR', message: why.message } : { code: 'UNSET' },
    events: [],
    ...(placement.parentSpanId === undefined && options.caller ? { links: [options.caller] } : {}),
  };
}

/**
 * A subagent of an `--ephemeral` thread. Nothing says whose it is, so it is a trace of its own; its
 * announcement has neither client nor prompts (Codex 0.171).
 */
function isUnrecordedAgent(turn: Turn, { client }: TraceOptions): boolean {
  return turn.unrecorded === true && turn.prompts.length === 0 && client === undefined;
}

/** What came of the turn and what it used; paths are somebody's words, and left out with the content. */
function resultAttributes(turn: Turn, gate: ContentGate): object {
  const files = changedFilesOf(turn.toolCalls, turn.cwd);
  return {
    'codex.files.changed':
      files && gate.open ? files.paths.slice(0, MAX_PATHS).map((path) => gate.text(path)) : undefined,
    'codex.files.lines_added': files?.linesAdded,
    'codex.files.lines_removed': files?.linesRemoved,
    'codex.skills': turn.skills && turn.skills.length > 0 ? [...turn.skills] : undefined,
    'codex.rate_limit.primary.used_percent': turn.usedPercent?.primary,
    'codex.rate_limit.secondary.used_percent': turn.usedPercent?.secondary,
  };
}

/** A turn that touches more files than anybody reads: the numbers of lines count them all. */
const MAX_PATHS = 500;

/**
 * The answer, in chat-completions shape. Of a turn that failed or was interrupted why there is none, and
 * what the model had said before: MLflow's lists and judges look at outputs, not at a status.
 */
function outputsOf(turn: Turn, why: { message: string } | undefined, gate: ContentGate): string | undefined {
  const said = turn.answer ? gate.text(turn.answer) : undefined;
  if (why) return JSON.stringify(compact({ outcome: turn.outcome, reason: why.message, said }));
  if (said === undefined) return undefined;
  return JSON.stringify({ choices: [{ message: { role: 'assistant', content: said } }] });
}

/** Why the turn did not complete. Codex's error text may quote a request: it is content. */
function reasonOf(turn: Turn, { gate }: SpanContext): { type: string; message: string } | undefined {
  switch (turn.outcome) {
    case 'interrupted':
      return {
        type: 'interrupted',
        message:
          turn.abortReason && turn.abortReason !== 'interrupted'
            ? `interrupted: ${turn.abortReason}`
            : 'interrupted',
      };
    case 'failed':
      return {
        type: turn.error?.code ?? 'failed',
        message: gate.open && turn.error ? gate.text(turn.error.message) : 'the turn failed',
      };
    default:
      return undefined;
  }
}

/** Codex up to 0.140 records the remote with the user's name and token; a query can hold one as well. */
function withoutCredentials(url: string | undefined): string | undefined {
  return url?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
}
