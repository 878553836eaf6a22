import type { NotifyPayload } from '../../codex/notify-payload.js';
import { compact } from '../../platform/json.js';
import { uuidTimeMs } from '../../platform/uuid-time.js';
import type { Turn } from '../../turn/turn.js';
import type { ThreadRecording, ThreadTurn } from './recording-port.js';

/**
 * The one turn of a thread that nothing records (`--ephemeral`), made of what Codex announces: the
 * prompt, the answer and one model response.
 * @param endMs when it was announced
 */
export function payloadRecording(payload: NotifyPayload, endMs: number): ThreadRecording {
  const at = { file: payload.threadId, start: 0 };
  const turn: ThreadTurn = {
    ...at,
    end: 1,
    turnId: payload.turnId,
    meta: undefined,
    isOver: true,
    started: true,
    isAbandoned: async () => true,
    assemble: () => unrecordedTurn(payload, endMs),
  };
  return {
    threadId: payload.threadId,
    files: [at.file],
    firstLine: async () => undefined,
    async *turns(cursorIn) {
      if ((cursorIn(at.file)?.cursor ?? 1) < turn.end) yield turn;
    },
    turnAt: async ({ start }) => (start === at.start ? turn : undefined),
    turnById: async () => turn,
    lateItemAt: async () => undefined,
    locate: async () => at,
    fits: async () => true,
  };
}

/** The start is in the turn's id (UUIDv7); nothing else is known. */
function unrecordedTurn(payload: NotifyPayload, endMs: number): Turn {
  const { threadId, turnId, cwd, lastAssistantMessage: answer } = payload;
  const prompts = payload.inputMessages.slice(-1);
  const output = answer === undefined ? undefined : ({ role: 'assistant', content: answer } as const);
  const startMs = Math.min(endMs, uuidTimeMs(turnId) ?? endMs);
  return compact({
    threadId,
    turnId,
    startMs,
    endMs,
    outcome: 'completed',
    prompts,
    answer,
    cwd,
    transcript: [
      ...prompts.map((content) => ({ role: 'user', content }) as const),
      ...(output === undefined ? [] : [output]),
    ],
    modelCalls: [
      compact({
        key: 'response 0',
        purpose: 'response',
        outcome: 'completed',
        startMs,
        endMs,
        inputFrom: 0,
        inputTo: prompts.length,
        output,
      }),
    ],
    toolCalls: [],
    subAgents: [],
    foreignTurnIds: [],
    skippedLines: 0,
    unrecorded: true,
  });
}
