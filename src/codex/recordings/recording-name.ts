import path from 'node:path';

/** What the name of a recording's file says. */
export interface RecordingName {
  readonly threadId: string;
  /** The thread's own id for its first file; the segment's id for one that goes on after a rewind. */
  readonly key: string;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const NAME = new RegExp(`^rollout-(?:.+?-)?(${UUID})(?:_([0-9A-Za-z-]+))?\\.jsonl(?:\\.zst)?$`);

/**
 * Reads `rollout-<local time>-<thread id>.jsonl` and, from Codex 0.169 on, the files in which a thread
 * goes on after a rewind, `rollout-<local time>-<thread id>_<segment id>.jsonl`; both may be compressed
 * (`.zst`). Undefined for any other file.
 */
export function parseRecordingName(file: string): RecordingName | undefined {
  const [, threadId, segmentId] = NAME.exec(path.basename(file)) ?? [];
  return threadId === undefined ? undefined : { threadId, key: segmentId ?? threadId };
}

/** The order of a thread's files: its first one, then its segments by age (their ids are UUIDv7). */
export function compareKeys(threadId: string, a: string, b: string): number {
  if (a === b) return 0;
  if (a === threadId) return -1;
  if (b === threadId) return 1;
  return a < b ? -1 : 1;
}
