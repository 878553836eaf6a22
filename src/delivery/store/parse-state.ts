import { asArray, asNumber, asObject, asText, compact, type JsonObject } from '../../platform/json.js';
import { storedRunContext } from '../../settings/run-context.js';
import type { FileCursor, SentPart, ThreadState, TurnEntry, TurnStatus, Waiting } from './thread-state.js';

/** What the text of a state file turned out to be. */
export type ParsedState =
  | { readonly kind: 'state'; readonly state: ThreadState }
  /** Written by a later version of ours, which knows more than this one. */
  | { readonly kind: 'newer' }
  /** Not a whole state of this thread. */
  | { readonly kind: 'damaged' };

const VERSION = 2;
const STATUSES: readonly string[] = ['enqueued', 'retry', 'delivered', 'rejected', 'lost', 'skipped'];

/**
 * Reads the text of a state file. Who sends many turns of a thread adds a line with the whole state after each: the
 * last one counts, or the one before where the last was not written to its end.
 * @param key the file that a state of version 1 is about: it knew only one a thread
 */
export function parseThreadState(text: string, threadId: string, key = threadId): ParsedState {
  const [last = '', before] = text.split('\n').reverse();
  const parsed = parseState(last, threadId, key);
  return parsed.kind === 'damaged' && before !== undefined ? parseState(before, threadId, key) : parsed;
}

/** One state's text, of version 2 or 1. */
function parseState(text: string, threadId: string, key: string): ParsedState {
  let object: JsonObject | undefined;
  try {
    object = asObject(JSON.parse(text));
  } catch {
    return { kind: 'damaged' };
  }
  const version = asNumber(object?.['version']);
  if (!object || version === undefined) return { kind: 'damaged' };
  if (version > VERSION) return { kind: 'newer' };
  const state = version === VERSION ? version2(object, threadId) : version1(object, threadId, key);
  return state ? { kind: 'state', state } : { kind: 'damaged' };
}

function version2(object: JsonObject, threadId: string): ThreadState | undefined {
  const origin = asObject(object['origin']);
  const file = asText(origin?.['file']);
  const start = asOffset(origin?.['start']);
  const cursors = asObject(object['files']);
  if (object['threadId'] !== threadId || file === undefined || start === undefined || !cursors)
    return undefined;
  const files: Record<string, FileCursor> = {};
  for (const [key, value] of Object.entries(cursors)) {
    const cursor = asOffset(asObject(value)?.['cursor']);
    if (cursor === undefined) return undefined;
    files[key] = compact({ cursor, total: asNumber(asObject(value)?.['total']) });
  }
  return compact({
    version: VERSION,
    threadId,
    cwd: asText(object['cwd']),
    place: asText(object['place']),
    origin: { file, start },
    files,
    delivered: asNumber(object['delivered']) ?? 0,
    turns: asArray(object['turns']).flatMap(readTurn),
    waiting: readWaiting(object['waiting']),
  });
}

function readTurn(value: unknown): TurnEntry[] {
  const entry = asObject(value);
  const file = asText(entry?.['file']);
  const start = asNumber(entry?.['start']);
  const status = asText(entry?.['status']);
  if (!entry || file === undefined || start === undefined || !isStatus(status)) return [];
  return [
    compact({
      file,
      start,
      status,
      turnId: asText(entry['turnId']),
      item: asText(entry['item']),
      client: asText(entry['client']),
      run: storedRunContext(entry['run']),
      total: asNumber(entry['total']),
      refusals: asNumber(entry['refusals']),
      failures: asNumber(entry['failures']),
      sentPart: readSentPart(entry['sentPart']),
      at: asText(entry['at']),
      httpStatus: asNumber(entry['httpStatus']),
      message: asText(entry['message']),
    }),
  ];
}

function readSentPart(value: unknown): SentPart | undefined {
  const spans = asNumber(asObject(value)?.['spans']);
  const digest = asText(asObject(value)?.['digest']);
  return spans === undefined || digest === undefined ? undefined : { spans, digest };
}

function isStatus(status: string | undefined): status is TurnStatus {
  return status !== undefined && STATUSES.includes(status);
}

/**
 * Version 1 knew one file a thread, and four lists: `announced` (from the cursor on), `owed` (before
 * it), `setAside` (given up), `early` (starts of turns before the origin that were sent).
 */
function version1(object: JsonObject, threadId: string, file: string): ThreadState | undefined {
  const origin = asOffset(object['origin']);
  const cursor = asOffset(object['cursor']);
  if (object['threadId'] !== file || origin === undefined || cursor === undefined) return undefined;
  const turns: TurnEntry[] = [
    ...asArray(object['early']).flatMap((start) => earlyTurn(file, start)),
    ...asArray(object['owed']).flatMap((value) =>
      readTurn({ ...asObject(value), file, status: hasTries(value) ? 'retry' : 'enqueued' }),
    ),
    ...asArray(object['setAside']).flatMap((value) => setAsideTurn(file, value)),
    ...asArray(object['announced']).flatMap((value) => {
      const status = asObject(value)?.['leaveOut'] === true ? 'skipped' : 'enqueued';
      return readTurn({ ...asObject(value), file, status });
    }),
  ];
  return compact({
    version: VERSION,
    threadId,
    cwd: asText(object['cwd']),
    origin: { file, start: origin },
    files: { [file]: compact({ cursor, total: asNumber(object['total']) }) },
    delivered: asNumber(object['sent']) ?? 0,
    turns,
    waiting: readWaiting(object['waiting']),
  });
}

function earlyTurn(file: string, value: unknown): TurnEntry[] {
  const start = asNumber(value);
  return start === undefined ? [] : [{ file, start, status: 'delivered' }];
}

/** Status 0 was written of turns whose recording did not hold them any more. */
function setAsideTurn(file: string, value: unknown): TurnEntry[] {
  const entry = asObject(value);
  const httpStatus = asNumber(entry?.['status']) || undefined;
  const status = httpStatus === undefined ? 'lost' : 'rejected';
  return readTurn({ ...entry, file, status, httpStatus });
}

function hasTries(value: unknown): boolean {
  const entry = asObject(value);
  return (asNumber(entry?.['refusals']) ?? 0) + (asNumber(entry?.['failures']) ?? 0) > 0;
}

function readWaiting(value: unknown): Waiting | undefined {
  const waiting = asObject(value);
  return (
    waiting && {
      since: asText(waiting['since']) ?? '',
      reason: asText(waiting['reason']) ?? 'unknown',
      blocked: waiting['blocked'] === true,
    }
  );
}

function asOffset(value: unknown): number | undefined {
  const offset = asNumber(value);
  return offset !== undefined && offset >= 0 ? offset : undefined;
}
