import { envText } from '../../platform/process/environment.js';
import { parseTracingConfig, type TracingConfig } from '../../settings/files/tracing-config.js';
import type { Choice, Prompts } from '../../terminal/prompts.js';
import type { TracingValues } from './plans/plan-tracing.js';
import {
  type Experiment,
  experimentFault,
  type Scope,
  type SetupRequest,
  trackingUriFault,
} from './plans/setup-request.js';
import type { TextFile } from './plans/setup-state.js';

const DEFAULT_TRACKING_URI = 'http://localhost:5000';
const DEFAULT_EXPERIMENT_ID = '0';

/** Asks for the scope, unless the command line says it. */
export async function chooseScope(
  request: SetupRequest,
  prompts: Prompts | undefined,
  userFolder: string,
): Promise<Scope> {
  if (request.scope !== undefined || prompts === undefined) return request.scope ?? 'project';
  const choices: Choice<Scope>[] = [
    { value: 'project', label: 'Project ./.codex/', hint: 'the sessions in this folder' },
    { value: 'user', label: `User ${userFolder}/`, hint: 'the sessions in all folders' },
  ];
  return prompts.select('Where should MLflow tracing be installed?', choices, 'project');
}

/**
 * The values for a tracing config: what the command line says, else the answer to a question, whose
 * default is what the file has, or the environment. Without prompts: what the file has, or the plain
 * default; never what merely happens to be in the environment.
 * @throws UserError where the present file is broken
 */
export async function chooseValues(
  request: SetupRequest,
  present: TextFile,
  env: NodeJS.ProcessEnv,
  prompts: Prompts | undefined,
): Promise<TracingValues> {
  const file = present.text === undefined ? {} : parseTracingConfig(present.text, present.path).config;
  const trackingUri = request.trackingUri ?? (await askTrackingUri(file, env, prompts));
  if (/^databricks(?:$|:)/.test(trackingUri)) {
    const traceLocation = request.traceLocation ?? file.traceLocation;
    const experiment = request.experiment ?? (await askWorkspaceExperiment(file, env, prompts));
    return { trackingUri, experiment, traceLocation };
  }
  const experiment = request.experiment ?? (await askExperiment(file, env, prompts));
  return { trackingUri, experiment, traceLocation: request.traceLocation ?? file.traceLocation };
}

async function askTrackingUri(file: TracingConfig, env: NodeJS.ProcessEnv, prompts: Prompts | undefined) {
  const own = file.trackingUri;
  if (prompts === undefined) return own ?? DEFAULT_TRACKING_URI;
  const set = envText(env, 'MLFLOW_TRACKING_URI');
  const usable = set !== undefined && trackingUriFault(set) === undefined ? set : undefined;
  const fallback = own ?? usable ?? DEFAULT_TRACKING_URI;
  const fault = (answer: string) => {
    const found = trackingUriFault(answer);
    return found && [found.message, found.hint].filter(Boolean).join('. ');
  };
  return prompts.text({ message: `MLflow tracking URI [${fallback}]`, fallback, fault });
}

async function askExperiment(
  file: TracingConfig,
  env: NodeJS.ProcessEnv,
  prompts: Prompts | undefined,
): Promise<Experiment> {
  const own = experimentOf(file);
  if (prompts === undefined) return own ?? { id: DEFAULT_EXPERIMENT_ID };
  const known = own ?? experimentIn(env) ?? { id: DEFAULT_EXPERIMENT_ID };
  const fallback = 'id' in known ? known.id : known.name;
  const answer = await prompts.text({
    message: `MLflow experiment ID [${fallback}]`,
    fallback,
    fault: (text) => experimentFault(text)?.message,
  });
  // The present name, taken as it is shown, needs no word.
  if (answer === fallback) return known;
  const chosen = readExperiment(answer);
  if ('name' in chosen) prompts.say(`"${chosen.name}" is no id: it is taken as the experiment’s name`);
  return chosen;
}

/** A workspace has no experiment `0`: one is named, or none, where a trace location stands for it. */
async function askWorkspaceExperiment(
  file: TracingConfig,
  env: NodeJS.ProcessEnv,
  prompts: Prompts | undefined,
): Promise<Experiment | undefined> {
  const own = experimentOf(file);
  if (prompts === undefined) return own;
  const known = own ?? experimentIn(env);
  const fallback = known === undefined ? '' : 'id' in known ? known.id : known.name;
  const answer = await prompts.text({
    message: `Databricks experiment, its id or its path [${fallback}]`,
    fallback,
    fault: (text) =>
      text === '' && fallback === '' ? 'Its id stands on the experiment’s page in the workspace' : undefined,
  });
  return answer === fallback ? known : readExperiment(answer);
}

function experimentOf(file: TracingConfig): Experiment | undefined {
  if (file.experimentId !== undefined) return { id: file.experimentId };
  return file.experimentName === undefined ? undefined : { name: file.experimentName };
}

/** The one that MLflow's variables name; an id comes before a name. */
function experimentIn(env: NodeJS.ProcessEnv): Experiment | undefined {
  const id = envText(env, 'MLFLOW_EXPERIMENT_ID');
  if (id !== undefined) return readExperiment(id);
  const name = envText(env, 'MLFLOW_EXPERIMENT_NAME');
  return name === undefined ? undefined : { name };
}

/** Digits are an id; anything else is a name. */
function readExperiment(text: string): Experiment {
  return /^\d+$/.test(text) ? { id: text } : { name: text };
}
