import { serverHealth } from '../../mlflow/rest-api.js';
import type { Destination } from '../../mlflow/server.js';
import { serverKey } from '../store/throttle.js';

/** What a server makes of live spans. */
export type LiveServer =
  /** `countsOnce`: the tokens of a span that comes twice count once, so that live spans may tell them. */
  | { readonly kind: 'live'; readonly countsOnce: boolean }
  | { readonly kind: 'none'; readonly reason: string };

/** For the question which MLflow it is, in ms. */
const QUESTION_MS = 3000;
/** A server may be renewed while it is used. */
const REMEMBERED_MS = 10 * 60 * 1000;

/**
 * Asks servers for their version, each once in ten minutes. Live spans were tried with MLflow 3.10.1 to
 * 3.18.0; 3.10.1 and 3.14.0 add the tokens of a span that comes again to those it had, 3.15.0 and later
 * replace them. Of whatever does not tell a version (a Collector) the worse is taken for granted.
 */
export class LiveServers {
  readonly #known = new Map<string, { readonly untilMs: number; readonly server: Promise<LiveServer> }>();

  of(destination: Destination, nowMs = Date.now()): Promise<LiveServer> {
    const key = serverKey(destination);
    const known = this.#known.get(key);
    if (known && known.untilMs > nowMs) return known.server;
    const server = ask(destination);
    this.#known.set(key, { untilMs: nowMs + REMEMBERED_MS, server });
    return server;
  }
}

async function ask(destination: Destination): Promise<LiveServer> {
  if (destination.server === 'databricks')
    return { kind: 'none', reason: 'a Databricks workspace takes a turn whole' };
  if (destination.server === 'collector') return { kind: 'live', countsOnce: false };
  const health = await serverHealth(destination, QUESTION_MS);
  return health.kind === 'mlflow' ? serverOfVersion(health.version) : { kind: 'live', countsOnce: false };
}

/** What follows from MLflow's version (`3.17.2`, `3.18.0rc1`). */
export function serverOfVersion(version: string): LiveServer {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const isBefore = (wanted: number) => major < 3 || (major === 3 && minor < wanted);
  if (isBefore(10)) return { kind: 'none', reason: `MLflow ${version} is older than 3.10` };
  return { kind: 'live', countsOnce: !isBefore(15) };
}
