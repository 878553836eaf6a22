import { askWorkspace } from '../../mlflow/databricks/ask-workspace.js';
import { resolveDatabricks } from '../../mlflow/databricks/resolve-databricks.js';
import { lookUpExperiment } from '../../mlflow/experiment-lookup.js';
import { createExperiment, experimentState, serverHealth } from '../../mlflow/rest-api.js';
import { resolveServer, type Server } from '../../mlflow/server.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { compact } from '../../platform/json.js';
import type { Finding } from '../../platform/problems/finding.js';
import type { Problem } from '../../platform/problems/problem.js';
import type { CommandIo } from '../../terminal/io.js';
import type { Prompts } from '../../terminal/prompts.js';
import type { TracingValues } from './plans/plan-tracing.js';
import type { Experiment } from './plans/setup-request.js';

/** Nobody waits long for a server that may be started later. */
const TIMEOUT_MS = 5000;

/** What setup found at the server. */
export interface ServerCheck {
  /** `up`: an MLflow answers; `down`: nobody does; `slow`: somebody is there and has not answered yet. */
  state: 'up' | 'down' | 'slow' | 'unknown';
  findings: Finding[];
  /** The experiment is to be made, and there is a server to make it. */
  create?: { server: Server; name: string };
}

/**
 * Looks at the server, and at the experiment there. Nothing it finds keeps setup from going on: the
 * server may be started later.
 * @param values those that count in this shell, which its variables may have changed
 */
export async function checkServer(
  values: TracingValues,
  io: CommandIo,
  prompts: Prompts | undefined,
): Promise<ServerCheck> {
  const { trackingUri, experiment } = values;
  const found = resolveServer({ trackingUri }, io.env, io.homeDir);
  if (found.kind === 'problem') return { state: 'unknown', findings: [fromProblem(found)] };
  if (found.kind === 'databricks')
    return { state: 'unknown', findings: await checkWorkspace(values, found.profile, io) };
  const server = found.value;
  const uri = server.trackingUri;
  if (server.server !== 'mlflow') return { state: 'unknown', findings: [] };
  const health = await serverHealth(server, TIMEOUT_MS);
  const warning = (finding: Finding): ServerCheck => ({ state: 'unknown', findings: [finding] });
  switch (health.kind) {
    case 'down': {
      const code = health.isSlow ? 'server-slow' : 'server-down';
      const finding: Finding = { code, level: 'warning', args: { uri, reason: health.reason } };
      return { state: health.isSlow ? 'slow' : 'down', findings: [finding] };
    }
    case 'refused':
      return warning({ code: 'credentials-refused', level: 'warning', args: { uri, status: health.status } });
    case 'other':
      return warning({ code: 'server-not-mlflow', level: 'warning', args: { uri, status: health.status } });
    case 'mlflow': {
      const up: Finding = { code: 'server-up', level: 'ok', args: { uri, version: health.version } };
      const at = experiment && (await checkExperiment(server, experiment, prompts));
      return { ...at, state: 'up', findings: [up, ...(at?.findings ?? [])] };
    }
  }
}

/** The workspace, how we get in, and where the experiment keeps its traces. */
async function checkWorkspace(
  { experiment, traceLocation }: TracingValues,
  profile: string | undefined,
  { env, homeDir }: CommandIo,
): Promise<Finding[]> {
  const settings = {
    experimentId: experiment && 'id' in experiment ? experiment.id : '',
    ...compact({
      experimentName: experiment && 'name' in experiment ? experiment.name : undefined,
      traceLocation,
    }),
    sources: { experimentId: 'setup' },
  };
  const found = resolveDatabricks(settings, profile, env, homeDir);
  if (found.kind === 'problem') return [fromProblem(found)];
  return askWorkspace(found.value, { env, stateDir: stateDir(codexHome(env, homeDir)), level: 'warning' });
}

async function checkExperiment(
  server: Server,
  experiment: Experiment,
  prompts: Prompts | undefined,
): Promise<Omit<ServerCheck, 'state'>> {
  if ('id' in experiment) return { findings: [await checkId(server, experiment.id)] };
  const uri = server.trackingUri;
  const { name } = experiment;
  const found = await lookUpExperiment({ server, name, timeoutMs: TIMEOUT_MS });
  if (found.kind === 'value') {
    return { findings: [{ code: 'experiment-active', level: 'ok', args: { uri, id: found.value, name } }] };
  }
  if (found.code !== 'experiment-not-found') return { findings: [fromProblem(found)] };
  const mayCreate =
    prompts === undefined ||
    (await prompts.confirm(`There is no experiment "${name}" at ${uri}. Create it?`));
  if (mayCreate) return { findings: [], create: { server, name } };
  return { findings: [{ code: 'experiment-name-missing', level: 'warning', args: { uri, name } }] };
}

async function checkId(server: Server, id: string): Promise<Finding> {
  const uri = server.trackingUri;
  const state = await experimentState(server, id);
  switch (state.kind) {
    case 'active':
      return { code: 'experiment-active', level: 'ok', args: { uri, id, name: state.name } };
    case 'host-refused':
      return { code: 'host-not-allowed', level: 'warning', args: { uri } };
    case 'missing':
    case 'deleted':
      return { code: `experiment-${state.kind}`, level: 'warning', args: { uri, id } };
    case 'refused':
      return { code: 'credentials-refused', level: 'warning', args: { uri, status: state.status } };
    case 'unknown':
      return { code: 'experiment-unknown', level: 'warning', args: { uri, id, reason: state.reason } };
  }
}

/** Makes the experiment that `checkServer` found missing. */
export async function makeExperiment({ server, name }: { server: Server; name: string }): Promise<Finding> {
  const made = await createExperiment(server, name);
  if (made.kind === 'problem') return fromProblem(made);
  return { code: 'experiment-created', level: 'ok', args: { uri: server.trackingUri, id: made.value, name } };
}

function fromProblem({ code, message, hint }: Problem): Finding {
  return { code: 'destination-problem', level: 'warning', args: { problem: code, message, hint } };
}
