import { compact } from '../platform/json.js';
import type { ContentPart } from './lines/rollout-event.js';
import { readFirstLine } from './reading/read-turns.js';
import { listRollouts, type RolloutFile } from './recordings/find-rollout.js';
import type { OnUnreadable } from './recordings/recording-folders.js';
import { openRecording } from './recordings/recording-stream.js';
import { readEventsForwards } from './recordings/rollout-lines.js';

/** A thread that a person talks to, as it is told from others. */
export interface RecentSession {
  readonly threadId: string;
  /** When it was last written to, in ms since the epoch. */
  readonly modifiedMs: number;
  /** The folder Codex was started in. */
  readonly cwd?: string;
  /** What was typed first, as it was typed. */
  readonly prompt?: string;
}

/** Days come newest first; a resumed session of an older day is found among the first few hundred files. */
const MAX_FILES = 500;
/** The first prompt stands behind what Codex puts into the context: instructions, skills, tools (0.171: 60 kB). */
const MAX_PROMPT_BYTES = 1024 * 1024;

/**
 * The files that were written to last, newest first.
 * @param onUnreadable told of folders that may hold more and cannot be read
 */
export async function newestRollouts(codexHome: string, onUnreadable?: OnUnreadable): Promise<RolloutFile[]> {
  const files: RolloutFile[] = [];
  for await (const file of listRollouts(codexHome, onUnreadable)) {
    files.push(file);
    if (files.length > MAX_FILES) break;
  }
  return files.sort((a, b) => b.modifiedMs - a.modifiedMs);
}

/** The threads of these files that a person talks to, in their order: sub-agents and reviewers are none. */
export async function sessionsOf(files: readonly RolloutFile[], limit: number): Promise<RecentSession[]> {
  const found = new Map<string, RecentSession>();
  for (const { threadId, path, modifiedMs } of files) {
    if (found.size === limit) break;
    if (found.has(threadId)) continue;
    const meta = await readFirstLine(path).catch(() => undefined);
    if (meta?.subagent !== undefined || meta?.parentThreadId !== undefined) continue;
    const prompt = await firstPrompt(path).catch(() => undefined);
    found.set(threadId, compact({ threadId, modifiedMs, cwd: meta?.cwd, prompt }));
  }
  return [...found.values()];
}

async function firstPrompt(path: string): Promise<string | undefined> {
  for await (const { event, end } of readEventsForwards(openRecording(path))) {
    if (event.kind === 'user_message') return event.content.map(textOfPart).join(' ');
    if (end > MAX_PROMPT_BYTES) return undefined;
  }
  return undefined;
}

function textOfPart(part: ContentPart): string {
  return part.type === 'text' ? part.text : `[${part.type}]`;
}
