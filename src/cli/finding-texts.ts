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

const CODEX: Record<string, Words> = {
  node: ({ version }) => `Node ${version}`,
  'node-old': ({ version }) => ({
    text: `Node ${version} is too old`,
    remedy: 'Install Node 18.19 or later',
  }),
  codex: ({ version, file }) => `Codex ${version} (${file})`,
  'codex-missing': () => ({
    text: 'No codex is on the PATH',
    remedy: 'npm install -g @openai/codex; an editor may bring its own',
  }),
  'codex-mute': ({ file }) => ({ text: `${file} does not say its version`, remedy: 'codex --version' }),
  'config-broken': ({ message, hint }) => ({ text: String(message), remedy: String(hint) }),
  'notify-ours': ({ file, line }) => `Codex calls our hook: ${file}:${line}`,
  'notify-missing': ({ file }) => ({
    text: `Codex calls no hook: ${file} has no notify`,
    remedy: 'mlflow-codex setup',
  }),
  'notify-foreign': ({ file, line, notifier }) => ({
    text: `Codex calls another program than our hook: ${file}:${line}${notifier ? `: ${notifier}` : ''}`,
    remedy: notifier
      ? 'mlflow-codex setup --forward-existing keeps it'
      : `Remove notify from ${file}, then mlflow-codex setup`,
  }),
  'notify-older': ({ file, line }) => ({
    text: `Codex calls an older program than this one: ${file}:${line}`,
    remedy: 'mlflow-codex setup renews it',
  }),
  'notify-ignored': ({ file, line, version }) => ({
    text: `Codex ${version} ignores notify in a project’s config, and warns of it: ${file}:${line}`,
    remedy: 'mlflow-codex setup moves it to where this Codex reads it',
  }),
  'notify-forwards': ({ notifier }) => `The hook calls the notifier that was there first: ${notifier}`,
  'notify-of-profile': ({ file, line, profile }) => ({
    text: `codex --profile ${profile} calls another program: ${file}:${line}`,
    remedy: `Remove notify from ${file}`,
  }),
  'hook-starts': ({ command, version }) => `The hook starts, version ${version}: ${command}`,
  'hook-fails': ({ command, reason }) => ({
    text: `The hook does not start (${reason}): ${command}`,
    remedy: 'npm install -g @mlflow/codex && mlflow-codex setup',
  }),
  'hook-other-version': ({ command, version, own }) => ({
    text: `The hook is version ${version}, this program ${own}: ${command}`,
    remedy: 'mlflow-codex setup',
  }),
  'daemon-ok': ({ pid }) =>
    `The Codex daemon (process ${pid}) can start the hook, with the same settings as here`,
  'daemon-unread': ({ pid }) => `A Codex daemon is running (process ${pid}); its environment cannot be seen`,
  'daemon-hook-fails': ({ pid, command, reason }) => ({
    text: `The Codex daemon (process ${pid}) cannot start the hook (${reason}): ${command}`,
    remedy: 'codex app-server daemon restart, from a shell where it starts',
  }),
  'daemon-environment': ({ pid, variables }) => ({
    text: `The Codex daemon (process ${pid}) was started with another ${variables} than this shell has`,
    remedy: 'codex app-server daemon restart',
  }),
};

const HERE: Record<string, Words> = {
  settings: ({ uri, uriSource, experiment, experimentSource, traceLocation }) =>
    traceLocation
      ? `Traces go to ${uri} (${uriSource}), ${traceLocation}`
      : `Traces go to ${uri}, experiment ${experiment} (${[...new Set([uriSource, experimentSource])].join(', ')})`,
  privacy: ({ content, redact, maxContentBytes }) =>
    content === 'metadata'
      ? 'Names, times, tokens and outcomes are sent, and nothing that was said'
      : `What was said is sent, up to ${maxContentBytes} bytes a message, ${redact === 'true' ? 'secrets taken out' : 'as it is'}`,
  'tracing-disabled': ({ by }) => ({
    text: `Tracing is switched off by ${by === 'environment' ? 'MLFLOW_CODEX_DISABLED' : by}`,
    remedy: by === 'environment' ? 'unset MLFLOW_CODEX_DISABLED' : `Remove "enabled": false from ${by}`,
  }),
  'tracing-config-broken': ({ message, hint }) => ({
    text: `Nothing is sent from here: ${message}`,
    remedy: String(hint),
  }),
  'untraced-no-config': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: there is no tracing config`,
    remedy: 'mlflow-codex setup',
  }),
  'untraced-project-not-trusted': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: its tracing config is passed over, and there is no other`,
    remedy: 'mlflow-codex setup',
  }),
  'untraced-no-tracking-uri': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: no config names a server`,
    remedy: 'mlflow-codex setup',
  }),
  offline: () => 'No server was asked (--offline)',
  'databricks-unasked': ({ uri }) =>
    `${uri} is Databricks; whether it takes traces is seen with the first one`,
  'experiment-unknown': ({ uri, id, reason }) => ({
    text: `Whether there is an experiment ${id} at ${uri} cannot be seen (${reason})`,
    remedy: 'Look at the server’s log',
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

const TURNS: Record<string, Words> = {
  'hook-never-ran': () => 'The hook has not run yet: have a turn with codex',
  'hook-ran': ({ when, outcome, ms, detail }) =>
    `${when}: ${outcome} in ${ms} ms${detail ? ` (${detail})` : ''}`,
  'turns-owed': ({ turns, threads, since, reasons, blocked }) => ({
    text: `${count(turns, 'turn')} of ${count(threads, 'session')} not sent yet${since ? `, the oldest since ${since}` : ''}${reasons ? `: ${reasons}` : ''}`,
    remedy: blocked === 'true' ? 'Mend what is named above, then mlflow-codex sync' : 'mlflow-codex sync',
  }),
  'turn-set-aside': ({ thread, turn, status, message }) => ({
    text: `A turn was refused for good (HTTP ${status}): ${message}`,
    remedy: `mlflow-codex show ${thread}${turn ? ` shows its session; the turn is ${turn}` : ''}`,
  }),
  'more-set-aside': ({ more }) => `${more} more were refused`,
  'state-unreadable': ({ file }) => ({
    text: `${file} could not be read; it is made anew from the recording`,
    remedy: `Delete ${file}`,
  }),
  'threads-never-announced': ({ threads }) => ({
    text: `${count(threads, 'session')} of the last 3 days the hook was never told of`,
    remedy: 'mlflow-codex sync --since 3d sends those of traced folders',
  }),
};

function count(number: string | undefined, noun: string): string {
  return `${number} ${noun}${number === '1' ? '' : 's'}`;
}

const WORDS: Record<string, Words> = {
  ...CODEX,
  ...HERE,
  ...TURNS,
  ...SETTINGS,
  ...SETUP,
  ...UNINSTALL,
  ...SERVER,
};

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
