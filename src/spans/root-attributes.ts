import { ATTR_SESSION_ID, ATTR_USER_ID } from '@opentelemetry/semantic-conventions/incubating';
import type { SessionMeta } from '../codex/lines/rollout-event.js';
import { compact } from '../platform/json.js';
import type { Turn } from '../turn/turn.js';
import { MLFLOW_TRACE_NAME_TAG, MLFLOW_TRACE_TAG_PREFIX } from './mlflow-attributes.js';
import type { TraceOptions, TurnPlacement } from './span-context.js';
import type { AttributeValue } from './span-spec.js';

/**
 * What only a trace's root says: session, user, and tags. MLflow's search and its filter menu know tags
 * and no attributes of a root, so what people filter by is a tag; a configured tag of the same name wins.
 */
export function rootAttributes(
  turn: Turn,
  meta: SessionMeta | undefined,
  placement: TurnPlacement,
  options: TraceOptions,
): { [key: string]: AttributeValue } {
  const tags = compact({
    'codex.outcome': turn.outcome,
    'codex.model': turn.model,
    'codex.client': options.client ?? meta?.originator,
    'git.repository': repositoryName(meta?.git?.repositoryUrl),
    'git.branch': meta?.git?.branch,
    'caller.trace_id': options.caller?.traceId,
    ...options.tags,
    [MLFLOW_TRACE_NAME_TAG]: 'codex',
  });
  return compact({
    [ATTR_SESSION_ID]: placement.root.threadId || undefined,
    [ATTR_USER_ID]: options.userId,
    ...Object.fromEntries(
      Object.entries(tags).map(([key, value]) => [`${MLFLOW_TRACE_TAG_PREFIX}${key}`, value]),
    ),
  });
}

/** `owner/name` of a remote, whichever way it is written, without host, credentials and `.git`. */
export function repositoryName(url: string | undefined): string | undefined {
  const path = url?.match(/^(?:[a-z][a-z0-9+.-]*:\/\/[^/]+\/|[^/:]+:(?!\/\/))(.+)$/i)?.[1];
  const name = path?.split(/[?#]/)[0]?.replace(/^\/+|\/+$|(?:\.git)?\/*$/g, '');
  return name || undefined;
}
