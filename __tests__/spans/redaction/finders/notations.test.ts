import { expect, test } from '@jest/globals';
import { jointsBehind } from '../../../../src/spans/redaction/finders/notations.js';
import type { NameClass } from '../../../../src/spans/redaction/values/secret-names.js';

/** The joints behind the name between `«` and `»`, each with what stands where the value begins. */
function jointsOf(row: string, nameClass: NameClass = 'password'): string[] {
  const start = row.indexOf('«');
  const end = row.indexOf('»') - 1;
  const text = row.replace(/[«»]/g, '');
  const joints = jointsBehind(text, { start, end, text: text.slice(start, end), nameClass });
  return [...joints].map((joint) => {
    const { valueAt, style, quotedOnly, stopAt, isCall } = joint;
    const said = [style, quotedOnly && 'quotes only', stopAt, joint.nameClass, isCall && 'a call'];
    return `${said.filter(Boolean).join(', ')}: ${text.slice(valueAt)}`;
  });
}

test.each<[string, ...string[]]>([
  // An assignment.
  ['«password»=x1', 'by quotes: x1'],
  ['"«password»": "x1"', 'by quotes: "x1"'],
  ['«p» = "x1"', 'by quotes: "x1"'],
  [`«p»${' '.repeat(20)}:${' '.repeat(20)}x1`, 'by quotes: x1'],
  ['a «sig»=x1', 'by quotes: x1'],
  ['tool --«p»=x1', 'literal: x1'],
  ['https://h?«p»=x1', 'literal, #, password: x1'],
  ['https://h?a&«p»=x1', 'literal, #, password: x1'],
  ['https://h«?sig»=x1', 'literal, #, password: x1'],
  // What comes of a call is none.
  ["sign(data, '«secret»') => 'x1'"],
  ["f() => '«secret»'='x1'", "by quotes: 'x1'"],
  // A type, a pair, a fallback, a block, a variable's default.
  ['a: «p»: string = "x1"', 'by quotes: string = "x1"', 'by quotes, quotes only: "x1"'],
  ['name: «P»\nvalue: x1', 'by quotes: x1'],
  ['«P» || "x1"', 'quoted, quotes only: "x1"', 'prose, |: | "x1"'],
  ['«p»: |\n  x1', 'by quotes: |\n  x1', 'bare: x1'],
  ['variable "«p»" { default = "x1" }', 'quoted, quotes only: "x1" }'],
  [`variable  ${'\\'.repeat(7)}"«p»" { default = "x1" }`, 'quoted, quotes only: "x1" }'],
  [`variable  ${'\\'.repeat(8)}"«p»" { default = "x1" }`],
  ['"«p»" { default = "x1" }'],
  // Flags.
  ['tool --«p» x1', 'literal: x1'],
  ['tool «-p» x1', 'literal: x1'],
  ['tool -«p» x1', 'literal: x1'],
  ['-«p» x1', 'literal: x1'],
  ['a long line of words, tool --«p» x1', 'literal: x1'],
  ['tool a-«p» x1'],
  ['tool ---«p» x1'],
  ['tool x--«p» x1'],
  ['tool «p» x1 --'],
  ['--«p»'],
  // Statements.
  ['SET «p» x1', 'literal: x1'],
  [`${'A line of words. '.repeat(9)}ALTER USER ada «p» x1`, 'literal: x1'],
  [`SET ${'a '.repeat(29)}«p» x1`, 'literal: x1'],
  [`SET ${'a '.repeat(30)}«p» x1`],
  [`login ${'a'.repeat(60)} «p» x1`, 'literal: x1'],
  [`login ${'a'.repeat(61)} «p» x1`],
  ['«p» x1 SET '],
  // Elements and attributes.
  ['<«p»>x1<', 'literal: x1<'],
  ['&lt;«p»&gt;x1&lt;', 'literal: x1&lt;'],
  ['\\u003c«p»\\u003ex1', 'literal: x1'],
  ['<a name="«p»">x1<', 'literal: x1<'],
  ['a «p»>x1 <'],
  // Lists, calls, tables, sentences.
  ['f("«p»", "x1")', 'quoted, quotes only: "x1")'],
  ["VALUES ('«p»', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6')"],
  ['set«P»("x1")', 'quoted, quotes only, a call: "x1")'],
  ['| «p» | x1 |', 'prose, |: x1 |'],
  ['the «p» for ada is x1', 'prose: x1'],
  ['the «p» was `x1`', 'prose: `x1`'],
  ['the «p» `x1`', 'prose: `x1`'],
  ['the «p» x1'],
  ['«p»'],
])('%j', (row, ...joints) => {
  expect(jointsOf(row)).toEqual(joints);
});

test('a name of a token says so in a URL, and an id may stand behind it in a list', () => {
  expect(jointsOf('https://h?«t»=x1', 'token')).toEqual(['literal, #, token: x1']);
  expect(jointsOf('https://h?«t»=x1', 'signature')).toEqual(['literal, #, token: x1']);
  expect(jointsOf("VALUES ('«t»', 'f81d4fae-7dec-41d0-a765')", 'token')).toEqual([
    "quoted, quotes only: 'f81d4fae-7dec-41d0-a765')",
  ]);
});
