import type { InstallFindings } from '../../platform/problems/finding-args.js';
import type { MessagesOf } from './messages.js';

/** Of setup and uninstall. */
export const INSTALL_MESSAGES: MessagesOf<InstallFindings> = {
  'home-is-user-scope': () => 'This folder’s .codex is Codex’s home: project and user are the same here',
  'notify-in-user-config': ({ version }) =>
    `Codex ${version} reads notify in the user’s config only; folders without a tracing config are not traced`,
  'notify-in-project-config': ({ version }) =>
    `Codex ${version} reads notify in a project’s own config, once you trust the project`,
  'notify-in-both': ({ file }) =>
    `${file ? `${file} does not say its version` : 'No codex was found'}: before 0.130 it reads notify in a project’s config, since then in the user’s, so both have it`,
  'leftover-removed': ({ file }) => `notify was taken out of ${file}: this Codex ignores it there`,
  'environment-overrides': ({ variable, value }) =>
    `${variable} is set here and comes before the file: ${value}`,
  'stop-hook-trust': ({ file, hooks }) => ({
    text: `Codex runs the ${hooks} in ${file} only with your approval`,
    remedy: 'Start codex: it asks for a review. Later: type /hooks, and press t at each of them',
  }),
  'plugin-suffices': ({ id }) => `No notifier is registered: the hook of our plugin ${id} does the work`,
  'managed-hook-suffices': ({ file }) =>
    `notify is left alone: Codex runs our hook, set by your organisation in ${file}`,
  'starts-slowly': () => ({
    text: 'The hook is started through npx, which costs time after every turn',
    remedy: 'npm install -g @mlflow/codex && mlflow-codex setup',
  }),
  'codex-without-managed-hooks': ({ version }) => ({
    text: `Codex ${version} runs no managed hooks, and before 0.124 does not start with them: requirements.toml is left alone`,
    remedy: 'Update Codex to 0.134 or later, then run this again',
  }),
  'codex-version-unknown': () =>
    'No codex was found here: the hooks need 0.134 or later, and one before 0.124 does not start with them',
  'hook-set-by-others': ({ file }) => ({
    text: `${file} still has our hook: setup did not write it, or its record is lost`,
    remedy: `Take it out of ${file} by the way it came there`,
  }),
  'notify-still-needed': ({ file, needs }) => ({
    text: `notify stays in ${file}: it is needed by ${needs.join(', ')}`,
    remedy: 'mlflow-codex uninstall --all takes everything away',
  }),
  'notify-not-ours': ({ file }) => `${file} is left alone: notify there is no longer ours`,
  'tracing-kept-aside': ({ file, keys, backup }) =>
    `${file} has keys of your own (${keys.join(', ')}): it is kept as ${backup}`,
  'tracing-not-ours': ({ file }) => ({
    text: `${file} stays: setup did not make it, or its record is lost`,
    remedy: 'Delete it, or set "enabled": false in it',
  }),
  'tracing-broken': ({ file }) => ({
    text: `${file} is left alone: it is no longer valid JSON`,
    remedy: `Correct or delete ${file}`,
  }),
};
