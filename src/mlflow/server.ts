import { inHome } from '../platform/files/folders.js';
import { compact } from '../platform/json.js';
import { headerValue, type OrProblem, problem } from '../platform/problems/problem.js';
import { envText } from '../platform/process/environment.js';
import { isThisMachine, readTrackingUri, withoutTrailingSlash } from '../settings/files/tracking-uri.js';
import type { OwnerSettings } from '../settings/owner-settings.js';
import { authorization } from './credentials.js';
import type { DatabricksTarget } from './databricks/target.js';
import { type Reach, reachOf } from './reach.js';
import type { CertificateFiles } from './tls-options.js';

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
  /** On the resource of every span, beside ours. */
  resourceAttributes?: Readonly<Record<string, string>>;
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
  owner?: OwnerSettings;
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
  const { owner } = settings;
  const reach = reachOf(uri.url, env, certificateFiles(owner, homeDir));
  if (reach.kind === 'problem') return reach;
  const auth = authorization(env, homeDir, owner?.tokenFile && inHome(owner.tokenFile, homeDir));
  if (auth.kind === 'problem') return auth;
  const headers: Record<string, string> = { ...owner?.headers };
  if (auth.value !== undefined) headers['authorization'] = auth.value;
  const workspace = envText(env, 'MLFLOW_WORKSPACE');
  if (workspace !== undefined) {
    const checked = headerValue(workspace, 'MLFLOW_WORKSPACE');
    if (checked.kind === 'problem') return checked;
    headers['x-mlflow-workspace'] = checked.value;
  }
  const server = isWhole ? 'collector' : 'mlflow';
  const compression = isThisMachine(uri.url) ? 'none' : 'gzip';
  const { resourceAttributes } = owner ?? {};
  const where = { url, trackingUri, headers, compression, ...reach.value, server } as const;
  return { kind: 'value', value: compact({ ...where, resourceAttributes }) };
}

function certificateFiles(owner: OwnerSettings | undefined, homeDir: string): CertificateFiles {
  const { serverCertPath, clientCertPath } = owner ?? {};
  return compact({
    serverCertPath: serverCertPath && inHome(serverCertPath, homeDir),
    clientCertPath: clientCertPath && inHome(clientCertPath, homeDir),
  });
}
