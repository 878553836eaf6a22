import type { CodexFindings } from '../../platform/problems/finding-args.js';
import type { MessagesOf } from './messages.js';

/** Of Node, Codex, its notify slot, the hook and the daemon. */
export const CODEX_MESSAGES: MessagesOf<CodexFindings> = {
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
  'config-broken': ({ message, hint }) => ({ text: message, remedy: hint }),
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
  'notify-managed': ({ file, line, notifier }) => ({
    text: `Codex calls another program than our hook, and your own config cannot change it: ${file}:${line}${notifier ? `: ${notifier}` : ''}`,
    remedy: 'Ask the administrator of this machine for a Stop hook in requirements.toml (docs/platform.md)',
  }),
  'notify-beside': ({ file, line, notifier }) =>
    `Codex calls another notifier as well: ${file}:${line}${notifier ? `: ${notifier}` : ''}`,
  'notify-overruled': ({ file, line, by }) => ({
    text: `Our hook in ${file}:${line} is not called: ${by} comes before it`,
    remedy: `Remove notify from ${file}, or change ${by}`,
  }),
  'hook-managed': ({ file }) => `Codex runs our Stop hook, set by your organisation: ${file}`,
  'hook-managed-unread': ({ file, version }) => ({
    text: `Codex ${version} does not run the hook that your organisation has set in ${file}`,
    remedy: 'Update Codex to 0.134 or later',
  }),
  'hooks-off': ({ hook, file }) => ({
    text: `Codex does not run our hook in ${hook}: ${file} switches all hooks off`,
    remedy: `Remove hooks = false from ${file}; with [features] hooks = true in requirements.toml no user can (mlflow-codex setup --system)`,
  }),
  'profile-hooks-off': ({ file, profile }) => ({
    text: `codex --profile ${profile} runs no hooks: ${file}`,
    remedy: `Remove hooks = false from ${file}`,
  }),
  'stop-hook-off': ({ file, line, by }) => ({
    text: `Our Stop hook is registered, and not run: ${file}:${line}. ${by} switches it off`,
    remedy: by.endsWith('requirements.toml')
      ? 'Ask the administrator of this machine for a managed hook (docs/platform.md)'
      : 'Type /hooks in codex, choose Stop, and switch it on',
  }),
  'notify-older': ({ file, line }) => ({
    text: `Codex calls an older program than this one: ${file}:${line}`,
    remedy: 'mlflow-codex setup renews it',
  }),
  'notify-ignored': ({ file, line, version }) => ({
    text: `Codex ${version} ignores notify in a project’s config: ${file}:${line}`,
    remedy: 'mlflow-codex setup moves it to where this Codex reads it',
  }),
  'notify-forwards': ({ notifier }) => `The hook calls the notifier that was there first: ${notifier}`,
  'notify-of-profile': ({ file, line, profile }) => ({
    text: `codex --profile ${profile} calls another program: ${file}:${line}`,
    remedy: `Remove notify from ${file}`,
  }),
  'stop-hook-ours': ({ file, line }) =>
    `Our Stop hook is registered: ${file}:${line}. Codex runs it once you have trusted it (type /hooks in codex)`,
  'plugin-hook': ({ id, version }) => `Codex runs the hooks of our plugin ${id}, version ${version}`,
  'plugin-untrusted': ({ id, version, wasApproved }) => ({
    text: `Codex does not run the hook of our plugin ${id}, version ${version}: ${wasApproved ? 'its files have changed since you approved it' : 'you have not approved it'}`,
    remedy:
      'Start codex: it asks you to review the hook (codex exec never asks). Or: mlflow-codex setup --trust-plugin',
  }),
  'plugin-unsure': ({ id, version }) =>
    `Our plugin ${id}, version ${version}, is installed; Codex does not say whether it runs its hook (type /hooks in codex)`,
  'plugin-missing': ({ id }) => ({
    text: `The files of our plugin ${id} are not in Codex’s cache`,
    remedy: `codex plugin add ${id}`,
  }),
  'hook-starts': ({ command, version }) => `The hook starts, version ${version}: ${command}`,
  'hook-fails': ({ command, reason }) => ({
    text: `The hook does not start (${reason}): ${command}`,
    remedy: 'npm install -g @mlflow/codex && mlflow-codex setup',
  }),
  'hook-needs-shell-path': ({ command, sessions }) => ({
    text: `A Codex that a desktop, an editor, systemd or cron starts does not find the hook: ${command} needs the PATH of your shell${sessions > 0 ? `; ${sessions} of the last sessions are missing, perhaps for this` : ''}`,
    remedy: 'mlflow-codex setup registers it by its full path, which needs no PATH',
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
    text: `The Codex daemon (process ${pid}) was started with another ${variables.join(', ')} than this shell has`,
    remedy: 'codex app-server daemon restart',
  }),
};
