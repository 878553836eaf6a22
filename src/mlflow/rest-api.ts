import { type OrProblem, type Problem, problem } from '../platform/problems/problem.js';
import { type HttpAnswer, httpRequest } from './http-request.js';
import type { Destination, Server } from './server.js';

/** How long one question to a server may take, in milliseconds: a fresh MLflow needs 7 s for its first answer. */
const QUESTION_TIMEOUT_MS = 8000;

/** Asks an MLflow server, with its credentials. */
export function askServer(
  server: Server,
  method: 'GET' | 'POST',
  path: string,
  options: { body?: unknown; timeoutMs?: number } = {},
): Promise<HttpAnswer> {
  const body = options.body === undefined ? {} : { body: JSON.stringify(options.body) };
  return httpRequest({
    method,
    url: `${server.trackingUri}${path}`,
    headers: {
      ...server.headers,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    timeoutMs: options.timeoutMs ?? QUESTION_TIMEOUT_MS,
    tls: server.tls,
    ...(server.proxy === undefined ? {} : { proxy: server.proxy }),
    ...body,
  });
}

/** Whether an answer says of the server alone that it is overloaded, or not to be reached now. */
export function serverTrouble(answer: HttpAnswer): Pick<Problem, 'server'> {
  if (answer.kind === 'answer') {
    const { status, body } = answer;
    const isBusy = status === 408 || status === 429 || (status >= 500 && status !== 501);
    return isBusy && !body.includes('FEATURE_DISABLED') ? { server: 'slow' } : {};
  }
  const isCutOff = ['TIMEOUT', 'ECONNRESET', 'EPIPE'].includes(answer.code);
  return { server: answer.reached && isCutOff ? 'slow' : 'down' };
}

/** Whether a server answers, and as what. */
export type ServerHealth =
  | { kind: 'mlflow'; version: string }
  | { kind: 'refused'; status: number }
  | { kind: 'other'; status: number }
  /** `isSlow`: somebody is there, and did not answer in time. */
  | { kind: 'down'; reason: string; isSlow: boolean };

/** Asks for MLflow's version (`GET /version`, a bare number). */
export async function serverHealth(server: Server, timeoutMs = QUESTION_TIMEOUT_MS): Promise<ServerHealth> {
  const answer = await askServer(server, 'GET', '/version', { timeoutMs });
  if (answer.kind === 'failed')
    return { kind: 'down', reason: answer.reason, isSlow: answer.code === 'TIMEOUT' };
  if (answer.status === 401 || answer.status === 403) return { kind: 'refused', status: answer.status };
  const version = answer.body.trim();
  if (answer.status === 200 && /^\d+\.\d+/.test(version) && version.length < 40)
    return { kind: 'mlflow', version };
  return { kind: 'other', status: answer.status };
}

/** What a server says of an experiment. */
export type ExperimentState =
  | { kind: 'active' | 'deleted'; name: string }
  | { kind: 'missing' }
  /** MLflow does not answer to the name it was called by (from 3.5 on, without `--allowed-hosts`). */
  | { kind: 'host-refused' }
  | { kind: 'refused'; status: number }
  | { kind: 'unknown'; reason: string };

/** Asks for an experiment by its id: a deleted one still takes spans with a 200 (MLflow 3.17.2) and shows none. */
export async function experimentState(server: Server, id: string): Promise<ExperimentState> {
  const answer = await askServer(server, 'GET', `/api/2.0/mlflow/experiments/get?experiment_id=${id}`);
  if (answer.kind === 'failed') return { kind: 'unknown', reason: answer.reason };
  if (answer.status === 403 && answer.body.startsWith('Invalid Host header')) return { kind: 'host-refused' };
  if (answer.status === 401 || answer.status === 403) return { kind: 'refused', status: answer.status };
  if (answer.status === 404 && answer.body.includes('RESOURCE_DOES_NOT_EXIST')) return { kind: 'missing' };
  const experiment = answer.status === 200 ? experimentOf(answer.body) : undefined;
  if (experiment === undefined) return { kind: 'unknown', reason: `HTTP ${answer.status}` };
  const isActive = (experiment['lifecycle_stage'] ?? 'active') === 'active';
  return { kind: isActive ? 'active' : 'deleted', name: String(experiment['name'] ?? '') };
}

/** Makes an experiment. @returns its id */
export async function createExperiment(
  server: Server,
  name: string,
  timeoutMs = QUESTION_TIMEOUT_MS,
): Promise<OrProblem<string>> {
  const path = '/api/2.0/mlflow/experiments/create';
  const answer = await askServer(server, 'POST', path, { body: { name }, timeoutMs });
  const id = answer.kind === 'answer' && answer.status === 200 ? idOf(answer.body) : undefined;
  if (id !== undefined) return { kind: 'value', value: id };
  const why = answer.kind === 'failed' ? answer.reason : `HTTP ${answer.status}`;
  const what = `The experiment "${name}" could not be made at ${server.trackingUri}: ${why}`;
  const hint = `mlflow experiments create --experiment-name ${JSON.stringify(name)}`;
  return { ...problem('experiment-not-created', what, hint), ...serverTrouble(answer) };
}

/** Whether spans would be taken. */
export type OtlpState =
  | { kind: 'allowed' }
  | { kind: 'refused'; status: number }
  | { kind: 'missing'; status: number }
  | { kind: 'unknown'; reason: string };

/**
 * Asks the OTLP endpoint whether it would take spans, and leaves no trace behind: an empty body, which
 * MLflow (3.17.2) refuses with 400 only after it has let the sender in (401, 403) and a Collector takes
 * for an empty request (200).
 */
export async function otlpState(destination: Destination): Promise<OtlpState> {
  const answer = await httpRequest({
    method: 'POST',
    url: destination.url,
    headers: { ...destination.headers, 'content-type': 'application/x-protobuf' },
    timeoutMs: QUESTION_TIMEOUT_MS,
    tls: destination.tls,
    ...(destination.proxy === undefined ? {} : { proxy: destination.proxy }),
  });
  if (answer.kind === 'failed') return { kind: 'unknown', reason: answer.reason };
  const { status } = answer;
  if (status === 200 || status === 400) return { kind: 'allowed' };
  if (status === 401 || status === 403) return { kind: 'refused', status };
  if (status === 404 || status === 405 || status === 501) return { kind: 'missing', status };
  return { kind: 'unknown', reason: `HTTP ${status}` };
}

function experimentOf(body: string): Record<string, unknown> | undefined {
  try {
    const data = JSON.parse(body) as { experiment?: Record<string, unknown> };
    return typeof data.experiment === 'object' ? data.experiment : undefined;
  } catch {
    return undefined;
  }
}

function idOf(body: string): string | undefined {
  try {
    const id = (JSON.parse(body) as Record<string, unknown>)['experiment_id'];
    return typeof id === 'string' && /^\d+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
