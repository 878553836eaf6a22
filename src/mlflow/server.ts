import { envText } from '../platform/environment.js';
import { headerValue, type OrProblem, problem } from '../platform/problem.js';
import { isThisMachine, readTrackingUri, withoutTrailingSlash } from '../settings/tracking-uri.js';
import { authorization } from './credentials.js';
import { databricksAccess, databricksEndpoint } from './databricks.js';
import { proxyFor } from './proxy.js';
import { type TlsOptions, tlsOptions } from './tls-options.js';

/** Where spans go, and how. */
export interface Destination {
  /** The whole OTLP endpoint. */
  url: string;
  /** The server's base address without a trailing slash: for links and questions; a collector's own address. */
  trackingUri: string;
  /** Empty for Databricks, where the trace location stands for it. */
  experimentId: string;
  /** Names in small letters. Holds credentials: for the wire only, never for a log. */
  headers: Record<string, string>;
  /** `gzip`: the server is another host, and large bodies are worth compressing. */
  compression: 'gzip' | 'none';
  tls: TlsOptions;
  /** An HTTP proxy's address; may hold credentials. */
  proxy?: string;
  /** `collector`: the address was given whole, and may not be MLflow's; the others answer MLflow's REST calls. */
  server: 'mlflow' | 'collector' | 'databricks';
}

/** A server and how it is reached: a destination that lacks its experiment. */
export type Server = Omit<Destination, 'experimentId'>;

/** What names a server; `sources` only tells whom to blame. */
export interface ServerSettings {
  trackingUri: string;
  traceLocation?: string | undefined;
  sources?: { trackingUri: string };
}

/** The server alone, without a word over the network. */
export function resolveServer(
  settings: ServerSettings,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): OrProblem<Server> {
  const uri = readTrackingUri(settings.trackingUri);
  if (uri.kind === 'problem') {
    const from = settings.sources?.trackingUri === 'environment' ? ' (MLFLOW_TRACKING_URI)' : '';
    return problem(uri.code, `${uri.message}${from}`, uri.hint);
  }
  if (uri.kind === 'databricks') return databricks(uri.profile, settings.traceLocation, env, homeDir);

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
  return { kind: 'value', value: { url, trackingUri, headers, ...reach.value, server } };
}

function databricks(
  profile: string | undefined,
  traceLocation: string | undefined,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): OrProblem<Server> {
  const access = databricksAccess(profile, env, homeDir);
  if (access.kind === 'problem') return access;
  const endpoint = databricksEndpoint(access.value, traceLocation);
  if (endpoint.kind === 'problem') return endpoint;
  const { url, headers } = endpoint.value;
  const reach = reachOf(new URL(url), env);
  if (reach.kind === 'problem') return reach;
  const trackingUri = access.value.host;
  return { kind: 'value', value: { url, trackingUri, headers, ...reach.value, server: 'databricks' } };
}

function reachOf(
  url: URL,
  env: NodeJS.ProcessEnv,
): OrProblem<Pick<Destination, 'compression' | 'tls' | 'proxy'>> {
  const proxy = proxyFor(url, env);
  if (proxy.kind === 'problem') return proxy;
  const tls = url.protocol === 'https:' ? tlsOptions(env) : { kind: 'value' as const, value: {} };
  if (tls.kind === 'problem') return tls;
  const compression = isThisMachine(url) ? 'none' : 'gzip';
  const through = proxy.value === undefined ? {} : { proxy: proxy.value };
  return { kind: 'value', value: { compression, tls: tls.value, ...through } };
}
