import { asArray, asObject, asText } from '../../platform/json.js';
import type { ToolCallItem } from '../lines/rollout-event.js';

/** A call that a reviewer may have judged, and when its output was written. */
export interface JudgeableCall {
  readonly call: ToolCallItem;
  /** Undefined: it never came. */
  readonly outputMs: number | undefined;
}

/**
 * The call that a reviewer of approvals was asked about: nothing in the parent's recording names the
 * reviewer (Codex 0.144 to 0.171), so it is the one that waited for its output when the review began,
 * and of several (parallel calls wait together) the one whose action the request repeats.
 * @param review when the review began, and its request as Codex wrote it
 */
export function pickJudgedCall(
  calls: readonly JudgeableCall[],
  review: { readonly startMs: number; readonly request?: string },
): string | undefined {
  const waiting = calls.filter(
    ({ call, outputMs }) =>
      call.timeMs <= review.startMs && (outputMs ?? Number.POSITIVE_INFINITY) >= review.startMs,
  );
  if (waiting.length === 1) return waiting[0]?.call.callId;
  const planned = plannedAction(review.request ?? '');
  // The surest likeness first: `echo one` is part of `echo one two`, and both may wait.
  for (const isLike of LIKENESSES) {
    const alike = waiting.filter(({ call }) =>
      actionsOf(call).some((action) => planned.some((text) => isLike(action, text))),
    );
    if (alike.length > 0) return alike.length === 1 ? alike[0]?.call.callId : undefined;
  }
  return undefined;
}

/** How a call's action may be what a request plans: it is that, its script says that, or the request quotes it. */
const LIKENESSES: readonly ((action: string, planned: string) => boolean)[] = [
  (action, planned) => action === planned,
  (action, planned) => action.includes(JSON.stringify(planned)),
  (action, planned) => action.includes(planned) || action.includes(JSON.stringify(planned).slice(1, -1)),
  (action, planned) => planned.includes(action),
];

/** Texts that a request has if it is about this call: its command, its patch, or all its arguments. */
function actionsOf(call: ToolCallItem): string[] {
  const input = typeof call.input === 'string' ? call.input : JSON.stringify(call.input ?? '');
  if (call.form === 'custom') return [input];
  const args = parse(input);
  const command = args?.['cmd'] ?? args?.['command'];
  const words = asArray(command).filter((word): word is string => typeof word === 'string');
  const text = asText(command) ?? asText(args?.['patch']) ?? asText(args?.['input']) ?? words.at(-1);
  return text === '' ? [] : [text ?? input];
}

/**
 * What a request plans: the command or patch of its `Planned action JSON` (0.171); without such JSON, all
 * its words.
 */
function plannedAction(request: string): string[] {
  const action = parse(request.match(/Planned action JSON:\s*(\{[\s\S]*?\n\})/)?.[1] ?? '');
  if (!action) return [request];
  const command = asArray(action['command']).filter((word): word is string => typeof word === 'string');
  const text = asText(action['command']) ?? command.at(-1) ?? asText(action['patch']);
  if (text === undefined) return Object.values(action).flatMap((value) => asText(value) ?? []);
  return text === '' ? [] : [text];
}

function parse(text: string): ReturnType<typeof asObject> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
