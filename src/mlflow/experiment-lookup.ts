import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../platform/files/write-whole.js';
import { type OrProblem, problem } from '../platform/problems/problem.js';
import { sha256 } from '../platform/sha256.js';
import { askServer, createExperiment, serverTrouble } from './rest-api.js';
import type { Server } from './server.js';

/** Which experiment, and where. */
export interface ExperimentQuestion {
  server: Server;
  name: string;
  /** How long the server may take, in milliseconds. */
  timeoutMs: number;
}

/** Asks the server for an experiment's id (`GET get-by-name`, MLflow 3.17.2). A deleted one is a problem too. */
export async function lookUpExperiment(question: ExperimentQuestion): Promise<OrProblem<string>> {
  const { server, name, timeoutMs } = question;
  const { trackingUri } = server;
  const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
  const answer = await askServer(server, 'GET', path, { timeoutMs });
  const wait = 'Start the server, or name the experiment by its id (experimentId), which needs no look-up';
  if (answer.kind === 'failed') {
    const what = `The experiment "${name}" could not be looked up at ${trackingUri}: ${answer.reason}`;
    return { ...problem('experiment-lookup-failed', what, wait), ...serverTrouble(answer) };
  }
  if (answer.status === 404 && answer.body.includes('RESOURCE_DOES_NOT_EXIST')) {
    const what = `There is no experiment "${name}" at ${trackingUri}`;
    return problem(
      'experiment-not-found',
      what,
      `mlflow experiments create --experiment-name ${JSON.stringify(name)}`,
    );
  }
  if (answer.status === 401 || answer.status === 403) {
    const what = `${trackingUri} refused to look up the experiment "${name}" (HTTP ${answer.status})`;
    return problem(
      'experiment-lookup-refused',
      what,
      answer.body.startsWith('Invalid Host header')
        ? 'Start MLflow with --allowed-hosts and this name, or use its IP address'
        : 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
    );
  }
  const found = answer.status === 200 ? experimentIn(answer.body) : undefined;
  if (found === undefined) {
    const what = `${trackingUri} did not answer as MLflow does when asked for the experiment "${name}" (HTTP ${answer.status})`;
    return { ...problem('experiment-lookup-failed', what, wait), ...serverTrouble(answer) };
  }
  if (found.stage !== 'active') {
    const what = `The experiment "${name}" at ${trackingUri} is deleted`;
    return problem(
      'experiment-deleted',
      what,
      `mlflow experiments restore --experiment-id ${found.id}, or choose another with mlflow-codex setup`,
    );
  }
  return { kind: 'value', value: found.id };
}

function experimentIn(body: string): { id: string; stage: string } | undefined {
  try {
    const { experiment } = JSON.parse(body) as { experiment?: Record<string, unknown> };
    const id = experiment?.['experiment_id'];
    if (typeof id !== 'string' || !/^\d+$/.test(id)) return undefined;
    return { id, stage: String(experiment?.['lifecycle_stage'] ?? 'active') };
  } catch {
    return undefined;
  }
}

/** Another hook may make it between the question and the answer: then it is there. */
async function findOrMake(question: ExperimentQuestion): Promise<OrProblem<string>> {
  const found = await lookUpExperiment(question);
  if (found.kind === 'value' || found.code !== 'experiment-not-found') return found;
  const { server, name, timeoutMs } = question;
  const made = await createExperiment(server, name, timeoutMs);
  if (made.kind === 'value') return made;
  const again = await lookUpExperiment(question);
  return again.kind === 'value' ? again : made;
}

const DAY_MS = 86_400_000;

/**
 * The experiment's id, with a memory of a day in the state folder, so that not every turn asks. What
 * cannot be kept is asked for again.
 * @param options.nowMs the time, in milliseconds since 1970
 * @param options.makesExperiment whether one that is not there is made
 */
export async function experimentIdByName(
  question: ExperimentQuestion,
  stateDir: string,
  { nowMs, makesExperiment }: { nowMs: number; makesExperiment: boolean },
): Promise<OrProblem<string>> {
  const { server, name } = question;
  const whole = [server.trackingUri, server.headers['x-mlflow-workspace'] ?? '', name].join('\n');
  const key = sha256(whole).slice(0, 32);
  const file = path.join(stateDir, 'experiments', `${key}.json`);
  const kept = keptId(file, nowMs);
  if (kept !== undefined) return { kind: 'value', value: kept };
  const found = makesExperiment ? await findOrMake(question) : await lookUpExperiment(question);
  if (found.kind === 'value') keep(file, { id: found.value, atMs: nowMs });
  return found;
}

/** Forgets all ids: a server that knows an experiment no more may have it again under another one. */
export function forgetExperimentIds(stateDir: string): void {
  try {
    rmSync(path.join(stateDir, 'experiments'), { recursive: true });
  } catch {
    // There is none; or root made it, say: the ids in it last for a day.
  }
}

function keptId(file: string, nowMs: number): string | undefined {
  try {
    const { id, atMs } = JSON.parse(readFileSync(file, 'utf8')) as { id: unknown; atMs: unknown };
    const isFresh = typeof atMs === 'number' && nowMs >= atMs && nowMs - atMs < DAY_MS;
    return isFresh && typeof id === 'string' && /^\d+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function keep(file: string, entry: { id: string; atMs: number }): void {
  try {
    writeWhole(file, JSON.stringify(entry));
  } catch {
    // What cannot be kept is asked for again; `status` names a folder that is not ours.
  }
}
