import type { RolloutEvent } from '../../codex/lines/rollout-event.js';

/**
 * Gives an id to calls recorded without one (web searches up to 0.140): that of the item of the same
 * tool which stands nearest, else the tool's name and the call's place in the turn.
 */
export function identifyCalls(events: readonly RolloutEvent[]): readonly RolloutEvent[] {
  if (!events.some((event) => event.kind === 'tool_call' && event.callId === '')) return events;
  const claimed = new Set<string>();
  let unnamed = 0;
  return events.map((event, index) => {
    if (event.kind !== 'tool_call' || event.callId !== '') return event;
    const id = nearestItem(events, index, event.name, claimed) ?? `${event.name} ${unnamed++}`;
    claimed.add(id);
    return { ...event, callId: id };
  });
}

function nearestItem(
  events: readonly RolloutEvent[],
  index: number,
  name: string,
  claimed: ReadonlySet<string>,
): string | undefined {
  let best: { id: string; distance: number } | undefined;
  events.forEach((event, at) => {
    if (event.kind !== 'tool_item' || event.name !== name || claimed.has(event.id)) return;
    const distance = Math.abs(at - index);
    if (!best || distance < best.distance) best = { id: event.id, distance };
  });
  return best?.id;
}
