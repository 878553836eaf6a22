import { test } from '@jest/globals';
import { expectWords, type Row } from './expect-words.js';

test.each<Row>([
  [
    'unknown-keys',
    { file: '/f', keys: ['a', 'b'] },
    '/f has keys that mean nothing: a, b',
    'Correct them in /f, or remove them',
  ],
  [
    'project-not-trusted',
    { file: '/f', uri: 'http://h:1' },
    '/f sends to http://h:1, and is passed over: a project may not choose by itself where your conversations go',
    'If you want it so: mlflow-codex setup --project',
  ],
  [
    'experiment-of-another-server',
    { file: '/f', experiment: '7', uri: 'http://h:1' },
    'Experiment 7 of /f is not used: the file names another server than http://h:1',
    'Set MLFLOW_EXPERIMENT_ID, or name the experiment where the tracking URI is named',
  ],
  [
    'privacy-kept',
    { file: 'f', field: 'redact', by: 'default' },
    '"redact" of f is not used: a project cannot loosen what you keep private',
    'Set "redact" in your own mlflow-tracing.json',
  ],
  [
    'privacy-kept',
    { file: 'f', field: 'redact', by: 'g' },
    '"redact" of f is not used: g is stricter',
    'Remove it from f',
  ],
  [
    'misplaced-keys',
    { file: 'f', keys: ['a'] },
    'a of f is not used: a file of this place may not say that',
    'Move it to your own mlflow-tracing.json, or to the machine\'s ("required" only there)',
  ],
  [
    'misplaced-keys',
    { file: 'f', keys: ['a', 'b'] },
    'a, b of f are not used: a file of this place may not say that',
    'Move them to your own mlflow-tracing.json, or to the machine\'s ("required" only there)',
  ],
  [
    'set-by-system',
    { source: 'environment', field: 'userId' },
    '"userId" of the environment is not used: your organisation has set it',
    'Ask the administrator of this machine, if it must be otherwise',
  ],
  [
    'set-by-system',
    { source: 'f', field: 'userId' },
    '"userId" of f is not used: your organisation has set it',
    'Ask the administrator of this machine, if it must be otherwise',
  ],
  ['system-file', { file: 'f', required: [], floor: [] }, 'Set by your organisation in f'],
  [
    'system-file',
    { file: 'f', required: ['a'], floor: ['b', 'c'] },
    'Set by your organisation in f, which nothing overrides: a; at least as strict as it says: b, c',
  ],
  [
    'system-file',
    { file: 'f', required: ['a', 'b'], floor: [] },
    'Set by your organisation in f, which nothing overrides: a, b',
  ],
  [
    'system-file',
    { file: 'f', required: [], floor: ['b'] },
    'Set by your organisation in f; at least as strict as it says: b',
  ],
  [
    'settings',
    { uri: 'u', uriSource: 'f', experiment: '7', experimentSource: 'f' },
    'Traces go to u, experiment 7 (f)',
  ],
  [
    'settings',
    { uri: 'u', uriSource: 'f', experiment: '7', experimentSource: 'g' },
    'Traces go to u, experiment 7 (f, g)',
  ],
  [
    'settings',
    { uri: 'u', uriSource: 'f', experiment: '7', experimentSource: 'f', traceLocation: 'a.b.c' },
    'Traces go to u (f), a.b.c',
  ],
  [
    'privacy',
    { content: 'metadata', redact: true, redactPii: false, patterns: 0, maxContentBytes: 9 },
    'Names, times, tokens and outcomes are sent, and nothing that was said',
  ],
  [
    'privacy',
    { content: 'full', redact: false, redactPii: false, patterns: 0, maxContentBytes: 9 },
    'What was said is sent, up to 9 bytes a message, as it is',
  ],
  [
    'privacy',
    { content: 'full', redact: true, redactPii: false, patterns: 0, maxContentBytes: 9 },
    'What was said is sent, up to 9 bytes a message, secrets taken out (known values, tokens, secrets by their place): a net, not a proof; mlflow-codex show --as-sent shows what leaves',
  ],
  [
    'privacy',
    { content: 'full', redact: true, redactPii: true, patterns: 1, maxContentBytes: 9 },
    'What was said is sent, up to 9 bytes a message, secrets taken out (known values, tokens, secrets by their place, e-mail addresses, your user name, 1 pattern of yours): a net, not a proof; mlflow-codex show --as-sent shows what leaves',
  ],
  [
    'privacy',
    { content: 'full', redact: true, redactPii: false, patterns: 2, maxContentBytes: 9 },
    'What was said is sent, up to 9 bytes a message, secrets taken out (known values, tokens, secrets by their place, 2 patterns of yours): a net, not a proof; mlflow-codex show --as-sent shows what leaves',
  ],
  [
    'privacy',
    { content: 'full', redact: true, redactPii: false, patterns: 1, maxContentBytes: 9 },
    'What was said is sent, up to 9 bytes a message, secrets taken out (known values, tokens, secrets by their place, 1 pattern of yours): a net, not a proof; mlflow-codex show --as-sent shows what leaves',
  ],
  [
    'privacy',
    { content: 'full', redact: true, redactPii: true, patterns: 0, maxContentBytes: 9 },
    'What was said is sent, up to 9 bytes a message, secrets taken out (known values, tokens, secrets by their place, e-mail addresses, your user name): a net, not a proof; mlflow-codex show --as-sent shows what leaves',
  ],
  [
    'slow-pattern',
    { pattern: '(a+)+', file: 'f', index: 2 },
    'redactPatterns[2] of f, (a+)+, takes too long on some texts: they are left out of traces',
    'Write it without a repetition inside a repetition, or give each repetition an end: {1,100} in place of +',
  ],
  [
    'tags-unread',
    { parts: 1 },
    'A part of MLFLOW_CODEX_TAGS is no key=value, and left out',
    'Write MLFLOW_CODEX_TAGS=key=value,key=value; a comma within a value is %2C',
  ],
  [
    'tags-unread',
    { parts: 2 },
    '2 parts of MLFLOW_CODEX_TAGS are no key=value, and left out',
    'Write MLFLOW_CODEX_TAGS=key=value,key=value; a comma within a value is %2C',
  ],
  [
    'tracing-disabled',
    { by: 'environment' },
    'Tracing is switched off by MLFLOW_CODEX_DISABLED',
    'unset MLFLOW_CODEX_DISABLED',
  ],
  ['tracing-disabled', { by: 'f' }, 'Tracing is switched off by f', 'Remove "enabled": false from f'],
  [
    'tracing-config-broken',
    { file: '/f', message: 'It is broken', hint: 'Mend it' },
    'Nothing is sent from here: It is broken',
    'Mend it',
  ],
  [
    'untraced-no-config',
    { folder: '/r' },
    'Sessions in /r are not traced: there is no tracing config',
    'mlflow-codex setup',
  ],
  [
    'untraced-project-not-trusted',
    { folder: '/r' },
    'Sessions in /r are not traced: its tracing config is passed over, and there is no other',
    'mlflow-codex setup',
  ],
  [
    'untraced-no-tracking-uri',
    { folder: '/r' },
    'Sessions in /r are not traced: no config names a server',
    'mlflow-codex setup',
  ],
  [
    'untraced-excluded',
    { folder: '/r' },
    'Sessions in /r are not traced: "exclude" names the folder',
    'Take it out of "exclude" in your mlflow-tracing.json, if they are to be traced',
  ],
])('%s with %j is told as: %s', expectWords);
