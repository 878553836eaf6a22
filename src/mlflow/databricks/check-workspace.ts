import type { Finding } from '../../platform/problems/finding.js';
import { type Problem, problem } from '../../platform/problems/problem.js';
import { askExperiment, type ExperimentAnswer, type WorkspaceExperiment } from './ask-experiment.js';
import { NAME_AN_EXPERIMENT } from './resolve-databricks.js';
import type { AuthType } from './sign-in.js';
import type { ExperimentName } from './target.js';
import type { Workspace, WorkspaceAnswer } from './workspace.js';

/**
 * Whether a workspace lets us in, and where the experiment keeps its traces: asked, and nothing left
 * behind. No finding holds a secret.
 * @param level of what keeps turns from arriving: setup only warns, since a workspace may be reached later
 */
export async function checkWorkspace(
  workspace: Workspace,
  level: 'error' | 'warning',
  timeoutMs: number,
): Promise<Finding[]> {
  const { signIn, experiment, traceLocation } = workspace.destination.databricks;
  const { host, source, ways, passedOver } = signIn;
  const way = ways[0].way;
  const findings: Finding[] = [];
  if (passedOver.length > 0)
    findings.push({ code: 'databricks-two-ways', level: 'warning', args: { source, way, passedOver } });
  const token = await workspace.token(timeoutMs);
  if (token.kind === 'no token') return [...findings, fromProblem(token.problem, level)];
  findings.push({ code: 'databricks-signed-in', level: 'ok', args: { host, way, source } });
  if (experiment === undefined) {
    const location = traceLocation ?? '';
    return [...findings, { code: 'databricks-location-alone', level: 'info', args: { location } }];
  }
  const answer = await askExperiment(workspace, experiment, timeoutMs);
  if (answer.kind === 'experiment' && !answer.value.isDeleted)
    return [...findings, ...experimentFindings(answer.value, traceLocation)];
  return [...findings, fromProblem(experimentProblem(answer, workspace, experiment), level)];
}

function experimentFindings(experiment: WorkspaceExperiment, named: string | undefined): Finding[] {
  const { id, name, location } = experiment;
  const bound = location.kind === 'experiment' ? '' : location.prefix;
  const there: Finding = {
    code: 'databricks-experiment',
    level: 'ok',
    args: { id, name, location: named ?? bound },
  };
  if (named === undefined || named === bound) return [there];
  return [there, { code: 'databricks-location-differs', level: 'warning', args: { id, named, bound } }];
}

/** Why an experiment cannot take traces, with a remedy. */
function experimentProblem(
  answer: ExperimentAnswer,
  { host, destination }: Workspace,
  experiment: ExperimentName,
): Problem {
  const which = 'id' in experiment ? experiment.id : `"${experiment.name}"`;
  switch (answer.kind) {
    case 'experiment':
      return problem(
        'databricks-experiment-deleted',
        `Experiment ${which} at ${host} is deleted`,
        'Restore it in the workspace (mlflow experiments restore), or name another one: mlflow-codex setup',
      );
    case 'missing':
      return problem(
        'databricks-experiment-missing',
        `There is no experiment ${which} at ${host}`,
        NAME_AN_EXPERIMENT,
      );
    case 'unknown binding':
      return problem(
        'databricks-experiment-binding',
        `Experiment ${which} is bound to ${answer.path}, which is not catalog.schema.prefix`,
        'Bind it to a catalog.schema.prefix (mlflow.set_experiment), or name another one: mlflow-codex setup',
      );
    case 'no answer':
      return unanswered(answer.answer, host, which, destination.databricks.signIn);
  }
}

function unanswered(
  answer: WorkspaceAnswer,
  host: string,
  which: string,
  { source, ways }: { source: string; ways: readonly [{ way: AuthType }, ...unknown[]] },
): Problem {
  if (answer.kind === 'no token') return answer.problem;
  if (answer.kind === 'failed') {
    const remedy = 'Correct the host, or look at the network and at HTTPS_PROXY';
    return problem('databricks-down', `${host} does not answer (${answer.reason})`, remedy);
  }
  const { status } = answer;
  if (status === 401)
    return problem(
      'databricks-token-refused',
      `${host} refuses the token (HTTP 401; ${source})`,
      renewal(ways[0].way, source),
    );
  if (status === 403)
    return problem(
      'databricks-no-permission',
      `${host} lets you in, but not to experiment ${which} (HTTP 403)`,
      'Ask for CAN EDIT on the experiment (in Unity Catalog also for MODIFY and SELECT on its tables)',
    );
  return problem(
    'databricks-unclear',
    `${host} does not answer as a workspace does when asked for experiment ${which} (HTTP ${status})`,
    'Correct the host; where it is right, try again later: turns are sent then',
  );
}

/** How a token that is refused is renewed. */
function renewal(way: AuthType, source: string): string {
  switch (way) {
    case 'pat':
      return `Make a new one in the workspace (Settings, Developer, Access tokens) and set it where the old one is: ${source}`;
    case 'oauth-m2m':
      return `Look whether the service principal may use the workspace, and renew its secret: ${source}`;
    case 'databricks-cli':
      return 'databricks auth login';
    case 'azure-cli':
      return 'az login';
  }
}

function fromProblem({ code, message, hint }: Problem, level: 'error' | 'warning'): Finding {
  return { code: 'destination-problem', level, args: { problem: code, message, hint } };
}
