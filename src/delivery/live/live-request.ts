import type { Destination } from '../../mlflow/server.js';
import type { ExportOutcome } from '../../otlp/export-outcome.js';
import { compact } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';
import { buildLiveSpans, type LiveSpans } from '../../spans/live/running-turn-spans.js';
import { contentPolicy } from '../sending/prepared/content-policy.js';
import { type LiveRecord, liveRecordOf, saveLiveRecord } from '../store/live-records.js';
import { type Lock, tryLock } from '../store/lock/lock.js';
import { holdServer } from '../store/throttle.js';
import type { LivePace } from './live-pace.js';
import type { LiveRoute } from './live-route.js';
import type { LiveTurn } from './live-turn.js';

/** A turn that is to be shown, and where. */
export interface DueTurn {
  readonly live: LiveTurn;
  readonly route: LiveRoute;
}

/** What was taken of a turn. */
interface Part extends DueTurn {
  readonly lock: Lock;
  readonly spans: LiveSpans;
  readonly record: LiveRecord;
}

/**
 * Sends what is new of turns that go to one destination, in one request. Each is in our hands meanwhile,
 * and its end line is looked for once more: so no live request is made after the whole turn was sent.
 * @returns the turns that were in the request
 */
export async function sendLive(
  turns: readonly DueTurn[],
  stateDir: string,
  pace: LivePace,
): Promise<LiveTurn[]> {
  const parts: Part[] = [];
  try {
    let left = pace.spansPerRequest;
    for (const due of turns) {
      const part = await takePart(due, stateDir, left);
      if (part) parts.push(part);
      left = Math.max(0, left - (part?.spans.closed.length ?? 0));
    }
    await request(parts, stateDir, pace);
  } finally {
    for (const { lock } of parts) await lock.release();
  }
  return parts.map(({ live }) => live);
}

async function takePart(due: DueTurn, stateDir: string, maxClosed: number): Promise<Part | undefined> {
  const lock = await tryLock(stateDir, due.live.threadId);
  if (!lock) return undefined;
  try {
    const part = await buildPart(due, stateDir, maxClosed);
    if (part) return { ...due, ...part, lock };
  } catch {
    // Its recording cannot be read now: the next pass, or the whole turn, says why.
  }
  await lock.release();
  return undefined;
}

async function buildPart({ live, route }: DueTurn, stateDir: string, maxClosed: number) {
  const { running } = live;
  await running.readOn();
  const known = running.isOver ? undefined : live.assemble();
  if (!known) return undefined;
  const { settings, placement, countsOnce, cwd } = route;
  const nowMs = Date.now();
  const spans = buildLiveSpans(
    { ...known, meta: running.meta, placement },
    { nowMs, withUsage: countsOnce, sent: live.sent, maxClosed },
    { userId: settings.userId, tags: settings.tags },
    contentPolicy(settings),
    sha256,
  );
  const { threadId, turnId } = live;
  const before = liveRecordOf(stateDir, { threadId, turnId });
  const record: LiveRecord = {
    ...compact({ unclearMs: before?.unclearMs }),
    ...{ threadId, turnId, ...live.at, cwd, countsOnce, seenMs: nowMs },
    requests: (before?.requests ?? 0) + 1,
    spans: (before?.spans ?? 0) + spans.specs.length,
  };
  // A watcher that is killed before the answer leaves behind that there is none.
  saveLiveRecord(stateDir, { ...record, unclearMs: record.unclearMs ?? nowMs });
  return { spans, record };
}

/** Makes the request, where there is anything to be sent. */
async function request(parts: readonly Part[], stateDir: string, pace: LivePace): Promise<void> {
  const [first] = parts;
  if (!first) return;
  const { sender, destination } = first.route;
  const startedMs = Date.now();
  const outcome = await sender.send(
    parts.flatMap(({ spans }) => spans.specs),
    first.live.running.meta?.cliVersion,
    { timeoutMs: pace.requestMs, once: true },
  );
  const tookMs = Date.now() - startedMs;
  for (const { live, spans, record } of parts) {
    live.noteRequest(spans.specs.length, tookMs);
    live.link = linkTo(destination, spans.specs[0]?.traceId);
    if (outcome.kind === 'sent') live.noteSent(spans.closed, spans.isMore, startedMs);
    else live.stopped = whyStopped(outcome, record.countsOnce);
    if (!isClear(outcome)) continue;
    try {
      saveLiveRecord(stateDir, record);
    } catch {
      // It stays without a clear answer: the whole turn is sent once more.
    }
  }
  if (outcome.kind === 'pending' && outcome.retryAfterMs)
    holdServer(stateDir, destination, { retryAfterMs: outcome.retryAfterMs, nowMs: Date.now() });
}

/** A trace's address in MLflow's page (3.10 to 3.18). */
export function linkTo(
  { server, trackingUri, experimentId }: Pick<Destination, 'server' | 'trackingUri' | 'experimentId'>,
  traceId = '',
): string | undefined {
  if (server !== 'mlflow') return undefined;
  return `${trackingUri}/#/experiments/${experimentId}/traces?selectedEvaluationId=tr-${traceId}`;
}

/** Statuses with which nothing was taken, and failures before a connection had come about. */
const NOTHING_TAKEN =
  /^(?:40[1-7]|429|501|redirect.*|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** Whether the server is known to have taken the spans, or not to take them any more. */
export function isClear(outcome: ExportOutcome): boolean {
  return outcome.kind !== 'pending' || NOTHING_TAKEN.test(outcome.reason);
}

/** Why nothing more of a turn is sent live, in words. @param countsOnce as in `LiveServer` */
export function whyStopped(
  outcome: ExportOutcome & { kind: 'pending' | 'rejected' },
  countsOnce: boolean,
): string {
  const why = outcome.kind === 'pending' ? outcome.reason : String(outcome.status);
  if (isClear(outcome)) return why;
  // Nothing is sent again to a server that would count it twice.
  return countsOnce ? `${why}, the whole turn is sent twice` : `${why}; taken late, it would hide the end`;
}
