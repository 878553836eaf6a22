import { closeSync, openSync } from 'node:fs';
import { compact } from '../../platform/json.js';
import { isCompressed } from '../recordings/recording-stream.js';
import { readEventsBackwards } from '../recordings/rollout-lines.js';

/** What a recording's end says of a session that is over. */
export interface SessionTail {
  /** Its last turn, absent where there is none. */
  readonly lastTurnId?: string;
  /** The oldest of the turns after the last one that a Stop hook told of: the failed and interrupted ones. */
  readonly untoldTurnId?: string;
  /** The last turn has its end line, or there is no turn. */
  readonly isOver: boolean;
}

/**
 * Looks at a recording from its end, no further back than the last turn that ended well. Codex calls
 * Stop for those alone; a failed turn names its error in its end line (each seen from 0.152 to 0.171,
 * which is where SessionEnd begins).
 */
export async function readSessionTail(path: string): Promise<SessionTail> {
  if (isCompressed(path)) return { isOver: true };
  const file = openSync(path, 'r');
  let lastTurnId: string | undefined;
  let untoldTurnId: string | undefined;
  let isOver: boolean | undefined;
  try {
    for await (const { event } of readEventsBackwards(file)) {
      if (event.kind === 'task_complete' || event.kind === 'turn_aborted') {
        isOver ??= true;
        lastTurnId ??= event.turnId;
        if (event.kind === 'task_complete' && event.error === undefined) break;
      }
      if (event.kind === 'task_started') {
        isOver ??= false;
        lastTurnId ??= event.turnId;
        untoldTurnId = event.turnId ?? untoldTurnId;
      }
    }
  } finally {
    closeSync(file);
  }
  return compact({ lastTurnId, untoldTurnId, isOver: isOver ?? true });
}
