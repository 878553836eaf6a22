import type { SettingsFindings } from '../../platform/problems/finding-args.js';
import type { MessagesOf } from './messages.js';

/** Of the settings that count, and of what in them does not. */
export const SETTINGS_MESSAGES: MessagesOf<SettingsFindings> = {
  'unknown-keys': ({ file, keys }) => ({
    text: `${file} has keys that mean nothing: ${keys.join(', ')}`,
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
  'privacy-kept': ({ file, field, by }) => ({
    text:
      by === 'default'
        ? `"${field}" of ${file} is not used: a project cannot loosen what you keep private`
        : `"${field}" of ${file} is not used: ${by} is stricter`,
    remedy: by === 'default' ? `Set "${field}" in your own mlflow-tracing.json` : `Remove it from ${file}`,
  }),
  'misplaced-keys': ({ file, keys }) => ({
    text: `${keys.join(', ')} of ${file} ${keys.length === 1 ? 'is' : 'are'} not used: a file of this place may not say that`,
    remedy: `Move ${keys.length === 1 ? 'it' : 'them'} to your own mlflow-tracing.json, or to the machine's ("required" only there)`,
  }),
  'set-by-system': ({ source, field }) => ({
    text: `"${field}" of ${source === 'environment' ? 'the environment' : source} is not used: your organisation has set it`,
    remedy: 'Ask the administrator of this machine, if it must be otherwise',
  }),
  'system-file': ({ file, required, floor }) => {
    const fixed = required.length > 0 ? `, which nothing overrides: ${required.join(', ')}` : '';
    const strict = floor.length > 0 ? `; at least as strict as it says: ${floor.join(', ')}` : '';
    return `Set by your organisation in ${file}${fixed}${strict}`;
  },
  settings: ({ uri, uriSource, experiment, experimentSource, traceLocation }) =>
    traceLocation
      ? `Traces go to ${uri} (${uriSource}), ${traceLocation}`
      : `Traces go to ${uri}, experiment ${experiment} (${[...new Set([uriSource, experimentSource])].join(', ')})`,
  privacy: ({ content, redact, redactPii, patterns, maxContentBytes }) => {
    if (content === 'metadata')
      return 'Names, times, tokens and outcomes are sent, and nothing that was said';
    const said = `What was said is sent, up to ${maxContentBytes} bytes a message`;
    if (!redact) return `${said}, as it is`;
    const more = [
      ...(redactPii ? ['e-mail addresses, your user name'] : []),
      ...(patterns > 0 ? [`${patterns} ${patterns === 1 ? 'pattern' : 'patterns'} of yours`] : []),
    ];
    const covered = ['known values', 'tokens', 'secrets by their place', ...more].join(', ');
    return `${said}, secrets taken out (${covered}): a net, not a proof; mlflow-codex show --as-sent shows what leaves`;
  },
  'slow-pattern': ({ pattern, file, index }) => ({
    text: `redactPatterns[${index}] of ${file}, ${pattern}, takes too long on some texts: they are left out of traces`,
    remedy:
      'Write it without a repetition inside a repetition, or give each repetition an end: {1,100} in place of +',
  }),
  'tags-unread': ({ parts }) => ({
    text: `${parts === 1 ? 'A part' : `${parts} parts`} of MLFLOW_CODEX_TAGS ${parts === 1 ? 'is' : 'are'} no key=value, and left out`,
    remedy: 'Write MLFLOW_CODEX_TAGS=key=value,key=value; a comma within a value is %2C',
  }),
  'tracing-disabled': ({ by }) => ({
    text: `Tracing is switched off by ${by === 'environment' ? 'MLFLOW_CODEX_DISABLED' : by}`,
    remedy: by === 'environment' ? 'unset MLFLOW_CODEX_DISABLED' : `Remove "enabled": false from ${by}`,
  }),
  'tracing-config-broken': ({ message, hint }) => ({
    text: `Nothing is sent from here: ${message}`,
    remedy: hint,
  }),
  'untraced-no-config': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: there is no tracing config`,
    remedy: 'mlflow-codex setup',
  }),
  'untraced-project-not-trusted': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: its tracing config is passed over, and there is no other`,
    remedy: 'mlflow-codex setup',
  }),
  'untraced-excluded': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: "exclude" names the folder`,
    remedy: 'Take it out of "exclude" in your mlflow-tracing.json, if they are to be traced',
  }),
  'untraced-no-tracking-uri': ({ folder }) => ({
    text: `Sessions in ${folder} are not traced: no config names a server`,
    remedy: 'mlflow-codex setup',
  }),
};
