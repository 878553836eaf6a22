import type { RolloutEvent } from '../../codex/lines/rollout-event.js';
import { identifyCalls } from './identify-calls.js';
import { callsLeftRunning } from './running-commands.js';

/** What has been read of one call. */
interface SeenCall {
  isAsked?: true;
  isHosted?: true;
  hasOutput?: true;
  hasItem?: true;
  /** Where its last line stands. */
  at: number;
}

/**
 * The calls that are still under way, by their ids: those that no line answers or tells the end of, and
 * commands that went on in the background. Where only one of a call's two last lines is there, its output
 * or its item, the other may be about to come (0.152 to 0.171 write the output first, 0.140 a search's
 * item before its call): such a call is over once the model goes on.
 * @param events of a turn that has not ended
 */
export function openCalls(events: readonly RolloutEvent[]): ReadonlySet<string> {
  const named = identifyCalls(events);
  const modelAt = named.findLastIndex(isOfModel);
  const scripts = scriptPlaces(named);
  const unclearAt = scripts.unanswered[1] ?? Number.POSITIVE_INFINITY;
  const open = new Set(callsLeftRunning(named));
  for (const [id, call] of seenCalls(named)) {
    // What a script of code mode ran has its item alone. Which of two scripts it was their outputs tell.
    const isOfScript = !call.isAsked && scripts.areThere;
    const isWhole = call.hasItem && (call.isAsked || isOfScript);
    const isAnswered = call.hasItem || call.hasOutput || call.isHosted;
    const isUnclear = isOfScript && call.at > unclearAt;
    if (isUnclear || (!isWhole && !(isAnswered && call.at < modelAt))) open.add(id);
  }
  return open;
}

/** Whether there are scripts of code mode, and where those stand that no output answers yet. */
function scriptPlaces(events: readonly RolloutEvent[]): {
  readonly areThere: boolean;
  readonly unanswered: readonly number[];
} {
  const answered = new Set(events.flatMap((event) => (event.kind === 'tool_output' ? [event.callId] : [])));
  let areThere = false;
  const unanswered = events.flatMap((event, at) => {
    if (event.kind !== 'tool_call' || event.name !== 'exec') return [];
    areThere = true;
    return answered.has(event.callId) ? [] : [at];
  });
  return { areThere, unanswered };
}

function seenCalls(events: readonly RolloutEvent[]): ReadonlyMap<string, SeenCall> {
  const calls = new Map<string, SeenCall>();
  const see = (id: string, at: number, told: Omit<SeenCall, 'at'>) =>
    calls.set(id, { ...calls.get(id), ...told, at });
  events.forEach((event, at) => {
    if (event.kind === 'tool_call')
      see(event.callId, at, { isAsked: true, ...(event.form === 'hosted' && { isHosted: true }) });
    if (event.kind === 'tool_output') see(event.callId, at, { hasOutput: true });
    if (event.kind === 'tool_item') see(event.id, at, { hasItem: true });
  });
  return calls;
}

/** Lines that the model's answers leave, beside its calls. */
function isOfModel(event: RolloutEvent): boolean {
  const isCount = event.kind === 'token_count' || event.kind === 'token_usage_record';
  return isCount || event.kind === 'reasoning' || (event.kind === 'message' && event.role === 'assistant');
}
