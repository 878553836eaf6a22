import { describe, expect, it } from '@jest/globals';
import { NotToml, tomlStatements } from '../../../src/install/codex-config/toml-statements.js';

const paths = (text: string) =>
  tomlStatements(text).map(
    ({ kind, path, isTopLevel }) =>
      `${isTopLevel ? '' : '  '}${kind === 'header' ? `[${path.join('.')}]` : path.join('.')}`,
  );
const pieces = (text: string) => tomlStatements(text).map(({ start, end }) => text.slice(start, end));

describe('tomlStatements', () => {
  it('names top-level keys, headers and the keys below them', () => {
    const text = '\uFEFFa = 1\n"b c".d . \'e.f\' = 2\n[g . "h"] # note\ni = 3\n[[j]]\n';
    expect(paths(text)).toEqual(['a', 'b c.d.e.f', '  [g.h]', '  i', '  [j]']);
  });

  it('reads escapes in quoted keys', () => {
    expect(
      paths(
        '"noti\\u0066y" = 1\n"\\x6eotify" = 2\n"\\U0000006eotify" = 3\n\'noti\\u0066y\' = 4\n"a\\"b\\\\" = 5\n',
      ),
    ).toEqual(['notify', 'notify', 'notify', 'noti\\u0066y', 'a"b\\']);
  });

  it('reads every short escape of TOML', () => {
    const [statement] = tomlStatements('"\\b\\t\\n\\f\\r\\e\\"\\\\" = 1\n');
    expect(statement?.path).toEqual(['\b\t\n\f\r\u001b"\\']);
  });

  it('is not misled by what looks like a statement inside a value', () => {
    const text = [
      'a = """',
      'notify = 1',
      '[x]',
      '""""', // One quote of the content, then the closing three.
      "b = '''",
      '# "',
      "it''s'''''",
      'c = [ # ]',
      '  "]", \'[x]\', [1, 2], { k = "}", l.m = [ ] },',
      ']',
      'd = { a = 1, # }',
      '  b = """}',
      '""", }',
      'e = "# no comment \\" \\\\" # comment [x]',
      'f = 1979-05-27 07:32:00 # date',
      'g = [1979-05-27 07:32:00, -inf]',
      'h = ""',
      "i = ''",
      'j = """"""',
    ].join('\n');
    expect(paths(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
  });

  it('gives the places of statement and line', () => {
    const text = 'x = 1\r\n  a = [\r\n 1 ] # note\r\n\r\nb = 2';
    expect(pieces(text)).toEqual(['x = 1', 'a = [\r\n 1 ]', 'b = 2']);
    expect(tomlStatements(text).map(({ lineStart, lineEnd }) => text.slice(lineStart, lineEnd))).toEqual([
      'x = 1\r\n',
      '  a = [\r\n 1 ] # note\r\n',
      'b = 2',
    ]);
  });

  it.each([
    'a',
    'a =',
    'a = "x',
    "a = 'x\n'",
    'a = """x',
    'a = [1',
    'a = {b',
    '[a',
    '[[a]',
    '= 1',
    'a. = 1',
    'a = "x" y',
  ])('gives up on %j', (text) => {
    expect(() => tomlStatements(text)).toThrow(NotToml);
  });
});
