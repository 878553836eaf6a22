import type { NotifyPayload } from '../codex/notify-payload.js';
import { uuidTimeMs } from '../platform/uuid-time.js';
import type { Turn } from '../turn/turn.js';

/**
 * A turn that was never recorded (`--ephemeral`), from what Codex announces: the prompt, the answer
 * and one model response. The start is in the turn's id (UUIDv7); nothing else is known.
 * @param endMs when it was announced
 */
export function ephemeralTurn(payload: NotifyPayload, endMs: number): Turn {
  const prompt = payload.inputMessages.at(-1);
  const answer = payload.lastAssistantMessage;
  const startMs = Math.min(endMs, uuidTimeMs(payload.turnId) ?? endMs);
  const transcript = [
    ...(prompt === undefined ? [] : [{ role: 'user' as const, content: prompt }]),
    ...(answer === undefined ? [] : [{ role: 'assistant' as const, content: answer }]),
  ];
  const output = transcript.find((message) => message.role === 'assistant');
  return {
    threadId: payload.threadId,
    ...(payload.turnId === undefined ? {} : { turnId: payload.turnId }),
    startMs,
    endMs,
    outcome: 'completed',
    prompts: prompt === undefined ? [] : [prompt],
    ...(answer === undefined ? {} : { answer }),
    ...(payload.cwd === undefined ? {} : { cwd: payload.cwd }),
    transcript,
    modelCalls: [
      {
        key: 'response 0',
        purpose: 'response',
        outcome: 'completed',
        startMs,
        endMs,
        inputFrom: 0,
        inputTo: prompt === undefined ? 0 : 1,
        ...(output ? { output } : {}),
      },
    ],
    toolCalls: [],
    subAgents: [],
    foreignTurnIds: [],
    skippedLines: 0,
    unrecorded: true,
  };
}
