import { expect, test } from '@jest/globals';
import { CODEX_MESSAGES } from '../../src/terminal/messages/codex-messages.js';
import { INSTALL_MESSAGES } from '../../src/terminal/messages/install-messages.js';
import type { FindingText } from '../../src/terminal/messages/messages.js';
import { SERVER_MESSAGES } from '../../src/terminal/messages/server-messages.js';
import { SETTINGS_MESSAGES } from '../../src/terminal/messages/settings-messages.js';
import { TURNS_MESSAGES } from '../../src/terminal/messages/turns-messages.js';

/** Every fact that a finding can name; names of lists are those of the findings. */
const FACTS = {
  ...{
    file: '/f',
    line: 3,
    uri: 'http://h:1',
    url: 'http://h:1/v1/traces',
    message: 'it is broken',
    hint: 'Mend it',
  },
  ...{ by: '/g', field: 'redact', id: '7', name: 'n', version: '1.2.3', command: 'c', pid: 9, reason: 'r' },
  ...{ status: 500, thread: 'T', turn: 'U', turns: 2, threads: 2, more: 2, when: 'w', detail: 'd', parts: 2 },
  ...{ folder: '/a', backup: '/b', variable: 'V', value: 'v', pattern: 'p', index: 0, remedy: 'Mend it' },
  ...{ notifier: '["a"]', profile: 'p', hook: 'h', hooks: 'Stop', sessions: 1, own: '1.2.4', way: 'pat' },
  ...{
    host: 'h',
    source: 's',
    location: 'a.b.c',
    named: 'a.b.c',
    bound: 'd.e.f',
    experiment: '7',
    since: '',
  },
  ...{
    keys: ['k'],
    variables: ['V'],
    needs: ['n'],
    reasons: ['r'],
    passedOver: ['w'],
    required: [],
    floor: [],
  },
  ...{
    content: 'full',
    redact: true,
    redactPii: false,
    patterns: 0,
    maxContentBytes: 9,
    ms: 5,
    outcome: 'sent',
  },
  ...{ uriSource: '/f', experimentSource: '/f', blocked: false, isWatched: true, wasApproved: false },
};

const ALL = Object.entries({
  ...CODEX_MESSAGES,
  ...INSTALL_MESSAGES,
  ...SERVER_MESSAGES,
  ...SETTINGS_MESSAGES,
  ...TURNS_MESSAGES,
}) as [string, (facts: object) => FindingText | string][];

test.each(ALL)('%s is told with its facts, and a remedy says what to do', (_, message) => {
  const told = message(FACTS);
  const { text, remedy } = typeof told === 'string' ? { text: told } : told;
  for (const words of [text, remedy ?? '']) expect(words).not.toMatch(/undefined|\[object|NaN/);
  expect(text).toMatch(/^\S.*\s\S/s);
  if (remedy === undefined) return;
  // A command to type, or an instruction.
  expect(remedy).toMatch(
    /^(?:(?:mlflow-codex|npm|codex|mlflow|unset) [a-z-]|(?:Ask|Correct|Delete|If you|Install|Is this|Leave|Look|Mend|Move|Remove|Run|Set|Start|Take|The next turn’s hook|Type|Update|Write) )/,
  );
});
