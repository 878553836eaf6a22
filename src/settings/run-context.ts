import { asObject, asText, compact } from '../platform/json.js';
import { envText } from '../platform/process/environment.js';

/** What the environment of one run of Codex says of its turns; kept with a turn until it is sent. */
export interface RunContext {
  /** Trace tags: a CI job, a row of a data set. */
  readonly tags?: { readonly [key: string]: string };
  /** The W3C `traceparent` of whoever started Codex. */
  readonly traceparent?: string;
}

/**
 * Turns of the terminal run in a daemon (0.160 and later), which has the environment of the shell that started it
 * first: the caller that this one names is none of theirs.
 */
const DAEMONS_CLIENT = 'codex-tui';

/**
 * Reads `MLFLOW_CODEX_TAGS` and `TRACEPARENT`.
 * @param client who started the turn
 * @returns undefined where neither says anything
 */
export function readRunContext(env: NodeJS.ProcessEnv, client: string | undefined): RunContext | undefined {
  const context = compact({
    tags: parseTags(envText(env, 'MLFLOW_CODEX_TAGS')),
    traceparent: client === DAEMONS_CLIENT ? undefined : envText(env, 'TRACEPARENT'),
  });
  return Object.keys(context).length > 0 ? context : undefined;
}

/**
 * The caller of a turn's run, as `TRACEPARENT` names it.
 * @param client who started the turn: a Stop hook is not told, so that its announcement may hold a daemon's caller
 */
export function callerOf(run: RunContext | undefined, client: string | undefined): string | undefined {
  return client === DAEMONS_CLIENT ? undefined : run?.traceparent;
}

/** The same as `readRunContext`, from where it was kept. */
export function storedRunContext(value: unknown): RunContext | undefined {
  const object = asObject(value);
  if (!object) return undefined;
  const tags = Object.entries(asObject(object['tags']) ?? {}).flatMap(([key, tag]) =>
    typeof tag === 'string' ? [[key, tag] as const] : [],
  );
  return compact({
    tags: tags.length > 0 ? Object.fromEntries(tags) : undefined,
    traceparent: asText(object['traceparent']),
  });
}

/**
 * `key=value,key=value`; a comma within a value is `%2C`, as in OpenTelemetry's resource attributes. A
 * part without a key or `=` says nothing.
 */
export function parseTags(text: string | undefined): RunContext['tags'] {
  const pairs = partsOf(text).flatMap((part) => tagOf(part) ?? []);
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

/** How many parts of `MLFLOW_CODEX_TAGS` say nothing: what a person wrote otherwise than it is read. */
export function countUnreadTags(env: NodeJS.ProcessEnv): number {
  const parts = partsOf(envText(env, 'MLFLOW_CODEX_TAGS'));
  return parts.filter((part) => part.trim() !== '' && tagOf(part) === undefined).length;
}

function partsOf(text = ''): string[] {
  return text.split(',');
}

function tagOf(part: string): [[key: string, value: string]] | undefined {
  const at = part.indexOf('=');
  const key = part.slice(0, Math.max(at, 0)).trim();
  return key === '' ? undefined : [[decoded(key), decoded(part.slice(at + 1).trim())]];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
