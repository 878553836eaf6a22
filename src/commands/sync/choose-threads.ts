import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findRollout, listRollouts, threadIdOfFile } from '../../codex/find-rollout.js';
import { isSafeId } from '../../codex/notify-payload.js';
import { readFirstLine } from '../../codex/read-turns.js';
import { UserError } from '../../config/user-error.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import { threadsWithAnnouncements } from '../../delivery/inbox.js';
import { knownThreads } from '../../delivery/look-after-others.js';

/** A thread that `sync` is to look at. */
export interface ChosenThread {
  readonly threadId: string;
  /** All its turns, not only those since we know it. */
  readonly whole: boolean;
  readonly path?: string;
}

export interface Choice {
  readonly named: readonly string[];
  readonly all: boolean;
  /** Recordings written to since then. */
  readonly sinceMs?: number;
}

/** The threads a call of `sync` is about, oldest first, so that traces appear in their order. */
export async function chooseThreads(run: DeliveryRun, choice: Choice): Promise<ChosenThread[]> {
  const { codexHome, stateDir } = run.options;
  if (choice.named.length > 0) return Promise.all(choice.named.map((name) => named(name, codexHome)));
  if (!choice.all && choice.sinceMs === undefined) {
    const known = new Set([...threadsWithAnnouncements(stateDir), ...knownThreads(stateDir)]);
    return [...known].sort().map((threadId) => ({ threadId, whole: false }));
  }
  const threads: ChosenThread[] = [];
  for await (const file of listRollouts(codexHome)) {
    if (file.modifiedMs >= (choice.sinceMs ?? 0))
      threads.push({ threadId: file.threadId, whole: true, path: file.path });
  }
  return threads.reverse();
}

async function named(name: string, codexHome: string): Promise<ChosenThread> {
  if (isSafeId(name)) {
    const found = await findRollout(codexHome, name);
    if (found) return { threadId: name, whole: true, path: found };
    throw new UserError(
      `no recording of thread ${name} below ${codexHome}`,
      'Give the path of a rollout file, or set CODEX_HOME',
    );
  }
  const file = path.resolve(name);
  const isFile = await stat(file)
    .then((found) => found.isFile())
    .catch(() => false);
  if (!isFile)
    throw new UserError(
      `${name} is neither a thread id nor a file`,
      'Rollout files lie in <codex home>/sessions',
    );
  const threadId = threadIdOfFile(file) ?? (await readFirstLine(file))?.threadId;
  if (!threadId)
    throw new UserError(`${file} is not a rollout of Codex`, 'Rollout files lie in <codex home>/sessions');
  return { threadId, whole: true, path: file };
}
