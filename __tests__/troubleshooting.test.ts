import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { CODEX_MESSAGES } from '../src/terminal/messages/codex-messages.js';
import { INSTALL_MESSAGES } from '../src/terminal/messages/install-messages.js';
import type { FindingText } from '../src/terminal/messages/messages.js';
import { SERVER_MESSAGES } from '../src/terminal/messages/server-messages.js';
import { SETTINGS_MESSAGES } from '../src/terminal/messages/settings-messages.js';
import { TURNS_MESSAGES } from '../src/terminal/messages/turns-messages.js';

const page = readFileSync('docs/troubleshooting.md', 'utf8');

/** The sentences of the page, as patterns: `…` stands for anything. */
const sentences = [...page.matchAll(/^\| "(.+?)" \| /gm)].map(
  ([, sentence = '']) =>
    new RegExp(
      `^${sentence
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    ),
);

/** Facts that no sentence depends on, whatever a message does with them. */
const anything = Object.assign(new String('http://localhost:5000'), { join: () => 'these' });
const facts = new Proxy({}, { get: () => anything });

/** Those whose words come from elsewhere: from a file's reader, or from a problem with an address. */
const QUOTED = ['config-broken', 'destination-problem'];

const codes = Object.entries({
  ...CODEX_MESSAGES,
  ...SETTINGS_MESSAGES,
  ...SERVER_MESSAGES,
  ...TURNS_MESSAGES,
  ...INSTALL_MESSAGES,
} as Record<string, (args: object) => FindingText | string>);

it('docs/troubleshooting.md has every sentence that comes with a remedy', () => {
  const missing = codes.flatMap(([code, words]) => {
    const said = words(facts);
    if (typeof said === 'string' || said.remedy === undefined || QUOTED.includes(code)) return [];
    return sentences.some((sentence) => sentence.test(said.text)) ? [] : [`${code}: ${said.text}`];
  });
  expect(missing).toEqual([]);
});

it('has no sentence that nobody says', () => {
  const said = codes
    .map(([, words]) => words(facts))
    .map((words) => (typeof words === 'string' ? words : words.text));
  expect(sentences.filter((sentence) => !said.some((text) => sentence.test(text)))).toEqual([]);
});
