import { SESSION_END } from '../../codex/notify-payload.js';
import { asObject, asText, compact, type JsonObject } from '../../platform/json.js';
import { startDetached } from '../../platform/process/start-detached.js';

/** What Codex gives a Stop hook is small; whatever is larger is not that. */
const MAX_INPUT_BYTES = 4 * 1024 * 1024;

/**
 * The announcement's type, by Codex's event. Stop tells of a turn that ended well, Interrupt of one that a
 * user broke off, SessionEnd of no turn: after it comes what nothing told of (Codex 0.152 to 0.171).
 * A hook that names no event is a Stop hook.
 */
const TYPES = new Map([
  [undefined, 'agent-turn-complete'],
  ['Stop', 'agent-turn-complete'],
  ['Interrupt', 'agent-turn-complete'],
  ['SessionEnd', SESSION_END],
]);

/**
 * Codex's Stop hook (`hooks.json`, Codex 0.169), a second trigger beside `notify`: reads its JSON,
 * starts the work in a process of its own and returns, since Codex waits for it. Says nothing on
 * stdout, which means "go on" to Codex. At UserPromptSubmit it sees to it that somebody shows the turn
 * while it goes on. Never throws.
 */
export async function runStopHook(stdin: AsyncIterable<Uint8Array>, script: string): Promise<void> {
  const input = parse(await readAll(stdin));
  if (asText(input?.['hook_event_name']) === 'UserPromptSubmit') {
    const { showPrompted } = await import('../watch/show-prompted.js');
    return showPrompted(asText(input?.['cwd']), process.env, script);
  }
  const payload = input && toAnnouncement(input);
  if (payload === undefined) return;
  await startDetached(process.execPath, [script, 'stop-hook', JSON.stringify(payload)]);
}

/**
 * The Stop hook's input as the announcement `notify` would have made, without content: the recording
 * has it. Undefined for other events, and for a session without a recording.
 */
function toAnnouncement(input: JsonObject): object | undefined {
  const threadId = asText(input['session_id']);
  const recording = asText(input['transcript_path']);
  const type = TYPES.get(asText(input['hook_event_name']));
  if (!type || !threadId || recording === undefined) return undefined;
  return compact({
    type,
    'thread-id': threadId,
    'turn-id': asText(input['turn_id']),
    cwd: asText(input['cwd']),
    'transcript-path': recording,
  });
}

function parse(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function readAll(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    bytes += chunk.length;
    if (bytes > MAX_INPUT_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
