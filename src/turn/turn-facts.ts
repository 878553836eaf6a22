import type { RolloutEvent } from '../codex/lines/rollout-event.js';
import type { TurnSegment } from '../codex/segments/turn-segment.js';
import type { Turn } from './turn.js';
import { isTurnEnd } from './turn-verdict.js';

/** The tier the turn was had at: what it was set to within it, else before it; what comes after it is the next one's. */
export function serviceTierOf(events: readonly RolloutEvent[], segment: TurnSegment): string | undefined {
  const end = events.findIndex(isTurnEnd);
  const own = end < 0 ? events : events.slice(0, end);
  const settings = own.findLast((event) => event.kind === 'thread_settings');
  return settings?.kind === 'thread_settings' ? settings.serviceTier : segment.settings?.serviceTier;
}

/** The last that the provider told of the account's limits. */
export function usedPercentOf(events: readonly RolloutEvent[]): Turn['usedPercent'] {
  const told = events.findLast((event) => event.kind === 'token_count' && event.usedPercent !== undefined);
  return told?.kind === 'token_count' ? told.usedPercent : undefined;
}

/** The definitions of tools among the turn's lines, else those the thread was given before. */
export function toolsOf(events: readonly RolloutEvent[], segment: TurnSegment): Turn['tools'] {
  const given = events.findLast((event) => event.kind === 'additional_tools');
  return given?.kind === 'additional_tools' ? given.tools : segment.tools?.tools;
}
