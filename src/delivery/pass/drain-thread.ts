import path from 'node:path';
import { findChildThreads } from '../../codex/family/find-children.js';
import { compact } from '../../platform/json.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { PassState, UNWRITABLE } from '../run/pass-state.js';
import { bothPasses, type Drained, failedBy, type ThreadOutcome } from '../run/thread-outcome.js';
import {
  clearPending,
  dropAnnouncement,
  markedRecordings,
  markPending,
  readAnnouncements,
} from '../store/inbox.js';
import { type Lock, tryLock } from '../store/lock/lock.js';
import { keepDamagedState, loadThreadState } from '../store/state-file.js';
import { isPending, RECORDING_GONE } from '../store/thread-state.js';
import { dropStale, giveUpGone } from './give-up.js';
import {
  type OpenThread,
  openPorts,
  openThread,
  type ThreadOptions,
  type ThreadPorts,
} from './open-thread.js';
import { SendPass } from './send-pass.js';

export type { ThreadOptions } from './open-thread.js';

/**
 * Sends what is pending of one thread, oldest first: announced turns, turns whose end Codex did not
 * announce, and those a server did not take before. A thread that is not known yet begins with its
 * announced turn. Announcements that other hooks leave meanwhile, because they find the thread in our
 * hands, are taken over. Never throws: a recording that cannot be read is an outcome like others.
 */
export async function drainThread(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions = {},
): Promise<ThreadOutcome> {
  let outcome = await passOnce(run, threadId, options);
  const seen = new Set<string>();
  while (outcome.kind === 'drained' && run.requestMs() > 0) {
    const fresh = readAnnouncements(run.options.stateDir, threadId).filter(({ file }) => !seen.has(file));
    if (fresh.length === 0) break;
    for (const { file } of fresh) seen.add(file);
    const next = await passOnce(run, threadId, options);
    // Another hook is at it, and sees what we see.
    if (next.kind !== 'drained') break;
    outcome = bothPasses(outcome, next);
  }
  return outcome;
}

/**
 * The same, and then the threads that belong to the sent turns, and theirs: subagents, and those that
 * Codex started for itself beside them (reviewers of approvals), of which nothing is announced.
 */
export async function drainFamily(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions = {},
  seen: Set<string> = new Set(),
): Promise<ThreadOutcome> {
  seen.add(threadId);
  const outcome = await drainThread(run, threadId, options);
  if (outcome.kind === 'segment' && !seen.has(outcome.threadId))
    return drainFamily(run, outcome.threadId, options, seen);
  if (outcome.kind !== 'drained') return outcome;
  const cwd = outcome.state.cwd ?? options.cwd;
  for (const childId of await childrenOf(run, threadId, outcome)) {
    if (seen.has(childId) || run.requestMs() === 0) continue;
    await drainFamily(run, childId, compact({ whole: true, cwd }), seen);
  }
  return outcome;
}

/** The threads that belong to the turns sent in a pass; none where none was sent. */
export async function childrenOf(run: DeliveryRun, threadId: string, outcome: Drained): Promise<string[]> {
  if (outcome.sent === 0) return [];
  const agents = outcome.agents.map(({ agentThreadId }) => agentThreadId);
  const others = await findChildThreads(run.options.codexHome, threadId, outcome.sinceMs);
  return [...new Set([...agents, ...others.map((child) => child.threadId)])];
}

/**
 * One pass over a recording and a store of the caller's, which no other process knows: no lock is
 * needed, and nothing is left behind.
 */
export async function drainApart(run: DeliveryRun, ports: ThreadPorts): Promise<ThreadOutcome> {
  try {
    const opened = await openPorts(run, ports, {});
    return opened.kind === 'closed' ? opened.outcome : await send(run, opened);
  } catch (error) {
    return failedBy(error);
  }
}

async function passOnce(run: DeliveryRun, threadId: string, options: ThreadOptions): Promise<ThreadOutcome> {
  const lock = await tryLock(run.options.stateDir, threadId);
  if (!lock) return { kind: 'busy' };
  try {
    return await pass(run, threadId, options, lock);
  } catch (error) {
    return failedBy(error);
  } finally {
    await lock.release();
  }
}

async function pass(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions,
  lock: Lock,
): Promise<ThreadOutcome> {
  const { stateDir, codexHome } = run.options;
  const recordings = options.recordings ?? markedRecordings(stateDir, threadId);
  const opened = await openThread(run, threadId, { ...options, recordings }, lock.isHeld);
  if (opened.kind === 'closed') {
    // What a newer version or a run of another environment has in hand is left to it, its announcements as well.
    if (!['failed', 'elsewhere'].includes(opened.outcome.kind)) dropStale(stateDir, opened.mail, Date.now());
    return opened.outcome.kind === 'no recording'
      ? withoutRecording(stateDir, opened.outcome)
      : opened.outcome;
  }
  const elsewhere = recordings.filter((recording) => !recording.path.startsWith(`${codexHome}${path.sep}`));
  markPending(stateDir, threadId, elsewhere);
  if (opened.isDamaged) keepDamagedState(stateDir, threadId);
  const outcome = await send(run, opened, () => {
    for (const file of opened.located.keys()) dropAnnouncement(file);
  });
  const left = opened.mail.filter(({ file }) => !opened.located.has(file));
  const lost = dropStale(stateDir, left, Date.now());
  if (outcome.kind === 'drained' && outcome.pending === undefined && !outcome.state.turns.some(isPending))
    clearPending(stateDir, threadId);
  if (outcome.kind !== 'drained' || lost === 0) return outcome;
  const loaded = loadThreadState(stateDir, threadId);
  const state = loaded.kind === 'state' ? loaded.state : outcome.state;
  return { ...outcome, state, lost: outcome.lost + lost };
}

/** @param onSaved the store holds now what was announced */
async function send(run: DeliveryRun, thread: OpenThread, onSaved = () => {}): Promise<ThreadOutcome> {
  const { recording, store, state, stored, route, located } = thread;
  const begun = new PassState(store, state, stored);
  if (!begun.saveChanges()) return { kind: 'not saved', reason: UNWRITABLE.reason };
  onSaved();
  if (route.kind === 'problem') begun.wait({ reason: route.detail, blocked: !route.passes });
  else await new SendPass(run, recording, begun).send(route);
  return { ...begun.result(), located };
}

function withoutRecording(
  stateDir: string,
  outcome: ThreadOutcome & { kind: 'no recording' },
): ThreadOutcome {
  if (!outcome.state) return outcome;
  const state = giveUpGone(stateDir, outcome.state, Date.now());
  const isWaiting = state.turns.some(isPending) || state.waiting !== undefined;
  return compact({
    kind: 'no recording',
    state,
    pending: isWaiting ? RECORDING_GONE : undefined,
  });
}
