import type { OrProblem } from '../platform/problems/problem.js';
import { proxyFor } from './proxy.js';
import { type CertificateFiles, type TlsOptions, tlsOptions } from './tls-options.js';

/** How an address is reached. */
export interface Reach {
  tls: TlsOptions;
  /** An HTTP proxy's address; may hold credentials. */
  proxy?: string;
}

/** Proxy and TLS for an address, judged by its own name. */
export function reachOf(url: URL, env: NodeJS.ProcessEnv, files: CertificateFiles = {}): OrProblem<Reach> {
  const proxy = proxyFor(url, env);
  if (proxy.kind === 'problem') return proxy;
  const tls = url.protocol === 'https:' ? tlsOptions(env, files) : { kind: 'value' as const, value: {} };
  if (tls.kind === 'problem') return tls;
  const through = proxy.value === undefined ? {} : { proxy: proxy.value };
  return { kind: 'value', value: { tls: tls.value, ...through } };
}

/** The same for a host that is not the tracking server: it never sees the client's certificate. */
export function reachOfOther(url: URL, env: NodeJS.ProcessEnv): OrProblem<Reach> {
  return reachOf(url, { ...env, MLFLOW_TRACKING_CLIENT_CERT_PATH: '' });
}
