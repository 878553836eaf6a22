import { expect, test } from '@jest/globals';
import type { Finding } from '../../src/platform/problems/finding.js';
import type { FindingArgs } from '../../src/platform/problems/finding-args.js';
import { findingText } from '../../src/terminal/finding-texts.js';
import type { MessagesOf } from '../../src/terminal/messages/messages.js';

test('a finding is put into words, with the remedy where there is one', () => {
  expect(findingText({ code: 'codex-missing', args: {} })).toEqual({
    text: 'No codex is on the PATH',
    remedy: 'npm install -g @openai/codex; an editor may bring its own',
  });
  expect(findingText({ code: 'unknown-keys', args: { file: '/f', keys: ['a', 'b'] } })).toMatchObject({
    text: '/f has keys that mean nothing: a, b',
  });
});

test('what no check can say, and what has no words, does not compile', () => {
  // The compiler is the test here: `tsc` fails where one of these is no error.
  // @ts-expect-error no such code
  const unknown: Finding = { code: 'notify-mine', level: 'ok', args: {} };
  // @ts-expect-error a line that is not a number
  const wrong: Finding = { code: 'notify-ours', level: 'ok', args: { file: '/f', line: '3' } };
  // @ts-expect-error no line
  const short: Finding = { code: 'notify-ours', level: 'ok', args: { file: '/f' } };
  // @ts-expect-error codes without a message
  const speechless: MessagesOf<FindingArgs> = { offline: () => '' };
  expect([unknown, wrong, short, speechless]).toHaveLength(4);
});
