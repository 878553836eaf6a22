import { expect, test } from '@jest/globals';
import type { Finding } from '../../src/platform/problems/finding.js';
import { findingText } from '../../src/terminal/finding-texts.js';

const inFile = { file: '/c.toml', line: 3 };
const pending = { turns: 2, threads: 1, since: '3 h ago', reasons: ['503', '401'], blocked: false };
const rejected = { thread: 'T', turn: 'U', status: 400, message: 'bad' };
const privacy = { content: 'full', redact: true, redactPii: false, patterns: 0, maxContentBytes: 9 } as const;
const settings = { uri: 'u', uriSource: 'f', experiment: '7', experimentSource: 'f' };

test.each<[Finding['code'], object, string]>([
  ['notify-foreign', { ...inFile, notifier: '["a"]' }, '/c.toml:3: ["a"] | --forward-existing'],
  ['notify-foreign', { ...inFile, notifier: '' }, '/c.toml:3 | Remove notify from /c.toml, then'],
  ['notify-managed', { ...inFile, notifier: '["a"]' }, '/c.toml:3: ["a"] | Ask the administrator'],
  ['notify-managed', { ...inFile, notifier: '' }, '/c.toml:3 | Ask the administrator'],
  ['notify-beside', { ...inFile, notifier: '["a"]' }, '/c.toml:3: ["a"]'],
  ['notify-overruled', { ...inFile, by: '/etc' }, '/etc comes before it | Remove notify from /c.toml'],
  ['notify-ignored', { ...inFile, version: '0.171.0' }, '/c.toml:3 | mlflow-codex setup moves it'],
  ['notify-of-profile', { ...inFile, profile: 'p' }, '/c.toml:3 | Remove notify from /c.toml'],
  ['notify-older', inFile, '/c.toml:3 | mlflow-codex setup renews it'],
  ['stop-hook-ours', inFile, 'once you have trusted it (type /hooks in codex)'],
  [
    'hook-needs-shell-path',
    { command: 'm', sessions: 2 },
    '2 of the last sessions are missing, perhaps for this | mlflow-codex setup',
  ],
  ['hook-needs-shell-path', { command: 'm', sessions: 0 }, 'PATH of your shell | mlflow-codex setup'],
  [
    'daemon-environment',
    { pid: 7, variables: ['A', 'B'] },
    'another A, B than this shell has | codex app-server daemon restart',
  ],
  [
    'daemon-hook-fails',
    { pid: 7, command: 'm', reason: 'r' },
    '(r): m | codex app-server daemon restart, from a shell',
  ],
  ['privacy-kept', { file: 'f', field: 'redact', by: 'default' }, 'keep private | Set "redact" in your own'],
  ['privacy-kept', { file: 'f', field: 'redact', by: 'g' }, 'g is stricter | Remove it from f'],
  [
    'misplaced-keys',
    { file: 'f', keys: ['a'] },
    'a of f is not used: a file of this place may not say that | Move it to',
  ],
  [
    'misplaced-keys',
    { file: 'f', keys: ['a', 'b'] },
    'a, b of f are not used: a file of this place may not say that | Move them to',
  ],
  [
    'set-by-system',
    { source: 'environment', field: 'userId' },
    '"userId" of the environment is not used: your organisation has set it | Ask',
  ],
  [
    'set-by-system',
    { source: 'f', field: 'userId' },
    '"userId" of f is not used: your organisation has set it | Ask',
  ],
  ['system-file', { file: 'f', required: [], floor: [] }, 'Set by your organisation in f'],
  [
    'system-file',
    { file: 'f', required: ['a'], floor: ['b', 'c'] },
    'which nothing overrides: a; at least as strict as it says: b, c',
  ],
  ['settings', settings, 'Traces go to u, experiment 7 (f)'],
  ['settings', { ...settings, experimentSource: 'g' }, 'Traces go to u, experiment 7 (f, g)'],
  ['settings', { ...settings, traceLocation: 'a.b.c' }, 'Traces go to u (f), a.b.c'],
  ['privacy', { ...privacy, content: 'metadata' }, 'nothing that was said'],
  ['privacy', { ...privacy, redact: false }, 'up to 9 bytes a message, as it is'],
  ['privacy', privacy, '(known values, tokens, secrets by their place)…'],
  [
    'privacy',
    { ...privacy, redactPii: true, patterns: 1 },
    'place, e-mail addresses, your user name, 1 pattern of yours)…',
  ],
  ['privacy', { ...privacy, patterns: 2 }, 'place, 2 patterns of yours)…'],
  ['tracing-disabled', { by: 'environment' }, 'by MLFLOW_CODEX_DISABLED | unset MLFLOW_CODEX_DISABLED'],
  ['tracing-disabled', { by: 'f' }, 'by f | Remove "enabled": false from f'],
  [
    'server-down',
    { uri: 'http://localhost:5001', reason: 'r' },
    '(r) | Is this its address? Then start it: mlflow server --port 5001',
  ],
  [
    'server-down',
    { uri: 'http://localhost', reason: 'r' },
    'No server answers at http://localhost (r) | Then start it: mlflow server --port 80',
  ],
  [
    'server-down',
    { uri: 'http://far:5000', reason: 'r' },
    'No server answers at http://far:5000 (r) | Then see that it is running',
  ],
  ['experiment-active', { uri: 'u', id: '7', name: 'n' }, 'Experiment 7 (n) is there'],
  ['experiment-active', { uri: 'u', id: '7', name: '' }, 'Experiment 7 is there'],
  [
    'databricks-experiment',
    { id: '7', name: 'n', location: '' },
    '7 (n) is there; its traces go into the experiment',
  ],
  [
    'databricks-experiment',
    { id: '7', name: '', location: 'a.b.c' },
    '7 is there; its traces go to Unity Catalog, a.b.c',
  ],
  [
    'databricks-location-differs',
    { id: '7', named: 'a.b.c', bound: '' },
    'keeps its traces in itself: it will not… | Leave traceLocation',
  ],
  [
    'databricks-location-differs',
    { id: '7', named: 'a.b.c', bound: 'd.e.f' },
    'is bound to d.e.f: it will not… | Leave',
  ],
  ['databricks-signed-in', { host: 'h', way: 'pat', source: 's' }, 'with a personal access token (s)'],
  ['databricks-signed-in', { host: 'h', way: 'oauth-m2m', source: 's' }, 'with an OAuth client (s)'],
  [
    'databricks-signed-in',
    { host: 'h', way: 'databricks-cli', source: 's' },
    'with databricks auth login (s)',
  ],
  ['databricks-signed-in', { host: 'h', way: 'azure-cli', source: 's' }, 'with az login (s)'],
  ['hook-ran', { when: 'w', outcome: 'sent', ms: 5, detail: 'd' }, 'w: sent in 5 ms (d)'],
  ['hook-ran', { when: 'w', outcome: 'sent', ms: 5, detail: '' }, 'w: sent in 5 ms'],
  [
    'turns-pending',
    pending,
    '2 turns of 1 session not sent yet, the oldest since 3 h ago: 503, 401 | mlflow-codex sync',
  ],
  [
    'turns-pending',
    { ...pending, turns: 1, threads: 2, since: '', reasons: [], blocked: true },
    '1 turn of 2 sessions not sent yet | Mend what is named above, then',
  ],
  ['turn-rejected', rejected, '(HTTP 400): bad | mlflow-codex show T shows its session; the turn is U'],
  ['turn-rejected', { ...rejected, turn: '', message: '' }, '(HTTP 400) | mlflow-codex show T'],
  [
    'turns-lost',
    { turns: 1, thread: 'T', turn: 'U', reason: 'r' },
    '1 turn lost, the last U of session T: r',
  ],
  ['turns-lost', { turns: 2, thread: 'T', turn: '', reason: 'r' }, '2 turns lost, the last of session T: r'],
  [
    'state-unusable',
    { file: 'f', reason: 'r', more: 2, remedy: 'm' },
    '(r), nor 2 more: what is pending is not seen… | m',
  ],
  [
    'state-unusable',
    { file: 'f', reason: 'r', more: 0, remedy: 'm' },
    '(r): what is pending is not seen… | m',
  ],
  [
    'thread-unknown',
    { thread: 'T', folder: '/r', when: 'w', reason: 'why' },
    'session T in /r, w: not traced (why) | mlflow-codex setup in /r, then mlflow-codex sync T',
  ],
  [
    'thread-unknown',
    { thread: 'T', folder: '', when: 'w', reason: '' },
    'session T, w: no hook ran for it | mlflow-codex sync T',
  ],
  [
    'thread-unknown',
    { thread: 'T', folder: '/r', when: 'w', reason: 'excluded' },
    'session T in /r, w: not traced (excluded)',
  ],
  ['hook-never-ran', {}, 'The hook has not run yet: have a turn with codex'],
  ['live', { isWatched: true }, '("live"): a watcher is at work'],
  ['live', { isWatched: false }, '("live"): the next hook leaves a watcher behind'],
  ['turns-shown', { turns: 1 }, '1 turn shown while it goes on'],
  ['turns-shown', { turns: 2 }, '2 turns shown while they go on'],
  ['turns-left-running', { turns: 1 }, 'IN_PROGRESS of it | The next turn’s hook sends what is over'],
  ['turns-left-running', { turns: 2 }, '2 turns shown and not sent whole… | or now: mlflow-codex sync'],
  ['turns-left-running', { turns: 0 }, 'IN_PROGRESS of them'],
  ['turns-once-more', { turns: 1 }, '1 turn sent, and once more with the next hook…'],
  ['more-rejected', { more: 3 }, '3 more were refused'],
  [
    'turns-reduced',
    { turns: 2, when: 'w', detail: 'd', thread: 'T' },
    '2 turns sent without all of the content, the last w: d | mlflow-codex show T shows its session whole',
  ],
  ['state-unreadable', { file: 'f' }, 'f could not be read; it is made anew from the recording | Delete f'],
  ['state-newer', { file: 'f' }, 'f was written by a newer version… | npm install -g @mlflow/codex@latest'],
  [
    'threads-never-announced',
    { threads: 1 },
    '1 session of the last 3 days the hook was never told of | mlflow-codex sync sends',
  ],
  [
    'thread-unknown',
    { thread: 'T', folder: '/r', when: 'w', reason: 'switched off by f' },
    'session T in /r, w: not traced (switched off by f)',
  ],
  [
    'hooks-off',
    { hook: 'h', file: 'f' },
    'our hook in h: f switches all hooks off | Remove hooks = false from f',
  ],
  [
    'profile-hooks-off',
    { file: 'f', profile: 'p' },
    'codex --profile p runs no hooks: f | Remove hooks = false',
  ],
  [
    'stop-hook-off',
    { ...inFile, by: '/etc/codex/requirements.toml' },
    '/c.toml:3. /etc/codex/requirements.toml switches it off | Ask the administrator',
  ],
  [
    'stop-hook-off',
    { ...inFile, by: 'a user' },
    'a user switches it off | Type /hooks in codex, choose Stop',
  ],
  [
    'plugin-untrusted',
    { id: 'i', version: 'v', wasApproved: true },
    'i, version v: its files have changed since you approved it | mlflow-codex setup --trust-plugin',
  ],
  [
    'plugin-untrusted',
    { id: 'i', version: 'v', wasApproved: false },
    'i, version v: you have not approved it | Start codex: it asks you',
  ],
  [
    'notify-still-needed',
    { file: 'f', needs: ['a', 'b'] },
    'notify stays in f: it is needed by a, b | uninstall --all',
  ],
  [
    'tracing-kept-aside',
    { file: 'f', keys: ['a', 'b'], backup: 'g' },
    'f has keys of your own (a, b): it is kept as g',
  ],
  [
    'tags-unread',
    { parts: 1 },
    'A part of MLFLOW_CODEX_TAGS is no key=value, and left out | Write MLFLOW_CODEX_TAGS=key',
  ],
  ['tags-unread', { parts: 2 }, '2 parts of MLFLOW_CODEX_TAGS are no key=value, and left out'],
  [
    'slow-pattern',
    { pattern: '(a+)+', file: 'f', index: 2 },
    'redactPatterns[2] of f, (a+)+, takes too long… | give each repetition an end',
  ],
  ['host-not-allowed', { uri: 'http://box:5000/p' }, 'the name in http://box:5000/p… | 127.0.0.1:*,box:*"'],
  ['host-not-allowed', { uri: 'no address' }, 'no address… | 127.0.0.1:*,no address:*"'],
  ['experiment-name-missing', { uri: 'u', name: 'a b' }, '"a b" at u | --experiment-name "a b"'],
  [
    'databricks-two-ways',
    { source: 's', way: 'pat', passedOver: ['a', 'b'] },
    '(s): pat is used, a, b is not | set DATABRICKS_AUTH_TYPE (auth_type in a profile) to pat',
  ],
  ['notify-in-both', { file: 'f' }, 'f does not say its version: before 0.130…'],
  ['notify-in-both', { file: '' }, 'No codex was found: before 0.130…'],
])('%s with %j is told as %s', (code, args, words) => {
  const { text, remedy } = findingText({ code, args } as Finding);
  const [expectedText = '', expectedRemedy] = words.split(' | ');
  // The whole of the text's end, unless the words break off here.
  if (expectedText.endsWith('…')) expect(text).toContain(expectedText.slice(0, -1));
  else expect(text.slice(-expectedText.length)).toBe(expectedText);
  if (expectedRemedy !== undefined) expect(remedy).toContain(expectedRemedy);
});
