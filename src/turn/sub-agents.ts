import type { RolloutEvent } from '../codex/lines/rollout-event.js';
import { textOf } from './chat-message.js';
import type { SubAgentLink } from './turn.js';

/** The agents that a turn's calls started or spoke to. */
export function subAgentsOf(events: readonly RolloutEvent[]): SubAgentLink[] {
  const links: SubAgentLink[] = [];
  for (const event of events) {
    if (event.kind === 'sub_agent' && event.activity !== 'completed') {
      links.push({ callId: event.callId, agentThreadId: event.agentThreadId, timeMs: event.timeMs });
    } else if (event.kind === 'tool_output') {
      // Up to 0.140 only the spawning call's output names the agent it started.
      const text = textOf(event.content);
      const agent = text.startsWith('{"agent_id":"')
        ? text.match(/^\{"agent_id":"([0-9a-f-]{36})"/)?.[1]
        : undefined;
      if (agent) links.push({ callId: event.callId, agentThreadId: agent, timeMs: event.timeMs });
    }
  }
  return links;
}
