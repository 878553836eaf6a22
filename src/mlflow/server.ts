import { envText } from '../platform/environment.js';
import { headerValue, type OrProblem, problem } from '../platform/problem.js';
import { isThisMachine, readTrackingUri, withoutTrailingSlash } from '../settings/tracking-uri.js';
import { authorization } from './credentials.js';
import type { DatabricksTarget } from './databricks/target.js';
import { type Reach, reachOf } from './reach.js';

/** Where spans go, and how. */
export interface Destination extends Reach {
  /** The whole OTLP endpoint; for Databricks the workspace's own address. */
  url: string;
  /** The server's base address without a trailing slash: for links and questions; a collector's own address. */
  trackingUri: string;
  /** For Databricks what the settings name: the trace location, else the experiment's id or name. */
  experimentId: string;
  /** Names in small letters. Holds credentials: for the wire only, never for a log. */
  headers: Record<string, string>;
  /** `gzip`: the server is another host, and large bodies are worth compressing. */
  compression: 'gzip' | 'none';
  /** `collector`: the address was given whole, and may not be MLflow's; the others answer MLflow's REST calls. */
  server: 'mlflow' | 'collector' | 'databricks';
  /** Set for Databricks alone, which has a wire of its own. */
  databricks?: DatabricksTarget;
}

/** A server and how it is reached: a destination that lacks its experiment. */
export type Server = Omit<Destination, 'experimentId'>;

/** What names a server; `sources` only tells whom to blame. */
export interface ServerSettings {
  trackingUri: string;
  sources?: { trackingUri: string };
}

/** A server; or a Databricks workspace, which `databricks/` knows how to reach. */
export type ServerResult = OrProblem<Server> | { kind: 'databricks'; profile?: string };

/** The server alone, without a word over the network. */
export function resolveServer(
  settings: ServerSettings,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): ServerResult {
  const uri = readTrackingUri(settings.trackingUri);
  if (uri.kind === 'problem') {
    const from = settings.sources?.trackingUri === 'environment' ? ' (MLFLOW_TRACKING_URI)' : '';
    return problem(uri.code, `${uri.message}${from}`, uri.hint);
  }
  if (uri.kind === 'databricks') return uri;

  const trackingUri = withoutTrailingSlash(uri.url);
  const isWhole = trackingUri.endsWith('/v1/traces');
  const url = `${trackingUri}${isWhole ? '' : '/v1/traces'}${uri.url.search}`;
  const reach = reachOf(uri.url, env);
  if (reach.kind === 'problem') return reach;
  const auth = authorization(env, homeDir);
  if (auth.kind === 'problem') return auth;
  const headers: Record<string, string> = {};
  if (auth.value !== undefined) headers['authorization'] = auth.value;
  const workspace = envText(env, 'MLFLOW_WORKSPACE');
  if (workspace !== undefined) {
    const checked = headerValue(workspace, 'MLFLOW_WORKSPACE');
    if (checked.kind === 'problem') return checked;
    headers['x-mlflow-workspace'] = checked.value;
  }
  const server = isWhole ? 'collector' : 'mlflow';
  const compression = isThisMachine(uri.url) ? 'none' : 'gzip';
  return { kind: 'value', value: { url, trackingUri, headers, compression, ...reach.value, server } };
}
