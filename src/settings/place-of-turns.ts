import { envText } from '../platform/environment.js';
import { sha256 } from '../platform/sha256.js';
import { normalTrackingUri } from './tracking-uri.js';

/** Variables that say where turns go, before any file does: MLflow's, and Databricks' for a workspace. */
const MLFLOW = [
  'MLFLOW_TRACKING_URI',
  'MLFLOW_EXPERIMENT_ID',
  'MLFLOW_EXPERIMENT_NAME',
  'MLFLOW_TRACE_LOCATION',
  'MLFLOW_WORKSPACE',
];
const DATABRICKS = ['DATABRICKS_HOST', 'DATABRICKS_CONFIG_PROFILE', 'DATABRICKS_CONFIG_FILE'];

/**
 * What an environment says of where turns go, kept with a thread: a hook of another shell must not send its
 * turns to where its own shell says. Two digests, since an address may hold a password.
 */
export function placeInEnvironment(env: NodeJS.ProcessEnv): string {
  return `${digestOf(env, MLFLOW)} ${digestOf(env, DATABRICKS)}`;
}

/**
 * Whether two environments say the same of where turns go.
 * @param a as `placeInEnvironment` tells it
 * @param toWorkspace the turns go to a workspace: then Databricks' variables count as well
 */
export function isSamePlace(a: string, b: string, toWorkspace: boolean): boolean {
  return toWorkspace ? a === b : a.split(' ')[0] === b.split(' ')[0];
}

function digestOf(env: NodeJS.ProcessEnv, names: readonly string[]): string {
  const values = names.map((name) => {
    const value = envText(env, name) ?? '';
    return name === 'MLFLOW_TRACKING_URI' ? normalTrackingUri(value) : value;
  });
  return sha256(values.join('\n')).slice(0, 12);
}
