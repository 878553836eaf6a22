import { askWorkspace } from '../../mlflow/databricks/ask-workspace.js';
import { resolveDestination } from '../../mlflow/destination.js';
import { experimentState, otlpState, serverHealth } from '../../mlflow/rest-api.js';
import { type Destination, resolveServer, type Server } from '../../mlflow/server.js';
import type { Finding } from '../../platform/problems/finding.js';
import type { Problem } from '../../platform/problems/problem.js';
import { normalTrackingUri } from '../../settings/files/tracking-uri.js';
import type { Settings } from '../../settings/merge-settings.js';
import type { StatusContext } from './status-context.js';

/** Below this MLflow keeps neither sessions nor tokens of spans sent by OTLP (3.6 was tried). */
const USABLE_FLOOR = [3, 10] as const;

/** Whether the server would take and keep a trace: asked without leaving one behind. */
export async function checkDestination({
  settings: result,
  io,
  stateDir,
}: StatusContext): Promise<Finding[]> {
  if (result.kind !== 'settings') return [];
  const { settings } = result;
  const server = resolveServer(settings, io.env, io.homeDir);
  switch (server.kind) {
    case 'problem':
      return [fromProblem(server)];
    case 'databricks':
      return await checkDatabricks(settings, io.env, io.homeDir, stateDir);
    case 'value':
      return server.value.server === 'collector'
        ? await checkEndpoint(settings, io.env, io.homeDir)
        : await checkMlflow(server.value, settings, io.env, io.homeDir);
  }
}

async function checkDatabricks(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  homeDir: string,
  stateDir: string,
): Promise<Finding[]> {
  const found = await resolveDestination(settings, env, homeDir);
  if (found.kind === 'problem') return [fromProblem(found)];
  return await askWorkspace(found.destination, { env, stateDir, level: 'error' });
}

async function checkMlflow(
  server: Server,
  settings: Settings,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): Promise<Finding[]> {
  const uri = server.trackingUri;
  const health = await serverHealth(server);
  switch (health.kind) {
    case 'down': {
      const code = health.isSlow ? 'server-slow' : 'server-down';
      return [{ code, level: 'error', args: { uri, reason: health.reason } }];
    }
    case 'refused':
      return [{ code: 'credentials-refused', level: 'error', args: { uri, status: health.status } }];
    case 'other':
      return [{ code: 'server-not-mlflow', level: 'error', args: { uri, status: health.status } }];
    case 'mlflow': {
      const { version } = health;
      const isOld = isBelowFloor(version);
      const up: Finding = {
        code: isOld ? 'server-old' : 'server-up',
        level: isOld ? 'warning' : 'ok',
        args: { uri, version },
      };
      return [up, ...(await checkEndpoint(settings, env, homeDir))];
    }
  }
}

function isBelowFloor(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < USABLE_FLOOR[0] || (major === USABLE_FLOOR[0] && minor < USABLE_FLOOR[1]);
}

async function checkEndpoint(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): Promise<Finding[]> {
  const found = await resolveDestination(settings, env, homeDir, { makesExperiment: false });
  const { experimentName: name = '' } = settings;
  if (found.kind === 'problem' && found.code === 'experiment-not-found') {
    const uri = normalTrackingUri(settings.trackingUri);
    return [{ code: 'experiment-to-be-made', level: 'info', args: { uri, name } }];
  }
  if (found.kind === 'problem') return [fromProblem(found)];
  const { destination } = found;
  const experiment = destination.server === 'mlflow' ? await checkExperiment(destination) : undefined;
  if (experiment?.level === 'error') return [experiment];
  return [...(experiment ? [experiment] : []), await checkOtlp(destination)];
}

async function checkExperiment(destination: Destination): Promise<Finding> {
  const { experimentId: id, trackingUri: uri } = destination;
  const state = await experimentState(destination, id);
  switch (state.kind) {
    case 'active':
      return { code: 'experiment-active', level: 'ok', args: { uri, id, name: state.name } };
    case 'host-refused':
      return { code: 'host-not-allowed', level: 'error', args: { uri } };
    case 'deleted':
    case 'missing':
      return { code: `experiment-${state.kind}`, level: 'error', args: { uri, id } };
    case 'refused':
      return { code: 'credentials-refused', level: 'error', args: { uri, status: state.status } };
    case 'unknown':
      return { code: 'experiment-unknown', level: 'warning', args: { uri, id, reason: state.reason } };
  }
}

async function checkOtlp(destination: Destination): Promise<Finding> {
  const { url } = destination;
  const state = await otlpState(destination);
  switch (state.kind) {
    case 'allowed':
      return { code: 'otlp-allowed', level: 'ok', args: { url } };
    case 'refused':
      return { code: 'otlp-refused', level: 'error', args: { url, status: state.status } };
    case 'missing':
      return { code: 'otlp-missing', level: 'error', args: { url, status: state.status } };
    case 'unknown':
      return { code: 'otlp-unknown', level: 'error', args: { url, reason: state.reason } };
  }
}

function fromProblem({ code, message, hint }: Problem): Finding {
  return { code: 'destination-problem', level: 'error', args: { problem: code, message, hint } };
}
