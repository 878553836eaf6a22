import path from 'node:path';
import { parseIni } from '../platform/files/ini.js';
import { textOfFile } from '../platform/files/text-of-file.js';
import { headerValue, type OrProblem, problem } from '../platform/problems/problem.js';

const USERNAME = 'MLFLOW_TRACKING_USERNAME';
const PASSWORD = 'MLFLOW_TRACKING_PASSWORD';
const TOKEN = 'MLFLOW_TRACKING_TOKEN';

/**
 * The `authorization` header for an MLflow server, by the rules of MLflow's own client (3.17.2): user
 * name and password from the environment, each of them else from section `[mlflow]` of
 * `~/.mlflow/credentials`; both there: Basic; otherwise a token from the environment: Bearer.
 * `undefined` where there is neither. A value that no header can carry is a problem, and no other
 * source is tried in its place: whoever set it meant that one.
 * @param tokenFile holds a bearer token for where there is none of these
 */
export function authorization(
  env: NodeJS.ProcessEnv,
  homeDir: string,
  tokenFile?: string,
): OrProblem<string | undefined> {
  let username = env[USERNAME] || undefined;
  let password = env[PASSWORD] || undefined;
  if (username === undefined || password === undefined) {
    const file = path.join(homeDir, '.mlflow', 'credentials');
    const text = textOfFile(file);
    if (text.kind === 'problem') return text;
    const section = text.value === undefined ? undefined : parseIni(text.value).get('mlflow');
    username ??= section?.get('mlflow_tracking_username') || undefined;
    password ??= section?.get('mlflow_tracking_password') || undefined;
  }
  if (username !== undefined && password !== undefined) return basic(username, password);
  const token = env[TOKEN] || undefined;
  if (token !== undefined) return bearer(token, TOKEN);
  return tokenFile === undefined ? { kind: 'value', value: undefined } : tokenIn(tokenFile);
}

function bearer(token: string, source: string): OrProblem<string> {
  const checked = headerValue(token, source);
  return checked.kind === 'problem' ? checked : { kind: 'value', value: `Bearer ${checked.value}` };
}

/** A config names the file: where it is absent or empty, turns wait, and do not go without a token. */
function tokenIn(file: string): OrProblem<string> {
  const text = textOfFile(file);
  if (text.kind === 'problem') return text;
  const token = text.value?.trim();
  if (token) return bearer(token, `The token in ${file}`);
  const what = `${file} (tokenFile) ${text.value === undefined ? 'is not there' : 'is empty'}`;
  return problem(
    'token-file-empty',
    what,
    `Write the token into ${file}, or take tokenFile out of the config`,
  );
}

function basic(username: string, password: string): OrProblem<string> {
  for (const [name, value] of [
    [USERNAME, username],
    [PASSWORD, password],
  ] as const) {
    // RFC 7617 forbids them; Base64 would hide them from Node's own check.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(value)) {
      const hint = `Set ${name} (or its line in ~/.mlflow/credentials) again, without it; often it is a line break copied along`;
      return problem('header-value', `${name} holds a control character`, hint);
    }
  }
  if (username.includes(':')) {
    return problem(
      'user-name-colon',
      `${USERNAME} holds a colon, which Basic authentication cannot carry`,
      `Correct ${USERNAME}`,
    );
  }
  const value = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  return { kind: 'value', value: `Basic ${value}` };
}
