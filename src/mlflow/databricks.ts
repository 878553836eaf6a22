import path from 'node:path';
import { envText } from '../platform/environment.js';
import { parseIni } from '../platform/ini.js';
import { headerValue, type OrProblem, problem, textOf } from '../platform/problem.js';
import { isTraceLocation } from '../settings/tracing-config.js';

/** A Databricks workspace and its access token. */
export interface DatabricksAccess {
  host: string;
  token: string;
}

/**
 * Host and token of a workspace. `databricks`: `DATABRICKS_HOST` and `DATABRICKS_TOKEN`, each else from
 * `[DEFAULT]` of `~/.databrickscfg`, but never the file's token for another host than the file's.
 * `databricks://<profile>`: that section of the file alone, as in Databricks' own client.
 */
export function databricksAccess(
  profile: string | undefined,
  env: NodeJS.ProcessEnv,
  homeDir: string,
): OrProblem<DatabricksAccess> {
  const text = textOf(path.join(homeDir, '.databrickscfg'));
  if (text.kind === 'problem') return text;
  const section = parseIni(text.value ?? '').get(profile ?? 'DEFAULT');
  const inFile = { host: hostUrl(section?.get('host')), token: section?.get('token') || undefined };
  const inEnv =
    profile === undefined
      ? { host: hostUrl(envText(env, 'DATABRICKS_HOST')), token: env['DATABRICKS_TOKEN'] || undefined }
      : { host: undefined, token: undefined };
  const host = inEnv.host ?? inFile.host;
  const token = inEnv.token ?? (host === inFile.host ? inFile.token : undefined);
  if (host === undefined || token === undefined) {
    const section = `host and token in [${profile ?? 'DEFAULT'}] of ~/.databrickscfg`;
    const hint =
      profile === undefined ? `Set DATABRICKS_HOST and DATABRICKS_TOKEN, or ${section}` : `Set ${section}`;
    return problem(
      'databricks-access-missing',
      'The host or the token of the Databricks workspace is missing',
      hint,
    );
  }
  if (host === 'invalid') {
    return problem(
      'databricks-host',
      'The host of the Databricks workspace is not an https:// address',
      'Write it as https://<workspace>',
    );
  }
  const checked = headerValue(
    token,
    inEnv.token === undefined ? 'The token in ~/.databrickscfg' : 'DATABRICKS_TOKEN',
  );
  return checked.kind === 'problem' ? checked : { kind: 'value', value: { host, token } };
}

/** The origin of a workspace's address, `invalid` where it is none, or names credentials. */
function hostUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return 'invalid';
  const url = new URL(address);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    ? url.origin
    : 'invalid';
}

/**
 * Where a workspace takes spans for a Unity Catalog trace location, and with which headers: after
 * MLflow's client (3.17.2, `databricks_rest_store.py`). Not run against a real workspace.
 */
export function databricksEndpoint(
  access: DatabricksAccess,
  traceLocation: string | undefined,
): OrProblem<{ url: string; headers: Record<string, string> }> {
  if (traceLocation === undefined || !isTraceLocation(traceLocation)) {
    const what =
      traceLocation === undefined
        ? 'Databricks takes traces over OpenTelemetry only into a Unity Catalog trace location, and none is set'
        : 'The trace location is not of the form catalog.schema.prefix';
    return problem(
      'databricks-trace-location',
      what,
      'Set traceLocation to the catalog.schema.prefix of the experiment (mlflow-codex setup --trace-location, or MLFLOW_TRACE_LOCATION)',
    );
  }
  return {
    kind: 'value',
    value: {
      url: `${access.host}/api/2.0/otel/v1/traces`,
      headers: {
        authorization: `Bearer ${access.token}`,
        'x-databricks-uc-table-name': `${traceLocation}_otel_spans`,
      },
    },
  };
}
