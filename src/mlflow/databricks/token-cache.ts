import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../../platform/files/write-whole.js';
import { asNumber, asObject, asText } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';

/** A token that runs out by itself: the only kind that is ever kept. */
export interface KeptToken {
  readonly accessToken: string;
  readonly expiresAtMs: number;
}

/** Whose token it is; the secret is part of the key so that a new one is asked for at once, never stored. */
interface TokenOwner {
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly cacheDir: string;
}

/** So long before its end a token is not used any more: a request has to get through with it. */
const MARGIN_MS = 60_000;

/** Where tokens that run out by themselves are kept. */
export function tokensDir(stateDir: string): string {
  return path.join(stateDir, 'databricks', 'tokens');
}

/** The token that is kept for a client, if it still lasts. */
export function keptToken(owner: TokenOwner, nowMs: number): string | undefined {
  try {
    const kept = asObject(JSON.parse(readFileSync(fileOf(owner), 'utf8')));
    const lasts = (asNumber(kept?.['expiresAtMs']) ?? 0) > nowMs + MARGIN_MS;
    return lasts ? asText(kept?.['accessToken']) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a token in a file for the user alone (0600); what cannot be kept is asked for again. */
export function keepToken(owner: TokenOwner, token: KeptToken): void {
  try {
    writeWhole(fileOf(owner), JSON.stringify(token));
  } catch {
    // Then the next run asks.
  }
}

function fileOf({ cacheDir, host, clientId, clientSecret }: TokenOwner): string {
  return path.join(cacheDir, `${sha256([host, clientId, clientSecret].join('\n')).slice(0, 32)}.json`);
}
