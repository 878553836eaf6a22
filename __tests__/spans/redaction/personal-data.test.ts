import { expect, test } from '@jest/globals';
import { Redactor } from '../../../src/spans/redaction/redactor.js';

const redact = (text: string, userName: string | undefined = 'lovelace') =>
  new Redactor({ personalData: { userName } }).begin().redact(text);

test.each([
  ['write to ada@example.com, please', 'write to [REDACTED:email#1], please'],
  ['Ada <ada.l+x@mail.example.co.uk>', 'Ada <[REDACTED:email#1]>'],
  ['cd /home/lovelace/app', 'cd /home/[REDACTED:user-name#1]/app'],
  ['/Users/lovelace/app', '/Users/[REDACTED:user-name#1]/app'],
  ['C:\\Users\\lovelace\\app', 'C:\\Users\\[REDACTED:user-name#1]\\app'],
  ['-rw-r--r-- 1 lovelace staff', '-rw-r--r-- 1 [REDACTED:user-name#1] staff'],
])('%s loses what is personal', (text, clean) => {
  expect(redact(text)).toBe(clean);
});

test.each([
  ['git@github.com:acme/app.git'],
  ['@scope/package and user@host'],
  ['loveletter lovelaces /home/other/x'],
])('%s stays', (text) => {
  expect(redact(text)).toBe(text);
});

test('a machine’s account is taken out of paths alone: its name is a word of many texts', () => {
  expect(redact('/home/node/app runs node', 'node')).toBe('/home/[REDACTED:user-name#1]/app runs node');
});

test('nothing of it is taken out where nobody asked', () => {
  expect(new Redactor().begin().redact('ada@example.com in /home/lovelace')).toBe(
    'ada@example.com in /home/lovelace',
  );
});
