import { describe, expect, test } from '@jest/globals';
import { PersonalData } from '../../../src/spans/redaction/personal-data.js';
import { Redactor } from '../../../src/spans/redaction/redactor.js';
import { kindsOf, workOf } from './marked.js';

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

describe('what is found, in its order', () => {
  const finding = (userName?: string) => {
    const personal = new PersonalData(userName);
    return personal.find.bind(personal);
  };

  test.each([
    ['lovelace', 'ada@example.com', [['email', 'ada@example.com']]],
    [
      'lovelace',
      'a ada@x.io, grace@y.io',
      [
        ['email', 'ada@x.io'],
        ['email', 'grace@y.io'],
      ],
    ],
    ['lovelace', '@scope.dev ada@x.io', [['email', 'ada@x.io']]],
    ['lovelace', 'git@github.com ada@host user@', []],
    ['lovelace', `${'word '.repeat(30)}ada@x.io`, [['email', 'ada@x.io']]],
    ['lovelace', `${'a'.repeat(70)}@x.io`, [['email', `${'a'.repeat(64)}@x.io`]]],
    [
      'lovelace',
      'lovelace in /home/LOVELACE/app of lovelace@x.io',
      [
        ['email', 'lovelace@x.io'],
        ['user-name', 'LOVELACE'],
        ['user-name', 'lovelace'],
        ['user-name', 'lovelace'],
      ],
    ],
    ['lovelace', '/home/lovelace.old /home/lovelaces', [['user-name', 'lovelace']]],
    // Of a name's signs none is an expression's.
    ['a.da', 'a.da axda /home/axda/x', [['user-name', 'a.da']]],
    [
      'a+da',
      '/Users/a+da/x',
      [
        ['user-name', 'a+da'],
        ['user-name', 'a+da'],
      ],
    ],
    // A name of three letters or of a machine's account counts within a path alone.
    ['adal', 'adal', [['user-name', 'adal']]],
    ['ada', 'ada in /home/ada', [['user-name', 'ada']]],
    ['Runner', 'Runner in /export/home/Runner', [['user-name', 'Runner']]],
    // Without a name addresses are found.
    [undefined, 'undefined in /home/undefined: ada@x.io', [['email', 'ada@x.io']]],
    ['', 'a in /home/: ada@x.io', [['email', 'ada@x.io']]],
  ])('of %s in %j', (userName, text, found) => {
    expect(kindsOf(finding(userName), text)).toEqual(found);
  });

  test('an address costs 80 characters, a name a sixteenth of the text for each of its two forms', () => {
    const text = 'words '.repeat(16);
    expect([
      workOf(finding('lovelace'), text),
      workOf(finding('ada'), text),
      workOf(finding(), text),
      workOf(finding(), 'a@b @ c'),
    ]).toEqual([12, 6, 0, 160]);
  });
});
