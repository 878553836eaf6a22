import { asArray, asNumber, asObject, asText, type Compact, compact } from '../../platform/json.js';

/** A turn by where its first line stands in the recording: never a copy of what it says. */
export interface OwedTurn {
  /** Byte offset of the turn's first line. */
  readonly start: number;
  readonly turnId?: string;
  readonly client?: string;
  /** The thread's running total of tokens before it, where the recording tells only totals. */
  readonly total?: number;
  /** How often a server has refused it. */
  readonly refusals: number;
  /** How often a server has failed over it, though it was there (5xx, no answer in time). */
  readonly failures: number;
}

/** A turn no server would take, in any form. */
export interface SetAsideTurn {
  readonly start: number;
  readonly turnId?: string;
  /** ISO 8601. */
  readonly at: string;
  readonly status: number;
  /** The server's words, shortened. */
  readonly message: string;
}

/** An announced turn that has not been come to yet. */
export interface AnnouncedTurn {
  readonly start: number;
  readonly client?: string;
  /** It was had where nothing is traced, and is not to be sent. */
  readonly leaveOut?: boolean;
}

/** Why a thread's turns are not sent. */
export interface Waiting {
  /** ISO 8601. */
  readonly since: string;
  readonly reason: string;
  /** Waiting alone will not help. */
  readonly blocked: boolean;
}

/**
 * What is known of one thread: where its recording has been sent to, and what is owed besides.
 * Turns that begin before `origin` were there before we were, and are not owed; those from `cursor`
 * on are owed as soon as they are over; those between are sent, but for `owed` and `setAside`.
 */
export interface ThreadState {
  readonly version: 1;
  readonly threadId: string;
  /** The folder whose tracing config counts for the thread. */
  readonly cwd?: string;
  readonly origin: number;
  readonly cursor: number;
  /** The thread's running total of tokens at the cursor, where the recording tells only totals. */
  readonly total?: number;
  /** How many turns a server has accepted. */
  readonly sent: number;
  /** Starts of turns before the origin that were sent all the same. */
  readonly early: readonly number[];
  readonly owed: readonly OwedTurn[];
  readonly setAside: readonly SetAsideTurn[];
  /** Announced turns from the cursor on, with who announced them. */
  readonly announced: readonly AnnouncedTurn[];
  /** Why the last try did not get through. */
  readonly waiting?: Waiting;
}

/** Reads a state's text: undefined for anything that is not a whole state of this thread. */
export function parseThreadState(text: string, threadId: string): ThreadState | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const object = asObject(json);
  const origin = asNumber(object?.['origin']);
  const cursor = asNumber(object?.['cursor']);
  if (object?.['version'] !== 1 || object['threadId'] !== threadId) return undefined;
  if (origin === undefined || cursor === undefined || origin < 0 || cursor < 0) return undefined;
  const waiting = asObject(object['waiting']);
  return compact({
    version: 1 as const,
    threadId,
    cwd: asText(object['cwd']),
    origin,
    cursor,
    total: asNumber(object['total']),
    sent: asNumber(object['sent']) ?? 0,
    early: asArray(object['early']).flatMap((start) => asNumber(start) ?? []),
    owed: entries(object['owed'], (entry, start) => ({
      start,
      turnId: asText(entry['turnId']),
      client: asText(entry['client']),
      total: asNumber(entry['total']),
      refusals: asNumber(entry['refusals']) ?? 0,
      failures: asNumber(entry['failures']) ?? 0,
    })),
    setAside: entries(object['setAside'], (entry, start) => ({
      start,
      turnId: asText(entry['turnId']),
      at: asText(entry['at']) ?? '',
      status: asNumber(entry['status']) ?? 0,
      message: asText(entry['message']) ?? '',
    })),
    announced: entries(object['announced'], (entry, start) => ({
      start,
      client: asText(entry['client']),
      leaveOut: entry['leaveOut'] === true ? true : undefined,
    })),
    waiting: waiting && {
      since: asText(waiting['since']) ?? '',
      reason: asText(waiting['reason']) ?? 'unknown',
      blocked: waiting['blocked'] === true,
    },
  });
}

function entries<T extends object>(
  value: unknown,
  read: (entry: { readonly [key: string]: unknown }, start: number) => T,
): Compact<T>[] {
  return asArray(value).flatMap((element) => {
    const entry = asObject(element);
    const start = asNumber(entry?.['start']);
    return entry && start !== undefined ? [compact(read(entry, start))] : [];
  });
}
