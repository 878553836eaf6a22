import { expect, test } from '@jest/globals';
import { findAssignments } from '../../../../src/spans/redaction/finders/find-assignments.js';
import { kindsOf, marked, workOf } from '../marked.js';

const KEY = 'k9Xq2Zr7w4LpB3vT8mNc';

test.each([
  // Joined by a sign.
  ['DB_PASSWORD=«hunter2x»'],
  ['password: «hunter2x»'],
  ['"password": "«hunter2x»", "a": 1'],
  ['{\\"password\\": \\"«hunter2x»\\"}'],
  ["password => '«hunter2x»'"],
  ['password := "«hunter2x»"'],
  ['password ?= «hunter2x»'],
  ['$password->«hunter2x»'],
  ['password%3D«hunter2x»'],
  ['password\\u003d«hunter2x»'],
  ['config["password"] = "«hunter2x»"'],
  ['\u001b[33mpassword\u001b[0m: «hunter2x»'],
  ["sign(data, 'secret') => 'hunter2x'"],
  // With a type, a default, a value of its own.
  ['password: string = "«hunter2x»"'],
  ['password: string = hunter2x'],
  ['password: SecretStr = "«hunter2x»"'],
  ['name: DB_PASSWORD\nvalue: «hunter2x»'],
  ['{"name": "DB_PASSWORD", "value": "«hunter2x»"}'],
  ['process.env.DB_PASSWORD || "«hunter2x»"'],
  ['os.environ.get("DB_PASSWORD") or "«hunter2x»"'],
  ['process.env.DB_PASSWORD || hunter2x'],
  ['password: |\n  «hunter2x»'],
  ['variable "db_password" { default = "«hunter2x»" }'],
  ['x "db_password" { default = "hunter2x" }'],
  // Flags, statements, elements, lists, calls, tables, sentences.
  ['tool --password «hunter2x» up'],
  ['tool -Password «hunter2x»'],
  ['["--password", "«hunter2x»"]'],
  ['the --password=«hunter2x»'],
  ['tool password hunter2x'],
  ["ALTER USER ada PASSWORD '«hunter2x»'"],
  ['ENV DB_PASSWORD «hunter2x»'],
  ['machine h login ada password «hunter2x»'],
  ['<password>«hunter2x»</password>'],
  ['<property name="password">«hunter2x»</property>'],
  ['a password > hunter2x'],
  ['("password", "«hunter2x»")'],
  ['("password", hunter2x)'],
  ["VALUES ('password', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6')"],
  ['setPassword("«hunter2x»")'],
  ['setPassword("hunter2x", 1)'],
  ['| password | «hunter2x» |'],
  ['the password for ada is «hunter2x».'],
  ['the password is now «hunter2x», he said'],
  ['the password `«hunter2x»`'],
  ['the password hunter2x'],
  // URLs: `&` and `#` end a value, a signature counts.
  [`https://h/p?token=«${KEY}»&a=1`],
  [`https://h/p?a=1&sig=«${KEY}»#x`],
  [`sig=${KEY}`],
  ['https://h/p?password=«hunter2x»&a=1'],
  // A scheme stays.
  [`api_token: Bearer «${KEY}»`],
  [`api_token: "token «${KEY}»"`],
  // What ends a sentence is not the value’s.
  ['password: «hunter2x».'],
  ['password: «hunter2x»!?:,'],
  ['password: "«hunter2x.»"'],
  // Code.
  ['password = hunter2x()'],
  ['password = hunter2x[1]'],
  ['password = hunter2x{1}'],
  ['case Password:\n hunter2x'],
  ['password = config.hunter2x'],
  ['DB_PASSWORD=«correct-horse-battery»'],
  ['x.DB_PASSWORD=«correct-horse-battery»'],
  ['a password=«ab1%»'],
  ['x.password=ab1%'],
  ['db_password=correct-horse-battery'],
  ['DB_PASSWORD = correct-horse-battery'],
  // Names: whole ones, without the rest of an escape before them, and none within an ARN.
  ['x\\npassword=«hunter2x»'],
  ['x\\u0026password=«hunter2x»'],
  ['a%26password=«hunter2x»'],
  ['x\\npsk=«hunter2x»'],
  ['x\\zpsk=hunter2x'],
  ['x\\u003dpsk=«hunter2x»'],
  ['a%3Dpsk=«hunter2x»'],
  ['a%Zpsk=hunter2x'],
  ['my-db-password=«hunter2x»'],
  ['DB_PASSWORD=«k9X&q2Zr7»'],
  ['https://h/p?psk=«ab1%»&a=1'],
  ['https://h/p?a=1&psk=«ab1%»#x'],
  [`https://h/p?key=«${KEY.slice(0, 12)}»&a=1`],
  ['x --psk=«ab1%» y'],
  ['x -psk «ab1%» y'],
  ['[--psk=«ab1%»]'],
  [`x:secret:«${KEY}»`],
  [`arn: x, secret: «${KEY}»`],
  [`arn:${'a'.repeat(100)}:secret:«${KEY}»`],
  ['password-hint=hunter2x'],
  ['token->hunter2x'],
  ['passwordField=hunter2x'],
  [`arn:aws:secretsmanager:eu:1:secret:${KEY}`],
  [`key: ${KEY.slice(0, 19)}`],
  [`key: «${KEY}»`],
  ['password=«hunter2x» password=«hunter3x»'],
  [`api_token=«${KEY.repeat(12)}» x`],
  ['password:'],
  ['password'],
  [''],
])('%j', (row) => {
  expect(marked(findAssignments, row)).toBe(row);
});

test('their kinds, in their order', () => {
  expect(
    kindsOf(findAssignments, `password=hunter2x api_token=${KEY} key=${KEY} https://h?sig=${KEY}`),
  ).toEqual([
    ['password', 'hunter2x'],
    ['secret', KEY],
    ['secret', KEY],
    ['secret', KEY],
  ]);
});

test.each([
  ['{"password": 48291374}', '"'],
  ['{\\"password\\": 48291374}', '\\"'],
  ["{'password': 48291374}", "'"],
  ['password: 48291374', undefined],
  ['{"password": "48291374"}', undefined],
])('a number behind a key of JSON has the key’s quote: %s', (text, quote) => {
  const [found] = findAssignments(text, { spend: () => {} } as never);
  expect(found?.quote).toBe(quote);
});

test('a name costs its characters and 160, a value what was read of it', () => {
  expect(workOf(findAssignments, 'password=hunter2x')).toBe(8 + 160 + 8);
  expect(workOf(findAssignments, 'password')).toBe(168);
  expect(workOf(findAssignments, 'keyboard')).toBe(0);
});
