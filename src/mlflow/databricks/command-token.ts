import path from 'node:path';
import { findOnPath } from '../../platform/files/find-on-path.js';
import { asObject, asText } from '../../platform/json.js';
import { type Problem, problem } from '../../platform/problems/problem.js';
import { runProgram } from '../../platform/process/run-program.js';
import type { TokenAnswer, TokenQuestion } from './access-token.js';

/** Azure's name for Databricks, the same for every workspace (databricks-sdk 0.162). */
const AZURE_RESOURCE = '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d';

/**
 * A token of `databricks auth login`: `databricks auth token`, which renews it by itself
 * (Databricks CLI 0.205 and later). Newer ones take `--force-refresh`; where one does not, without.
 */
export async function databricksCliToken(
  { profile, host }: { profile?: string; host: string },
  env: NodeJS.ProcessEnv,
  question: TokenQuestion,
): Promise<TokenAnswer> {
  const program = findProgram('databricks', env);
  const login = `databricks auth login ${profile === undefined ? `--host ${host}` : `--profile ${profile}`}`;
  if (program === undefined) {
    return noToken(
      'databricks-cli-missing',
      `There is no token for ${host}, and no databricks program to ask for one`,
      `Set a token, or install the Databricks CLI and run ${login}`,
    );
  }
  const whose = profile === undefined ? ['--host', host] : ['--profile', profile];
  const argv = [program, 'auth', 'token', ...whose];
  const asked = question.fresh ? [[...argv, '--force-refresh'], argv] : [argv];
  const untilMs = Date.now() + question.timeoutMs;
  for (const command of asked) {
    const token = await tokenOf(command, 'access_token', alone(env), untilMs);
    if (token.kind === 'token') return token;
    if (token.kind === 'late') return late('databricks auth token');
  }
  const what = `databricks auth token gives no token for ${profile === undefined ? host : `the profile [${profile}]`}`;
  return noToken('databricks-cli-refused', what, login);
}

/** A token of `az login`. */
export async function azureCliToken(
  host: string,
  env: NodeJS.ProcessEnv,
  question: TokenQuestion,
): Promise<TokenAnswer> {
  const program = findProgram('az', env);
  const login = 'az login';
  if (program === undefined)
    return noToken(
      'azure-cli-missing',
      `There is no token for ${host}, and no az program`,
      `Install the Azure CLI and run ${login}`,
    );
  const argv = [program, 'account', 'get-access-token', '--resource', AZURE_RESOURCE, '--output', 'json'];
  const token = await tokenOf(argv, 'accessToken', env, Date.now() + question.timeoutMs);
  if (token.kind === 'token') return token;
  if (token.kind === 'late') return late('az account get-access-token');
  return noToken('azure-cli-refused', 'az account get-access-token gives no token', login);
}

async function tokenOf(
  argv: readonly string[],
  key: string,
  env: NodeJS.ProcessEnv,
  untilMs: number,
): Promise<Extract<TokenAnswer, { kind: 'token' }> | { kind: 'none' | 'late' }> {
  const timeoutMs = untilMs - Date.now();
  if (timeoutMs <= 0) return { kind: 'late' };
  const run = await runProgram(argv, env, timeoutMs);
  if (run.kind === 'failed') return { kind: Date.now() >= untilMs ? 'late' : 'none' };
  if (run.code !== 0) return { kind: 'none' };
  const token = tokenIn(run.stdout, key);
  return token === undefined ? { kind: 'none' } : { kind: 'token', value: { token, renewable: true } };
}

function tokenIn(stdout: string, key: string): string | undefined {
  try {
    const token = asText(asObject(JSON.parse(stdout))?.[key]);
    // No header could carry anything else.
    return token !== undefined && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A program by its name. A hook started by a desktop or an editor often lacks the folders that a shell
 * adds to PATH, so the usual ones are looked at as well.
 */
function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const home = env['HOME'];
  const usual = [
    '/usr/local/bin',
    '/opt/homebrew/bin',
    ...(home ? [`${home}/.local/bin`, `${home}/bin`] : []),
  ];
  const onPath = findOnPath(name, env);
  if (onPath !== undefined || process.platform === 'win32') return onPath;
  return findOnPath(name, { PATH: usual.join(path.delimiter) });
}

/** Without the variables that would make the Databricks CLI look at another workspace or sign-in. */
function alone(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith('DATABRICKS_') || name === 'DATABRICKS_CONFIG_FILE',
  );
  return Object.fromEntries(kept);
}

function noToken(code: string, message: string, hint: string): TokenAnswer {
  return { kind: 'no token', problem: problem(code, message, hint), blocked: true };
}

function late(command: string): TokenAnswer {
  const why: Problem = problem(
    'databricks-sign-in-late',
    `${command} did not end in time`,
    `Try it: ${command}`,
  );
  return { kind: 'no token', problem: why, blocked: false };
}
