import { compact } from '../../platform/json.js';
import { headerValue, type OrProblem, type Problem, problem } from '../../platform/problems/problem.js';
import { envText } from '../../platform/process/environment.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { AUTH_TYPES, type AuthType, type SignIn, type SignInWay } from './sign-in.js';
import { workspaceOrigin } from './workspace-origin.js';

/** What one source, the environment or one profile, says. */
interface Source {
  /** For people: `environment`, or `[name] of <file>`. */
  readonly name: string;
  readonly profile?: string;
  readonly host?: string;
  readonly token?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly authType?: string;
}

/**
 * Which workspace, and how to get in. Host and secret come from one source: a token goes to no host it
 * was not set beside. Databricks' own clients mix sources field by field (databricks-sdk 0.162 sends
 * `DATABRICKS_TOKEN` to a named profile's host, and a profile's token to `DATABRICKS_HOST`).
 * - `databricks://NAME`: that profile, whole.
 * - `databricks`: the environment where it is complete; else the profile that `DATABRICKS_CONFIG_PROFILE`
 *   names; without one, where `DATABRICKS_HOST` is not set, the file's default profile, else `[DEFAULT]`.
 * Reads at most the file of profiles; asks nobody.
 * @param named the profile of the tracking URI, if it names one
 */
export function chooseSignIn(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): OrProblem<SignIn> {
  const environment = environmentSource(env);
  const wanted = named ?? envText(env, 'DATABRICKS_CONFIG_PROFILE');
  if (named === undefined && environment.host !== undefined) {
    if (wanted === undefined || hasSecret(environment)) return signInOf(environment);
  }
  const file = readConfigFile(env, homeDir);
  if (file.kind === 'problem') return file;
  const profile = profileSource(file.value, wanted ?? file.value.defaultProfile ?? 'DEFAULT', env);
  if (profile === undefined) return profileMissing(file.value, wanted, environment);
  const clash = named === undefined ? clashOf(profile, environment) : undefined;
  return clash ?? signInOf(profile, environment);
}

function environmentSource(env: NodeJS.ProcessEnv): Source {
  return compact({
    name: 'environment',
    host: envText(env, 'DATABRICKS_HOST'),
    token: env['DATABRICKS_TOKEN'] || undefined,
    clientId: envText(env, 'DATABRICKS_CLIENT_ID'),
    clientSecret: env['DATABRICKS_CLIENT_SECRET'] || undefined,
    authType: envText(env, 'DATABRICKS_AUTH_TYPE'),
  });
}

function profileSource(file: ConfigFile, profile: string, env: NodeJS.ProcessEnv): Source | undefined {
  const section = file.profiles.get(profile);
  if (section === undefined || section.size === 0) return undefined;
  return compact({
    name: `[${profile}] of ${file.path}`,
    profile,
    host: section.get('host') || undefined,
    token: section.get('token') || undefined,
    clientId: section.get('client_id') || undefined,
    clientSecret: section.get('client_secret') || undefined,
    authType: envText(env, 'DATABRICKS_AUTH_TYPE') ?? (section.get('auth_type') || undefined),
  });
}

function hasSecret(source: Source): boolean {
  return source.token !== undefined || (source.clientId !== undefined && source.clientSecret !== undefined);
}

/** A host in the environment beside a profile of another host: nobody can tell which one is meant. */
function clashOf(profile: Source, environment: Source): Problem | undefined {
  if (environment.host === undefined || profile.host === undefined) return undefined;
  if (workspaceOrigin(environment.host) === workspaceOrigin(profile.host)) return undefined;
  return problem(
    'databricks-two-hosts',
    `DATABRICKS_HOST and ${profile.name} name two workspaces, and DATABRICKS_HOST has no token beside it`,
    'Unset DATABRICKS_HOST, or set DATABRICKS_TOKEN beside it and unset DATABRICKS_CONFIG_PROFILE',
  );
}

function profileMissing(file: ConfigFile, wanted: string | undefined, environment: Source): Problem {
  if (wanted === undefined) {
    const alone = hasSecret(environment) ? ', and the environment has a token without a host' : '';
    return problem(
      'databricks-access-missing',
      `No Databricks workspace is named: DATABRICKS_HOST is not set, and ${file.path} has no [DEFAULT] profile${alone}`,
      `databricks auth login --host https://<workspace>; or set DATABRICKS_HOST and DATABRICKS_TOKEN, or host and token in ${file.path}`,
    );
  }
  return problem(
    'databricks-profile-missing',
    `There is no profile [${wanted}] in ${file.path}`,
    `databricks auth login --profile ${wanted}, or name another profile (databricks://<profile>, DATABRICKS_CONFIG_PROFILE)`,
  );
}

