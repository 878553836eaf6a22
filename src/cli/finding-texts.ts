import type { Finding } from '../config/finding.js';
import { isThisMachine } from '../config/tracking-uri.js';

/** A finding in words, and what to do about it: a command, a variable or an edit. */
export interface FindingText {
  text: string;
  remedy?: string;
}

type Args = Record<string, string>;
type Words = (args: Args) => FindingText | string;

const SETTINGS: Record<string, Words> = {
  'unknown-keys': ({ file, keys }) => ({
    text: `${file} has keys that mean nothing: ${keys}`,
    remedy: `Correct them in ${file}, or remove them`,
  }),
  'project-not-trusted': ({ file, uri }) => ({
    text: `${file} sends to ${uri}, and is passed over: a project may not choose by itself where your conversations go`,
    remedy: 'If you want it so: mlflow-codex setup --project',
  }),
  'experiment-of-another-server': ({ file, experiment, uri }) => ({
    text: `Experiment ${experiment} of ${file} is not used: the file names another server than ${uri}`,
    remedy: 'Set MLFLOW_EXPERIMENT_ID, or name the experiment where the tracking URI is named',
  }),
  'privacy-kept': ({ file, field }) => ({
    text: `"${field}" of ${file} is not used: a project cannot loosen what you keep private`,
    remedy: `Set "${field}" in your own mlflow-tracing.json`,
  }),
};

const SETUP: Record<string, Words> = {
  'home-is-user-scope': () => 'This folder’s .codex is Codex’s home: project and user are the same here',
  'notify-in-user-config': ({ version }) =>
    `Codex ${version} reads notify in the user’s config only; folders without a tracing config are not traced`,
  'notify-in-project-config': ({ version }) => `Codex ${version} reads notify in a project’s own config`,
  'notify-in-both': () =>
    'No codex was found: before 0.130 it reads notify in a project’s config, since then in the user’s, so both have it',
  'leftover-removed': ({ file }) =>
    `notify was taken out of ${file}: this Codex ignores it there, and warns of it`,
  'environment-overrides': ({ variable, value }) => ({
    text: `${variable} is set here and comes before the file: ${value}`,
    remedy: `unset ${variable}`,
  }),
  'starts-slowly': () => ({
    text: 'The hook is started through npx, which costs time after every turn',
    remedy: 'npm install -g @mlflow/codex && mlflow-codex setup',
  }),
};

const UNINSTALL: Record<string, Words> = {
  'notify-still-needed': ({ file, needs }) => ({
    text: `notify stays in ${file}: it is needed by ${needs}`,
    remedy: 'mlflow-codex uninstall --all takes everything away',
  }),
  'notify-not-ours': ({ file }) => `${file} is left alone: notify there is no longer ours`,
  'tracing-kept-aside': ({ file, keys }) =>
    `${file} has keys of your own (${keys}): it is kept beside, as .before-mlflow-codex`,
  'tracing-not-ours': ({ file }) => ({
    text: `${file} stays: setup did not make it`,
    remedy: 'Delete it, or set "enabled": false in it',
  }),
  'tracing-broken': ({ file }) => ({
    text: `${file} is left alone: it is no longer valid JSON`,
    remedy: `Correct or delete ${file}`,
  }),
};

const SERVER: Record<string, Words> = {
  'server-up': ({ uri, version }) => `MLflow ${version} answers at ${uri}`,
  'server-old': ({ uri, version }) => ({
    text: `MLflow ${version} at ${uri} is too old: it keeps neither sessions nor tokens`,
    remedy: 'Update the server to MLflow 3.10 or later (best 3.15): pip install -U mlflow',
  }),
  'server-down': ({ uri, reason }) => ({
    text: `No server answers at ${uri} (${reason})`,
    remedy: startServer(uri ?? ''),
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
  'experiment-active': ({ id, name }) => `Experiment ${id}${name ? ` (${name})` : ''} takes traces`,
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
  'destination-problem': ({ message, hint }) => ({ text: String(message), remedy: String(hint) }),
};

const WORDS: Record<string, Words> = { ...SETTINGS, ...SETUP, ...UNINSTALL, ...SERVER };

/** Puts a finding into words: the one place where it is done. */
export function findingText({ code, args }: Finding): FindingText {
  const plain = Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
  const words = WORDS[code]?.(plain) ?? `${code} ${JSON.stringify(args)}`;
  return typeof words === 'string' ? { text: words } : words;
}

/** How a server on this machine is started; another's is somebody's to start. */
export function startServer(uri: string): string {
  const url = new URL(uri);
  return isThisMachine(url)
    ? `mlflow server --port ${url.port || '80'}`
    : `Start the server at ${uri}, or correct the tracking URI`;
}
