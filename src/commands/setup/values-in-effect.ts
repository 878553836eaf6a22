import { compact } from '../../platform/json.js';
import type { Finding } from '../../platform/problems/finding.js';
import { envText } from '../../platform/process/environment.js';
import { normalTrackingUri } from '../../settings/files/tracking-uri.js';
import type { TracingValues } from './plans/plan-tracing.js';
import type { Experiment } from './plans/setup-request.js';
import type { FixedValues } from './set-by-system.js';

/**
 * Where turns of this shell will go, which need not be what is written: MLflow's variables come before
 * every file, and before both what an administrator has fixed. The server that setup asks, and at which it
 * makes an experiment, is this one.
 */
export function valuesInEffect(
  written: TracingValues,
  env: NodeJS.ProcessEnv,
  fixed: FixedValues,
): TracingValues {
  return {
    trackingUri: fixed.trackingUri ?? envText(env, 'MLFLOW_TRACKING_URI') ?? written.trackingUri,
    experiment:
      experimentOf(fixed.experimentId, fixed.experimentName) ??
      experimentOf(envText(env, 'MLFLOW_EXPERIMENT_ID'), envText(env, 'MLFLOW_EXPERIMENT_NAME')) ??
      written.experiment,
    traceLocation: fixed.traceLocation ?? envText(env, 'MLFLOW_TRACE_LOCATION') ?? written.traceLocation,
  };
}

function experimentOf(id: string | undefined, name: string | undefined): Experiment | undefined {
  return id !== undefined ? { id } : name !== undefined ? { name } : undefined;
}

/** The variables of this shell that come before what was written, each with its value. */
export function overridingVariables(written: TracingValues, env: NodeJS.ProcessEnv): Finding[] {
  const { trackingUri, experiment } = written;
  const own = compact({
    MLFLOW_TRACKING_URI: normalTrackingUri(trackingUri),
    MLFLOW_EXPERIMENT_ID: experiment && 'id' in experiment ? experiment.id : undefined,
    MLFLOW_EXPERIMENT_NAME: experiment && 'name' in experiment ? experiment.name : undefined,
  });
  const variables = ['MLFLOW_TRACKING_URI', 'MLFLOW_EXPERIMENT_ID', 'MLFLOW_EXPERIMENT_NAME'] as const;
  return variables.flatMap((variable): Finding[] => {
    const set = envText(env, variable);
    const value = set && normalTrackingUri(set);
    if (value === undefined || value === own[variable]) return [];
    return [{ code: 'environment-overrides', level: 'info', args: { variable, value } }];
  });
}
