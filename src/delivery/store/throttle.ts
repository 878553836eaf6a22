import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Destination } from '../../mlflow/server.js';
import { writeWhole } from '../../platform/files/write-whole.js';
import { asNumber, asObject } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';

/** Names a server and experiment without telling anybody which. */
export function destinationKey(destination: Destination): string {
  return sha256(
    `${destination.url} ${destination.experimentId} ${destination.headers['x-mlflow-workspace'] ?? ''}`,
  ).slice(0, 16);
}

/** Names a server, whatever the experiment. */
export function serverKey({ url }: Pick<Destination, 'url'>): string {
  return sha256(url).slice(0, 16);
}

/** Retry-After holds a server's hooks no longer than this, jitter included. */
const MAX_HOLD_MS = 10 * 60 * 1000;

/**
 * Until when a server has asked not to be called (`Retry-After`), in ms since the epoch; 0 for not at
 * all. It holds for every hook and for `sync`, 10 minutes at most, so that a clock that was wrong
 * when it was written does not hold for ever.
 */
export function heldUntil(stateDir: string, destination: Destination, nowMs: number): number {
  const until = asNumber(read(stateDir)[serverKey(destination)]) ?? 0;
  return until > nowMs && until <= nowMs + MAX_HOLD_MS ? until : 0;
}

/**
 * How long a server is left alone, in ms. A tenth and a second at most is drawn on top of what it said, so
 * that those it told the same do not all come back at the same moment.
 * @param drawn how much of that, from 0 to 1
 */
export function holdMs(retryAfterMs: number, drawn: number): number {
  return Math.min(MAX_HOLD_MS, Math.ceil(retryAfterMs + drawn * (1000 + retryAfterMs / 10)));
}

/**
 * Remembers a server's wish; past ones are forgotten.
 * @param wish.retryAfterMs as the server said
 */
export function holdServer(
  stateDir: string,
  destination: Destination,
  { retryAfterMs, nowMs }: { retryAfterMs: number; nowMs: number },
): void {
  const untilMs = nowMs + holdMs(retryAfterMs, Math.random());
  const holds = Object.entries(read(stateDir)).filter(([, until]) => (asNumber(until) ?? 0) > nowMs);
  try {
    writeWhole(
      file(stateDir),
      JSON.stringify({ ...Object.fromEntries(holds), [serverKey(destination)]: untilMs }),
    );
  } catch {
    // Then it holds for this run only.
  }
}

function file(stateDir: string): string {
  return path.join(stateDir, 'holds.json');
}

function read(stateDir: string): { readonly [key: string]: unknown } {
  try {
    return asObject(JSON.parse(readFileSync(file(stateDir), 'utf8'))) ?? {};
  } catch {
    return {};
  }
}
