import { describe, expect, test } from '@jest/globals';
import { readLineValue } from '../../../../src/spans/redaction/finders/read-line-value.js';
import type { NameClass } from '../../../../src/spans/redaction/values/secret-names.js';

/** The value in its place, between `«` and `»`, or the text as it is; the name is what stands before `=` or `:`. */
function shown(row: string, nameClass: NameClass = 'password'): string {
  const text = row.replace(/[«»]/g, '');
  const match = /[A-Za-z]\w*(?=["\]]?\s*[=:])/.exec(text);
  if (!match) throw new Error(`no name in ${row}`);
  const end = match.index + match[0].length;
  const at = end + (/^["\]]?\s*[=:]\s*/.exec(text.slice(end))?.[0].length ?? 0);
  const value = readLineValue(text, { start: match.index, end, text: match[0], nameClass }, at);
  if (!value) return text;
  return `${text.slice(0, value.start)}«${text.slice(value.start, value.end)}»${text.slice(value.end)}`;
}

describe('a value on a line of its own goes to the end of the line', () => {
  test.each([
    ['DB_PASSWORD=«k9X&q2Zr7»'],
    ['password: «k9X&q2Zr7»'],
    ['password  =  «k9X&q2Zr7»  # theirs'],
    ['password: «k9X,q2Zr7»\nb: 1'],
    ['a\npassword: «k9X;q2Zr7»\r\nb'],
    ['"password: «k9X|q2Zr7»"'],
    ['x\\n password: «k9X<q2Zr7»\\nb'],
    ['+password: «k9X>q2Zr7»'],
    ['  12\tpassword: «k9X(q2Zr7»'],
    ['  12→password: «k9X)q2Zr7»'],
    ['export PASSWORD=«k9X{q2Zr7»'],
    ['ENV PASSWORD=«k9X}q2Zr7»'],
    ['spring.db.password=«k9X[q2Zr7»'],
    ['password: «k9X]q2Zr7»'],
    ["password: «k9X'q2Zr7»"],
    // What ends a sentence, or closes what stands around, is none of it.
    ['password: «k9X&q2Zr7».'],
    ['password: «k9X&q2Zr7»,'],
    ['password: «k9X&q2Zr7»!?)'],
    // Eight characters without its signs.
    ['password: k9X&q2Zr'],
    // Of people’s making in an environment file alone, where it holds letters and digits.
    ['DB_PASSWORD=«hunter&lantern7»'],
    ['DB_PASSWORD=«hunters&7»'],
    ['DB_PASSWORD=hunter&7'],
    ['DB_PASSWORD=hunter&lantern'],
    ['DB_PASSWORD=4829137&402'],
    ['DB_PASSWORD=hunter;lantern7'],
    ['DB_PASSWORD=hunter&&lantern7'],
    ['DB_PASSWORD=hunter||lantern7'],
    ['DB_PASSWORD: hunter&lantern7'],
    ['db_password=hunter&lantern7'],
    // Nothing where no such sign stands in it, or only at its end.
    ['password: k9Xq2Zr7'],
    ['password: k9Xq2Zr7&'],
    ['password: k9Xq2Zr7&!'],
    // Nothing where it may be code, or where more stands before or behind it.
    ["password: f'k9X&q2Zr7"],
    ['password: $(k9X&q2Zr7'],
    ['password: f(k9X&q2Zr7)x'],
    ['password: a[k9X&q2Zr7]x'],
    ['password: k9Xq2Zr7&user=ada'],
    ['password: k9Xq2Zr7;Uid:ada'],
    ['password: k9X&q2Zr7 then words'],
    ['if password: k9X&q2Zr7'],
    ['"password": k9X&q2Zr7'],
    ['password:\n  k9X&q2Zr7'],
    ['password:'],
    // Stand-ins, with their signs or without.
    ['DB_PASSWORD=your&password7'],
    ['DB_PASSWORD=yo&ur-password7'],
  ])('%s', (row) => {
    expect(shown(row)).toBe(row);
  });

  test('by the name of a token only where it looks drawn at random, by other names never', () => {
    expect(shown('API_TOKEN=«k9X&q2Zr7»', 'token')).toBe('API_TOKEN=«k9X&q2Zr7»');
    expect(shown('API_TOKEN=hunter&lantern7', 'token')).toBe('API_TOKEN=hunter&lantern7');
    expect(shown('KEY=k9X&q2Zr7', 'weak')).toBe('KEY=k9X&q2Zr7');
    expect(shown('SIG=k9X&q2Zr7', 'signature')).toBe('SIG=k9X&q2Zr7');
  });

  test('where the line begins within ninety characters', () => {
    expect(shown(`x\n${' '.repeat(40)}password: «k9X&q2Zr7»`)).toBe(
      `x\n${' '.repeat(40)}password: «k9X&q2Zr7»`,
    );
    const far = `a.${'b'.repeat(86)}.password: k9X&q2Zr7`;
    expect(shown(far)).toBe(far);
  });
});
