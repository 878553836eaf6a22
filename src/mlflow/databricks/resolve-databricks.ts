import { compact } from '../../platform/json.js';
import { type OrProblem, problem } from '../../platform/problems/problem.js';
import { isTraceLocation } from '../../settings/files/tracing-config.js';
import { reachOf } from '../reach.js';
import type { Destination } from '../server.js';
import { chooseSignIn } from './choose-sign-in.js';
import type { ExperimentName } from './target.js';

/** What of the settings says where in a workspace. */
export interface WorkspaceSettings {
  /** Empty where only the name is known. */
  readonly experimentId: string;
  readonly experimentName?: string;
  readonly traceLocation?: string;
  readonly sources: { readonly experimentId: string };
}

/** What to do about an experiment that nobody has named, or that is the default `0`. */
export const NAME_AN_EXPERIMENT =
  'Set MLFLOW_EXPERIMENT_ID to the id of an experiment of the workspace (its page shows it), or mlflow-codex setup --experiment-id ID';

/**
 * A workspace as a destination: host and way of signing in from the environment or the file of
 * profiles, proxy and TLS by the host's name. Asks nobody: what the workspace has to say is asked when
 * something is sent.
 * @param profile the one that the tracking URI names
 */
export function resolveDatabricks(
  settings: WorkspaceSettings,
  profile: string | undefined,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): OrProblem<Destination> {
  const signIn = chooseSignIn(profile, env, homeDir);
  if (signIn.kind === 'problem') return signIn;
  const { traceLocation } = settings;
  if (traceLocation !== undefined && !isTraceLocation(traceLocation)) {
    return problem(
      'databricks-trace-location',
      'The trace location is not of the form catalog.schema.prefix',
      'Correct traceLocation or MLFLOW_TRACE_LOCATION, or leave it out: the experiment says where its traces lie',
    );
  }
  const experiment = experimentOf(settings);
  if (experiment === undefined && traceLocation === undefined)
    return problem('databricks-experiment-unset', 'No Databricks experiment is named', NAME_AN_EXPERIMENT);
  const { host } = signIn.value;
  const reach = reachOf(new URL(host), env);
  if (reach.kind === 'problem') return reach;
  const named = experiment === undefined ? '' : 'id' in experiment ? experiment.id : experiment.name;
  return {
    kind: 'value',
    value: {
      url: host,
      trackingUri: host,
      experimentId: traceLocation ?? named,
      headers: {},
      // Databricks' endpoint for spans is not known to take compressed bodies; MLflow's client sends none.
      compression: 'none',
      ...reach.value,
      server: 'databricks',
      databricks: { signIn: signIn.value, ...compact({ experiment, traceLocation }) },
    },
  };
}

/** An id beats a name; the plain default is nobody's word, and no workspace has an experiment `0`. */
function experimentOf(settings: WorkspaceSettings): ExperimentName | undefined {
  const { experimentId, experimentName, sources } = settings;
  if (experimentId !== '' && sources.experimentId !== 'default') return { id: experimentId };
  return experimentName === undefined ? undefined : { name: experimentName };
}