/** @param beside the environment, where the source is a profile: only to say what was not mixed in */
function signInOf(source: Source, beside?: Source): OrProblem<SignIn> {
  if (source.host === undefined) return incomplete(source, 'host', beside);
  const host = workspaceOrigin(source.host);
  if (host === undefined) {
    return problem(
      'databricks-host',
      `The host of the Databricks workspace (${source.name}) is not an https:// address`,
      'Write it as https://<workspace>',
    );
  }
  const possible = waysOf(source, host);
  if (source.authType !== undefined && !isAuthType(source.authType)) return unknownAuthType(source);
  const ways = possible.filter(({ way }) => source.authType === undefined || way === source.authType);
  const [first, ...others] = ways;
  if (first === undefined) return incomplete(source, 'secret', beside);
  const faults = secretsOf(first).map(([value, what]) => headerValue(value, `${what} (${source.name})`));
  const fault = faults.find((checked) => checked.kind === 'problem');
  if (fault?.kind === 'problem') return fault;
  const programs = isProgram(first) ? others : [];
  return {
    kind: 'value',
    value: {
      host,
      source: source.name,
      ways: [first, ...programs],
      passedOver: others.filter((way) => !isProgram(way)).map(({ way }) => way),
    },
  };
}

/** What a source is complete for, best first; programs behind secrets, beside which they count only where asked for. */
function waysOf(source: Source, host: string): SignInWay[] {
  const { token, clientId, clientSecret, profile, authType } = source;
  const ways: SignInWay[] = [];
  if (token !== undefined) ways.push({ way: 'pat', token });
  if (clientId !== undefined && clientSecret !== undefined)
    ways.push({ way: 'oauth-m2m', clientId, clientSecret });
  const half = clientId !== undefined || clientSecret !== undefined;
  // Half a client is a mistake to tell of: no program is asked in its place, unless it is asked for.
  if (ways.length === 0 && half && authType === undefined) return ways;
  ways.push(compact({ way: 'databricks-cli' as const, profile }));
  if (authType !== undefined || isAzure(host)) ways.push({ way: 'azure-cli' });
  return ways;
}

function isAzure(host: string): boolean {
  return /\.(?:azuredatabricks\.net|databricks\.azure\.(?:us|cn))$/.test(new URL(host).hostname);
}

function isProgram({ way }: SignInWay): boolean {
  return way === 'databricks-cli' || way === 'azure-cli';
}

function isAuthType(text: string): text is AuthType {
  return (AUTH_TYPES as readonly string[]).includes(text);
}

function secretsOf(way: SignInWay): [value: string, name: string][] {
  if (way.way === 'pat') return [[way.token, 'The token']];
  if (way.way === 'oauth-m2m')
    return [
      [way.clientId, 'The client id'],
      [way.clientSecret, 'The client secret'],
    ];
  return [];
}

function unknownAuthType({ name, authType }: Source): Problem {
  return problem(
    'databricks-auth-type',
    `The Databricks sign-in "${authType}" (${name}) is not one that mlflow-codex knows`,
    `Set DATABRICKS_AUTH_TYPE or auth_type to ${AUTH_TYPES.join(', ')}`,
  );
}

function incomplete(source: Source, lacks: 'host' | 'secret', beside: Source | undefined): Problem {
  const isProfile = source.profile !== undefined;
  const what = lacks === 'host' ? 'host' : secretFor(source);
  const other =
    beside !== undefined && hasSecret(beside)
      ? '; the token of the environment goes to no host it was not set beside'
      : '';
  const put = isProfile
    ? `Set ${what} in ${source.name}, or databricks auth login --profile ${source.profile}`
    : `Set ${variablesFor(source)} beside it`;
  const hint = other ? `${put}, or set DATABRICKS_HOST beside DATABRICKS_TOKEN` : put;
  const whose = isProfile ? `The profile ${source.name}` : 'The environment';
  return problem('databricks-access-missing', `${whose} has no ${what}${other}`, hint);
}

function secretFor({ authType }: Source): string {
  if (authType === 'oauth-m2m') return 'client_id and client_secret';
  return authType === 'pat' ? 'token' : 'token, or client_id and client_secret';
}

function variablesFor({ authType }: Source): string {
  return authType === 'oauth-m2m' ? 'DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET' : 'DATABRICKS_TOKEN';
}
