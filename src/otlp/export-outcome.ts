import { compact } from '../platform/json.js';

/**
 * What became of an export, as data.
 * - `sent`: the server answered 2xx; it is not sent again.
 * - `pending`: try again later. `blocked`: only after somebody has mended something (credentials, the
 *   experiment, the server's backend), so not in a loop.
 * - `rejected`: the server will not take these spans as they are.
 */
export type ExportOutcome =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'pending';
      /** HTTP status, or a word for why there was none: `ECONNREFUSED`, `timeout`, `not HTTP`, … */
      readonly reason: string;
      readonly blocked: boolean;
      /** The server was there, but slow or overloaded: it may take the turn in seconds or minutes. */
      readonly transient?: true;
      /** How long the server asks not to be called, in ms (Retry-After). */
      readonly retryAfterMs?: number;
      /** What was being done, where sending takes several requests: `uploading the spans`. */
      readonly step?: string;
      /** The turn's own affair, such as another turn that it waits for: it says nothing of the server. */
      readonly isTurns?: true;
    }
  | {
      readonly kind: 'rejected';
      readonly status: number;
      /** The server's own words, shortened; may quote what was sent: not for the log. */
      readonly message: string;
    };

/** What the wire told of one attempt. */
export interface WireResult {
  readonly status?: number;
  readonly retryAfter?: string;
  readonly body?: string;
  /** Node's or OpenSSL's code where there was no answer. */
  readonly errorCode?: string;
  /** Whether a connection had come about where there was no answer. */
  readonly reached?: boolean;
}

const MAX_RETRY_AFTER_MS = 10 * 60 * 1000;
const MAX_MESSAGE_LENGTH = 300;
/** Ends of a connection that a busy or restarting server brings about; a broken TLS or HTTP stays broken. */
const CUT_OFF = ['timeout', 'ECONNRESET', 'EPIPE', 'ECONNABORTED'];

/** Sorts an attempt's result. Statuses as MLflow 3.6 to 3.17 and collectors use them. */
export function outcomeOf(result: WireResult, nowMs: number): ExportOutcome {
  const { status } = result;
  if (status === undefined) return withoutAnswer(result);
  if (Math.floor(status / 100) === 2) return { kind: 'sent' };
  const wait = compact({ retryAfterMs: retryAfterOf(result.retryAfter, nowMs) });
  // A redirect would take conversations to an address nobody has agreed to: it counts as no answer.
  if (status < 400) return { kind: 'pending', reason: `redirect (${status})`, blocked: false, ...wait };
  if ([401, 403, 404, 407, 501].includes(status) || isFeatureDisabled(result)) {
    return { kind: 'pending', reason: String(status), blocked: true, ...wait };
  }
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'pending', reason: String(status), blocked: false, transient: true, ...wait };
  }
  return { kind: 'rejected', status, message: serverWords(result.body) };
}

function withoutAnswer({ errorCode: reason = 'no answer', reached }: WireResult): ExportOutcome {
  const isTransient = reached === true && CUT_OFF.includes(reason);
  return { kind: 'pending', reason, blocked: false, ...(isTransient && { transient: true }) };
}

/** MLflow answers 500 FEATURE_DISABLED where a workspace is named and workspaces are off (3.17.2). */
function isFeatureDisabled(result: WireResult): boolean {
  return result.status === 500 && result.body?.includes('FEATURE_DISABLED') === true;
}

/** Seconds or a date (RFC 9110), at most 10 minutes. */
function retryAfterOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(seconds) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, seconds));
}

function serverWords(body: string | undefined): string {
  let words = body ?? '';
  try {
    const json = JSON.parse(words) as { message?: unknown; detail?: unknown };
    const told = json.message ?? json.detail;
    if (typeof told === 'string') words = told;
  } catch {
    // Plain text or HTML: as it is.
  }
  return words.replace(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE_LENGTH);
}
