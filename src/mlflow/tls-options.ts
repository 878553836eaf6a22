import { readFileSync } from 'node:fs';
import { envFlag, envText } from '../platform/environment.js';
import { type OrProblem, problem } from '../platform/problem.js';

/** What Node's `tls.connect` is given beside its defaults. */
export interface TlsOptions {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  rejectUnauthorized?: boolean;
}

const SERVER_CERT = 'MLFLOW_TRACKING_SERVER_CERT_PATH';
const CLIENT_CERT = 'MLFLOW_TRACKING_CLIENT_CERT_PATH';
const INSECURE = 'MLFLOW_TRACKING_INSECURE_TLS';

/**
 * MLflow's TLS variables for Node: a bundle of authorities that replaces the system's, one PEM file
 * with the client's certificate and key, and leave to skip verification. MLflow refuses the first and
 * the last together (3.17.2); here the bundle counts and the server is verified.
 */
export function tlsOptions(env: NodeJS.ProcessEnv): OrProblem<TlsOptions> {
  const options: TlsOptions = {};
  const server = pem(env, SERVER_CERT);
  if (server?.kind === 'problem') return server;
  const client = pem(env, CLIENT_CERT);
  if (client?.kind === 'problem') return client;
  if (server) options.ca = server.value;
  else if (envFlag(env, INSECURE)) options.rejectUnauthorized = false;
  if (client) {
    options.cert = client.value;
    options.key = client.value;
  }
  return { kind: 'value', value: options };
}

function pem(env: NodeJS.ProcessEnv, variable: string): OrProblem<Buffer> | undefined {
  const file = envText(env, variable);
  if (file === undefined) return undefined;
  try {
    return { kind: 'value', value: readFileSync(file) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const what = `${file} (${variable}) cannot be read (${code})`;
    return problem('certificate-unreadable', what, `Let ${variable} name a readable PEM file`);
  }
}
