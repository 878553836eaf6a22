import { test } from '@jest/globals';
import { expectWords, type Row } from './expect-words.js';

test.each<Row>([
  ['home-is-user-scope', {}, 'This folder’s .codex is Codex’s home: project and user are the same here'],
  [
    'notify-in-user-config',
    { version: '0.171.0' },
    'Codex 0.171.0 reads notify in the user’s config only; folders without a tracing config are not traced',
  ],
  [
    'notify-in-project-config',
    { version: '0.171.0' },
    'Codex 0.171.0 reads notify in a project’s own config, once you trust the project',
  ],
  [
    'notify-in-both',
    { file: 'f' },
    'f does not say its version: before 0.130 it reads notify in a project’s config, since then in the user’s, so both have it',
  ],
  [
    'notify-in-both',
    { file: '' },
    'No codex was found: before 0.130 it reads notify in a project’s config, since then in the user’s, so both have it',
  ],
  ['leftover-removed', { file: '/f' }, 'notify was taken out of /f: this Codex ignores it there'],
  [
    'environment-overrides',
    { variable: 'MLFLOW_TRACKING_URI', value: 'http://v:1' },
    'MLFLOW_TRACKING_URI is set here and comes before the file: http://v:1',
  ],
  [
    'managed-hook-suffices',
    { file: '/f' },
    'notify is left alone: Codex runs our hook, set by your organisation in /f',
  ],
  [
    'starts-slowly',
    {},
    'The hook is started through npx, which costs time after every turn',
    'npm install -g @mlflow/codex && mlflow-codex setup',
  ],
  [
    'codex-without-managed-hooks',
    { version: '0.171.0' },
    'Codex 0.171.0 runs no managed hooks, and before 0.124 does not start with them: requirements.toml is left alone',
    'Update Codex to 0.134 or later, then run this again',
  ],
  [
    'codex-version-unknown',
    {},
    'No codex was found here: the hooks need 0.134 or later, and one before 0.124 does not start with them',
  ],
  [
    'hook-set-by-others',
    { file: '/f' },
    '/f still has our hook: setup did not write it, or its record is lost',
    'Take it out of /f by the way it came there',
  ],
  [
    'stop-hook-trust',
    { file: '/f', hooks: 'Stop and SessionEnd hooks' },
    'Codex runs the Stop and SessionEnd hooks in /f only with your approval',
    'Start codex: it asks for a review. Later: type /hooks, and press t at each of them',
  ],
  [
    'plugin-suffices',
    { id: 'mlflow-codex@m' },
    'No notifier is registered: the hook of our plugin mlflow-codex@m does the work',
  ],
  [
    'notify-still-needed',
    { file: 'f', needs: ['a', 'b'] },
    'notify stays in f: it is needed by a, b',
    'mlflow-codex uninstall --all takes everything away',
  ],
  [
    'notify-still-needed',
    { file: 'f', needs: ['a'] },
    'notify stays in f: it is needed by a',
    'mlflow-codex uninstall --all takes everything away',
  ],
  ['notify-not-ours', { file: '/f' }, '/f is left alone: notify there is no longer ours'],
  [
    'tracing-kept-aside',
    { file: 'f', keys: ['a', 'b'], backup: 'g' },
    'f has keys of your own (a, b): it is kept as g',
  ],
  [
    'tracing-not-ours',
    { file: '/f' },
    '/f stays: setup did not make it, or its record is lost',
    'Delete it, or set "enabled": false in it',
  ],
  ['tracing-broken', { file: '/f' }, '/f is left alone: it is no longer valid JSON', 'Correct or delete /f'],
])('%s with %j is told as: %s', expectWords);
