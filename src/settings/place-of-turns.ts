import { envText } from '../platform/process/environment.js';
import { sha256 } from '../platform/sha256.js';
import { normalTrackingUri, readTrackingUri } from './files/tracking-uri.js';
import type { Settings } from './merge-settings.js';

/** Variables that say where turns go, before any file does: MLflow's, and Databricks' for a workspace. */
const MLFLOW = [
  'MLFLOW_TRACKING_URI',
  'MLFLOW_EXPERIMENT_ID',
  'MLFLOW_EXPERIMENT_NAME',
  'MLFLOW_TRACE_LOCATION',
  'MLFLOW_WORKSPACE',
];
const DATABRICKS = ['DATABRICKS_HOST', 'DATABRICKS_CONFIG_PROFILE', 'DATABRICKS_CONFIG_FILE'];

/** Where a folder's turns go as its settings have it, before any server is asked. */
export interface Whereabouts {
  /** A digest: an address may hold a password. */
  readonly key: string;
  readonly isWorkspace: boolean;
}

/**
 * What an environment says of where turns go, kept with a thread: a hook of another shell must not send its
 * turns to where its own shell says. Two digests, of MLflow's variables and of Databricks'.
 */
export function placeInEnvironment(env: NodeJS.ProcessEnv): string {
  const values = MLFLOW.map((name) => envText(env, name) ?? '');
  return `${digestOf([normalTrackingUri(values[0] ?? ''), ...values.slice(1)])} ${workspaceIn(env)}`;
}

/** Where settings send turns, the environment's word among them. */
export function whereaboutsOf(settings: Settings, env: NodeJS.ProcessEnv): Whereabouts {
  const { trackingUri, experimentId, experimentName = '', traceLocation = '' } = settings;
  const isWorkspace = readTrackingUri(trackingUri).kind === 'databricks';
  const within = [experimentId, experimentName, traceLocation, envText(env, 'MLFLOW_WORKSPACE') ?? ''];
  const workspace = isWorkspace ? workspaceIn(env) : '';
  return { key: digestOf([normalTrackingUri(trackingUri), ...within, workspace]), isWorkspace };
}

/** What is kept with a thread: what the environment of its Codex said, and where its settings sent it. */
export function placeOf(environment: string, whereabouts: Whereabouts | undefined): string {
  return whereabouts ? `${environment} ${whereabouts.key}` : environment;
}

/**
 * Whether a thread's turns may be sent from an environment: it says the same as that of the thread's Codex did, or
 * it leads to the same server and experiment all the same.
 * @param place of the thread, as `placeOf` or, where no more is known yet, `placeInEnvironment` gives it
 * @param environment as `placeInEnvironment` tells it
 * @param whereabouts where the thread's folder leads to in this environment
 */
export function isSamePlace(
  place: string,
  environment: string,
  whereabouts: Whereabouts | undefined,
): boolean {
  const [mlflow, databricks, key] = place.split(' ');
  if (key !== undefined && key === whereabouts?.key) return true;
  const [ownMlflow, ownDatabricks] = environment.split(' ');
  return mlflow === ownMlflow && (!whereabouts?.isWorkspace || databricks === ownDatabricks);
}

function workspaceIn(env: NodeJS.ProcessEnv): string {
  return digestOf(DATABRICKS.map((name) => envText(env, name) ?? ''));
}

function digestOf(values: readonly string[]): string {
  return sha256(values.join('\n')).slice(0, 12);
}
