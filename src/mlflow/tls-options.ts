import { readWithoutWaiting } from '../platform/files/read-without-waiting.js';
import { type OrProblem, problem } from '../platform/problems/problem.js';
import { envFlag, envText } from '../platform/process/environment.js';

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

/** PEM files that a config names; MLflow's variables win. */
export interface CertificateFiles {
  readonly serverCertPath?: string;
  readonly clientCertPath?: string;
}

/**
 * MLflow's TLS variables for Node: a bundle of authorities that replaces the system's, one PEM file
 * with the client's certificate and key, and leave to skip verification. MLflow refuses the first and
 * the last together (3.17.2); here the bundle counts and the server is verified.
 */
export function tlsOptions(env: NodeJS.ProcessEnv, files: CertificateFiles = {}): OrProblem<TlsOptions> {
  const options: TlsOptions = {};
  const server = pem(named(env, SERVER_CERT, 'serverCertPath', files));
  if (server?.kind === 'problem') return server;
  const client = pem(named(env, CLIENT_CERT, 'clientCertPath', files));
  if (client?.kind === 'problem') return client;
  if (server) options.ca = server.value;
  else if (envFlag(env, INSECURE)) options.rejectUnauthorized = false;
  if (client) {
    options.cert = client.value;
    options.key = client.value;
  }
  return { kind: 'value', value: options };
}

/** A PEM file and what names it. */
interface NamedFile {
  readonly file: string;
  readonly by: string;
}

function named(
  env: NodeJS.ProcessEnv,
  variable: string,
  key: keyof CertificateFiles,
  files: CertificateFiles,
): NamedFile | undefined {
  const set = envText(env, variable);
  if (set !== undefined) return { file: set, by: variable };
  const file = files[key];
  return file === undefined ? undefined : { file, by: key };
}

function pem(given: NamedFile | undefined): OrProblem<Buffer> | undefined {
  if (given === undefined) return undefined;
  const { file, by } = given;
  try {
    return { kind: 'value', value: readWithoutWaiting(file) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const what = `${file} (${by}) cannot be read (${code})`;
    return problem('certificate-unreadable', what, `Let ${by} name a readable PEM file`);
  }
}
