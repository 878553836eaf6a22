import type { ServerFindings } from '../../platform/problems/finding-args.js';
import { isThisMachine } from '../../settings/files/tracking-uri.js';
import type { MessagesOf } from './messages.js';

/** Of the server, the experiment and the endpoint. */
export const SERVER_MESSAGES: MessagesOf<ServerFindings> = {
  'server-up': ({ uri, version }) => `MLflow ${version} answers at ${uri}`,
  'server-old': ({ uri, version }) => ({
    text: `MLflow ${version} at ${uri} is too old: it keeps neither sessions nor tokens`,
    remedy: 'Update the server to MLflow 3.10 or later (best 3.15): pip install -U mlflow',
  }),
  'server-down': ({ uri, reason }) => ({
    text: `No server answers at ${uri} (${reason})`,
    remedy: whetherAddress(uri),
  }),
  'server-slow': ({ uri, reason }) => ({
    text: `${uri} takes its time (${reason}): it may be starting, busy, or not to be reached from here`,
    remedy: 'mlflow-codex status asks it again; turns wait until it answers',
  }),
  'server-not-mlflow': ({ uri, status }) => ({
    text: `What answers at ${uri} is not MLflow (HTTP ${status})`,
    remedy: 'Correct the tracking URI, with its path prefix if it has one: mlflow-codex setup',
  }),
  'credentials-refused': ({ uri, status }) => ({
    text: `${uri} refuses the credentials, or wants some (HTTP ${status})`,
    remedy:
      'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or write them into ~/.mlflow/credentials',
  }),
  'host-not-allowed': ({ uri }) => ({
    text: `MLflow does not answer to the name in ${uri} (HTTP 403, Invalid Host header)`,
    remedy: `Start it with this name allowed, mlflow server --allowed-hosts "localhost:*,127.0.0.1:*,${hostOf(uri)}:*", or use its IP address`,
  }),
  'experiment-active': ({ id, name }) => `Experiment ${id}${name ? ` (${name})` : ''} is there`,
  'experiment-created': ({ uri, id, name }) => `Experiment ${id} (${name}) was made at ${uri}`,
  'experiment-missing': ({ uri, id }) => ({
    text: `There is no experiment ${id} at ${uri}`,
    remedy: 'mlflow-codex setup, with the id of another or a name',
  }),
  'experiment-name-missing': ({ uri, name }) => ({
    text: `There is no experiment "${name}" at ${uri}`,
    remedy: `mlflow-codex setup --experiment-name ${JSON.stringify(name)}`,
  }),
  'experiment-deleted': ({ uri, id }) => ({
    text: `Experiment ${id} at ${uri} is deleted: it takes traces, and shows none`,
    remedy: `mlflow experiments restore --experiment-id ${id}, or another one: mlflow-codex setup`,
  }),
  'destination-problem': ({ message, hint }) => ({ text: message, remedy: hint }),
  offline: () => 'No server was asked (--offline)',
  'databricks-signed-in': ({ host, way, source }) =>
    `Databricks at ${host}, signed in with ${SIGN_IN_WAYS[way] ?? way} (${source})`,
  'databricks-two-ways': ({ source, way, passedOver }) => ({
    text: `Two ways of signing in are set (${source}): ${way} is used, ${passedOver.join(', ')} is not`,
    remedy: `Remove one of them, or set DATABRICKS_AUTH_TYPE (auth_type in a profile) to ${way}`,
  }),
  'databricks-experiment': ({ id, name, location }) =>
    `Experiment ${id}${name ? ` (${name})` : ''} is there; its traces go ${
      location ? `to Unity Catalog, ${location}` : 'into the experiment'
    }`,
  'databricks-location-alone': ({ location }) =>
    `Traces go to Unity Catalog, ${location}; no experiment is named`,
  'databricks-location-differs': ({ id, named, bound }) => ({
    text: `The trace location is ${named}, but experiment ${id} ${
      bound ? `is bound to ${bound}` : 'keeps its traces in itself'
    }: it will not show them`,
    remedy: 'Leave traceLocation and MLFLOW_TRACE_LOCATION out: the experiment says where its traces lie',
  }),
  'experiment-to-be-made': ({ uri, name }) =>
    `There is no experiment "${name}" at ${uri} yet: it is made with the first turn`,
  'experiment-unknown': ({ uri, id, reason }) => ({
    text: `Whether there is an experiment ${id} at ${uri} could not be checked (${reason})`,
    remedy: 'Look at the server’s log, then mlflow-codex status',
  }),
  'otlp-allowed': ({ url }) => `${url} takes traces from you`,
  'otlp-refused': ({ url, status }) => ({
    text: `${url} refuses traces from you (HTTP ${status})`,
    remedy:
      'Ask for the EDIT permission on the experiment, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
  }),
  'otlp-missing': ({ url, status }) => ({
    text: `${url} takes no traces (HTTP ${status})`,
    remedy: 'Run MLflow 3.10 or later with a database: mlflow server --backend-store-uri sqlite:///mlflow.db',
  }),
  'otlp-unknown': ({ url, reason }) => ({
    text: `${url} does not answer as it should (${reason})`,
    remedy: 'Look at the server’s log',
  }),
};

/** Nobody answers: a wrong address is as likely as a server that does not run. */
function whetherAddress(uri: string): string {
  const start = isOnThisMachine(uri) ? `Then start it: ${startServer(uri)}` : 'Then see that it is running';
  return `Is this its address? ${start}. If it is not: mlflow-codex setup`;
}

function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).hostname : uri;
}

/** Whether a server is this machine's, and so its user's to start. */
export function isOnThisMachine(uri: string): boolean {
  return URL.canParse(uri) && isThisMachine(new URL(uri));
}

/** How an MLflow server on this machine is started. */
export function startServer(uri: string): string {
  return `mlflow server --port ${new URL(uri).port || '80'}`;
}

/** The ways of signing in to Databricks, in words. */
const SIGN_IN_WAYS: Readonly<Record<string, string>> = {
  pat: 'a personal access token',
  'oauth-m2m': 'an OAuth client',
  'databricks-cli': 'databricks auth login',
  'azure-cli': 'az login',
};
