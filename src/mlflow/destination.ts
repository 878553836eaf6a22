import { codexHome, stateDir } from '../platform/files/folders.js';
import { type Problem, problem } from '../platform/problems/problem.js';
import { isExperimentId } from '../settings/files/tracing-config.js';
import type { Settings } from '../settings/merge-settings.js';
import { experimentIdByName } from './experiment-lookup.js';
import { type Destination, resolveServer } from './server.js';

/** The destination, or what must be mended first; turns are pending meanwhile. */
export type DestinationResult = { kind: 'destination'; destination: Destination } | Problem;

/** How long an experiment's name may take to be looked up, in milliseconds. */
const LOOKUP_TIMEOUT_MS = 3000;

export interface DestinationOptions {
  /** Whether an experiment that a name means is made where there is none, as MLflow's own clients do (the default). */
  makesExperiment?: boolean;
  /** For tests: the time, and how long to wait for the look-up of a name, in milliseconds. */
  nowMs?: number;
  lookupTimeoutMs?: number;
}

/**
 * Makes a destination of the settings, the environment's credentials and files of MLflow's and
 * Databricks' clients in the home folder. Asks the server only where the experiment is given by name
 * (3 s at most; kept for a day in our state folder).
 */
export async function resolveDestination(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  homeDir: string,
  options: DestinationOptions = {},
): Promise<DestinationResult> {
  const found = resolveServer(settings, env, homeDir);
  if (found.kind === 'problem') return found;
  if (found.kind === 'databricks') {
    const { resolveDatabricks } = await import('./databricks/resolve-databricks.js');
    const workspace = resolveDatabricks(settings, found.profile, env, homeDir);
    return workspace.kind === 'problem' ? workspace : { kind: 'destination', destination: workspace.value };
  }
  const server = found.value;
  let { experimentId } = settings;
  if (experimentId === '' && settings.experimentName !== undefined) {
    if (server.server === 'collector') {
      const what = 'An experiment cannot be looked up by its name at an address that ends in /v1/traces';
      const hint = 'Name the experiment by its id (experimentId, MLFLOW_EXPERIMENT_ID)';
      return problem('experiment-name-collector', what, hint);
    }
    const question = {
      server,
      name: settings.experimentName,
      timeoutMs: options.lookupTimeoutMs ?? LOOKUP_TIMEOUT_MS,
    };
    const state = stateDir(codexHome(env, homeDir));
    const { nowMs = Date.now(), makesExperiment = true } = options;
    const id = await experimentIdByName(question, state, { nowMs, makesExperiment });
    if (id.kind === 'problem') return id;
    experimentId = id.value;
  }
  // MLflow takes an empty id for a success and loses the trace (3.17.2).
  if (!isExperimentId(experimentId)) {
    const hint =
      'Set MLFLOW_EXPERIMENT_ID or experimentId to its digits, or MLFLOW_EXPERIMENT_NAME to its name';
    return problem('experiment-id', 'The experiment id is not a number of at most 19 digits', hint);
  }
  const headers = { ...server.headers, 'x-mlflow-experiment-id': experimentId };
  return { kind: 'destination', destination: { ...server, experimentId, headers } };
}
