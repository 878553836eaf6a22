import type { NotifyPayload } from '../../codex/notify-payload.js';
import { isUsableTurnId } from '../../codex/reading/read-turns.js';
import { compact } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';
import { placeInEnvironment } from '../../settings/place-of-turns.js';
import { readRunContext } from '../../settings/run-context.js';
import type { Announcement } from '../store/inbox.js';

/** An announcement that has just come: the folder its settings count from is known. */
export type FreshAnnouncement = Announcement & { readonly cwd: string };

/**
 * What is kept of what Codex announced, until the turn is sent. Nothing that was said is in it: digests
 * stand for prompt and answer, and only where ids do not tell turns apart (Codex up to 0.80).
 * @param env of the hook, which Codex started
 */
export function announcementOf(payload: NotifyPayload, env: NodeJS.ProcessEnv): FreshAnnouncement {
  const { threadId, turnId, cwd = process.cwd(), client, recording, isSessionEnd } = payload;
  const prompt = payload.inputMessages.at(-1);
  const answer = payload.lastAssistantMessage;
  const isTold = isSessionEnd || isUsableTurnId(turnId);
  return compact({
    threadId,
    atMs: Date.now(),
    turnId,
    cwd,
    client,
    run: readRunContext(env, client),
    place: placeInEnvironment(env),
    recording,
    isSessionEnd,
    promptDigest: isTold || prompt === undefined ? undefined : sha256(prompt),
    answerDigest: isTold || answer === undefined ? undefined : sha256(answer),
  });
}
