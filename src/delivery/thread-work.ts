import { errorName } from '../platform/error-name.js';
import type { DeliveryRun } from './delivery-run.js';
import { openThread, type ThreadOptions } from './open-thread.js';
import { dropStale, giveUpGone } from './recording-gone.js';
import { dropAnnouncement, readAnnouncements } from './store/inbox.js';
import { tryLock } from './store/lock.js';
import { clearPending, markPending } from './store/pending.js';
import { keepDamagedState } from './store/state-file.js';
import { ThreadPass, type ThreadResult } from './thread-pass.js';

export type { ThreadOptions } from './open-thread.js';

const NOTHING: Omit<ThreadResult, 'kind'> = { sent: 0, refused: 0, agents: [] };

/**
 * Sends what one thread owes, oldest first: announced turns, turns whose end nobody announced, and
 * those a server did not take before. A thread nobody knows yet begins with its announced turn.
 * Announcements that other hooks leave meanwhile, because they find the thread in our hands, are
 * taken over. Never throws: a recording that cannot be read is a result like others.
 */
export async function workThread(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions = {},
): Promise<ThreadResult> {
  let result = await passOnce(run, threadId, options);
  const seen = new Set<string>();
  while (result.kind === 'done' && run.requestMs() > 0) {
    const fresh = readAnnouncements(run.options.stateDir, threadId).filter(({ file }) => !seen.has(file));
    if (fresh.length === 0) break;
    for (const { file } of fresh) seen.add(file);
    const next = await passOnce(run, threadId, options);
    // Another hook is at it, and sees what we see.
    if (next.kind === 'busy') break;
    result = {
      ...next,
      sent: result.sent + next.sent,
      refused: result.refused + next.refused,
      agents: [...result.agents, ...next.agents],
    };
  }
  return result;
}

/** The same, and then the subagents that the sent turns started, and theirs. */
export async function workFamily(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions = {},
  seen: Set<string> = new Set(),
): Promise<ThreadResult> {
  seen.add(threadId);
  const result = await workThread(run, threadId, options);
  for (const { agentThreadId } of result.agents) {
    if (seen.has(agentThreadId) || run.requestMs() === 0) continue;
    const cwd = result.state?.cwd ?? options.cwd;
    await workFamily(run, agentThreadId, { whole: true, ...(cwd === undefined ? {} : { cwd }) }, seen);
  }
  return result;
}

async function passOnce(run: DeliveryRun, threadId: string, options: ThreadOptions): Promise<ThreadResult> {
  const lock = await tryLock(run.options.stateDir, threadId);
  if (!lock) return { kind: 'busy', ...NOTHING };
  try {
    return await pass(run, threadId, options);
  } catch (error) {
    return { kind: 'failed', ...NOTHING, owed: errorName(error) };
  } finally {
    await lock.release();
  }
}

async function pass(run: DeliveryRun, threadId: string, options: ThreadOptions): Promise<ThreadResult> {
  const { stateDir } = run.options;
  const thread = await openThread(run, threadId, options);
  if (thread.kind !== 'open') dropStale(stateDir, thread.mail, Date.now());
  switch (thread.kind) {
    case 'no recording': {
      const state = thread.known && giveUpGone(stateDir, thread.known, Date.now());
      const isOwed = state !== undefined && (state.owed.length > 0 || state.waiting !== undefined);
      return {
        kind: 'no recording',
        ...NOTHING,
        ...(state && { state }),
        ...(isOwed && { owed: 'the recording of this thread is gone' }),
      };
    }
    case 'unknown':
      return { kind: 'unknown', ...NOTHING, ...(thread.route && { route: thread.route }) };
    case 'closed':
      // Nothing is noted down, and what was owed stays so.
      return { kind: 'done', ...NOTHING, route: thread.route };
  }
  const { route, taken } = thread;
  markPending(stateDir, threadId);
  if (thread.damaged) keepDamagedState(stateDir, threadId);
  const begun = new ThreadPass(run, thread.path, thread.state, thread.stored);
  if (!begun.saveChanges()) return { kind: 'not saved', ...NOTHING, route };
  for (const { file } of taken) dropAnnouncement(file);
  dropStale(
    stateDir,
    thread.mail.filter((mail) => !taken.includes(mail)),
    Date.now(),
  );
  if (route.kind === 'none') begun.wait({ reason: route.detail, blocked: true });
  else await begun.send(route);
  if (begun.isSettled()) clearPending(stateDir, threadId);
  return begun.result(route);
}
