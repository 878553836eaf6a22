import type {
  LocatedItem,
  LocatedTurn,
  ThreadRecording,
  ThreadTurn,
} from '../../src/delivery/recording/recording-port.js';
import type { Turn } from '../../src/turn/turn.js';

/** A turn by its id alone, or with what is not as in other turns. */
export type PaperTurn = string | (Partial<ThreadTurn> & { readonly turnId: string });

/** The turn as it is assembled: one prompt, one answer, one response between them. */
export function paperContent(turnId: string, more: Partial<Turn> = {}): Turn {
  return {
    threadId: 't',
    turnId,
    startMs: 1_000_000,
    endMs: 1_000_900,
    outcome: 'completed',
    prompts: ['do it'],
    answer: 'done',
    transcript: [
      { role: 'user', content: 'do it' },
      { role: 'assistant', content: 'done' },
    ],
    modelCalls: [
      {
        key: `response of ${turnId}`,
        purpose: 'response',
        outcome: 'completed',
        startMs: 1_000_000,
        endMs: 1_000_900,
        inputFrom: 0,
        inputTo: 1,
        output: { role: 'assistant', content: 'done' },
      },
    ],
    toolCalls: [],
    subAgents: [],
    foreignTurnIds: [],
    skippedLines: 0,
    ...more,
  };
}

/**
 * A thread `t` whose recording is in no file: each turn has ten bytes, the first of a file from 0 to 10.
 * @param files the turns, by their files' keys, oldest first
 * @param late what is told of tools after their turns
 */
export function paperThread(
  files: { readonly [file: string]: readonly PaperTurn[] },
  late: readonly LocatedItem[] = [],
): ThreadRecording {
  const all = Object.entries(files).flatMap(([file, turns]) =>
    turns.map((turn, index) => paperTurn(turn, file, index * 10)),
  );
  return {
    threadId: 't',
    files: Object.keys(files),
    firstLine: async () => undefined,
    async *turns(cursorIn, onLate) {
      for (const file of Object.keys(files)) {
        const from = cursorIn(file);
        if (!from) continue;
        const rest = late.filter((item) => item.file === file && item.start >= from.cursor);
        for (const turn of all) {
          if (turn.file !== file || turn.start < from.cursor) continue;
          while (rest[0] && rest[0].start < turn.end) onLate?.(rest.shift() as LocatedItem);
          yield turn;
        }
        for (const item of rest) onLate?.(item);
      }
    },
    turnById: async (turnId) => all.find((turn) => turn.turnId === turnId),
    lateItemAt: async ({ file, start }) => {
      const found = late.find((item) => item.file === file && item.start === start);
      if (!found) return undefined;
      const { end, turnId, item: id } = found;
      const item = { kind: 'tool_item', id, timeMs: 1_000_800, turnId, type: 'other' };
      return { start, end, turnId, item } as never;
    },
    turnAt: async ({ file, start }) => all.find((turn) => turn.file === file && turn.start === start),
    locate: async ({ turnId }) => all.find((turn) => turn.turnId === turnId) as LocatedTurn | undefined,
    fits: async () => true,
  };
}

function paperTurn(told: PaperTurn, file: string, start: number): ThreadTurn {
  const turn = typeof told === 'string' ? { turnId: told } : told;
  return {
    file,
    start,
    end: start + 10,
    meta: undefined,
    isOver: true,
    started: true,
    isAbandoned: async () => false,
    assemble: () => paperContent(turn.turnId),
    ...turn,
  };
}
