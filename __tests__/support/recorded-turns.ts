import { readFile } from 'node:fs/promises';
import { threadIdOf } from '../../scripts/lab/codex.mjs';
import type { Served } from '../../scripts/lab/responses-api.mjs';

/** A line of a rollout, as far as the tests look into it. */
export interface RecordedLine {
  type: string;
  payload: { type?: string; turn_id?: string; [key: string]: unknown };
}

/** A turn as Codex 0.169 itself recorded it, joined with what the scripted model served in it. */
export interface RecordedTurn {
  threadId: string;
  turnId: string;
  /** What the user said in it. */
  prompts: string[];
  answer: string;
  served: Served[];
  /** Ids of the responses that were summaries of the history, asked for by Codex itself. */
  compactions: ReadonlySet<string>;
}

/**
 * The turns in the recordings, thread by thread, each with its responses by `token_usage_record`.
 * This reads Codex's files in its own way, on purpose: nothing of it comes from `src/`.
 */
export async function readTurns(
  rollouts: readonly string[],
  served: readonly Served[],
): Promise<RecordedTurn[]> {
  const turns: RecordedTurn[] = [];
  for (const rollout of rollouts) {
    const threadId = threadIdOf(rollout);
    const lines = (await readFile(rollout, 'utf8')).split('\n').filter((line) => line !== '');
    const recorded = lines.map((line) => JSON.parse(line) as RecordedLine);
    const compactions = new Set(
      recorded
        .filter(({ type }) => type === 'compacted')
        .map(({ payload }) => String(payload['compaction_response_id'])),
    );
    const ends = recorded.filter(({ payload }) => payload.type === 'task_complete');
    for (const { payload: end } of ends) {
      const own = recorded.filter(({ payload }) => payload.turn_id === end.turn_id);
      turns.push({
        threadId,
        turnId: end.turn_id ?? '',
        prompts: own.flatMap(({ payload }) => userTexts(payload['item'])),
        answer: String(end['last_agent_message'] ?? ''),
        served: own.flatMap(({ type, payload }) =>
          type === 'token_usage_record' ? responseOf(served, payload['response_id']) : [],
        ),
        compactions,
      });
    }
  }
  return turns;
}

function responseOf(served: readonly Served[], id: unknown): Served {
  const response = served.find(({ responseId }) => responseId === id);
  if (!response) throw new Error(`${id} was recorded but never served`);
  return response;
}

function userTexts(item: unknown): string[] {
  const { type, content } = (item ?? {}) as { type?: string; content?: { type: string; text?: string }[] };
  return type === 'UserMessage' ? (content ?? []).flatMap((part) => part.text ?? []) : [];
}
