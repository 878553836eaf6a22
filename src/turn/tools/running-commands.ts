import type { RolloutEvent, ToolOutput } from '../../codex/lines/rollout-event.js';
import { asNumber, asObject } from '../../platform/json.js';

/**
 * The calls that left a command running: Codex answered with the number of its session, and nothing in
 * the turn tells of its end. A session belongs to the first call that names it; later ones only ask
 * after it. Its end is an item from about 0.150 on; before, what `write_stdin` was answered.
 */
export function callsLeftRunning(events: readonly RolloutEvent[]): ReadonlySet<string> {
  const asked = askedSessions(events);
  const polls = scriptsThatPoll(events);
  /** By session, the call that began it. */
  const running = new Map<string, string>();
  const see = (output: ToolOutput) => {
    const sessions = sessionsOf(output);
    const session = asked.get(output.callId);
    if (session !== undefined) {
      if (sessions.length === 0) running.delete(session);
    } else if (!polls.has(output.callId)) {
      for (const begun of sessions) running.set(begun, running.get(begun) ?? output.callId);
    }
  };
  for (const event of events) if (event.kind === 'tool_output') see(event);
  for (const event of events)
    if (event.kind === 'tool_item' && event.processId) running.delete(event.processId);
  return new Set(running.values());
}

/** By the calls that ask after a command, the session they ask after. */
function askedSessions(events: readonly RolloutEvent[]): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const event of events) {
    if (event.kind !== 'tool_call' || event.name !== 'write_stdin') continue;
    const session = typeof event.input === 'string' && event.input.match(/"session_id":\s*(\d+)/)?.[1];
    if (session) asked.set(event.callId, session);
  }
  return asked;
}

/** Scripts of code mode that start no command themselves, perhaps of an earlier turn's. */
function scriptsThatPoll(events: readonly RolloutEvent[]): ReadonlySet<string> {
  const scripts = events.filter((event) => event.kind === 'tool_call' && event.form === 'custom');
  return new Set(
    scripts.flatMap((call) => {
      if (call.kind !== 'tool_call') return [];
      const script = String(call.input);
      return script.includes('write_stdin') && !script.includes('exec_command') ? [call.callId] : [];
    }),
  );
}

const SESSION_LINE = 'Process running with session ID ';

function sessionsOf(output: ToolOutput): string[] {
  return output.content.flatMap((part) => {
    if (part.type !== 'text') return [];
    if (!part.text.includes(SESSION_LINE)) return scriptSession(part.text) ?? [];
    // Codex's header lines: a program may print the same after them.
    const header = part.text.replace(/^Output:?$[\s\S]*/m, '');
    const session = header.match(/^Process running with session ID (\d+)$/m)?.[1] ?? scriptSession(part.text);
    return session ?? [];
  });
}

/** In code mode a script prints what the tool gave it, mostly as it is. */
function scriptSession(text: string): string | undefined {
  if (!text.startsWith('{') || !text.includes('"session_id"')) return undefined;
  try {
    const result = asObject(JSON.parse(text));
    const session = asNumber(result?.['session_id']);
    return session === undefined || result?.['exit_code'] !== undefined ? undefined : String(session);
  } catch {
    return undefined;
  }
}
