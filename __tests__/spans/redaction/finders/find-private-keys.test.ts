import { describe, expect, test } from '@jest/globals';
import {
  findPrivateKeys,
  PRIVATE_KEY_SIGN,
} from '../../../../src/spans/redaction/finders/find-private-keys.js';
import { kindsOf, marked, workOf } from '../marked.js';

const LINE = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyWk9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyW';
const BEGIN = '-----BEGIN PRIVATE KEY-----';
const END = '-----END PRIVATE KEY-----';
const lines = (count: number) => Array.from({ length: count }, () => LINE).join('\n');

describe('a private key', () => {
  test.each([
    ['whole', `«${BEGIN}\n${lines(2)}\n${END}»`],
    ['of RSA', `a\n«-----BEGIN RSA PRIVATE KEY-----\n${lines(2)}\nab==\n-----END RSA PRIVATE KEY-----»\nb`],
    ['with Windows’ line ends', `«${BEGIN}\r\n${LINE}\r\n${END}»\r\n`],
    ['as JSON text', `{"key":"«${BEGIN}\\n${LINE}\\n${LINE}\\n${END}»\\n"}`],
    ['as JSON in JSON', `"{\\"key\\":\\"«${BEGIN}\\\\n${LINE}\\\\n${END}»\\\\n\\"}"`],
    ['on one line', `«${BEGIN} ${LINE} ${LINE} ${END}» b`],
    ['on one line, cut off', `«${BEGIN}${LINE}»`],
    ['behind a diff’s signs', `+«${BEGIN}\n+${LINE}\n+${LINE}\n+${END}»\n+b`],
    ['behind line numbers', `1\t«${BEGIN}\n     2\t${LINE}\n     3\t${END}»\n     4\tb`],
    ['as a list of texts', `['«${BEGIN}',\n '${LINE}',\n '${END}»']`],
    [
      'with headers',
      `«-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,5D67\n\n${LINE}\n-----END RSA PRIVATE KEY-----»`,
    ],
    [
      'of PGP',
      `«-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${LINE}\n=aB3d\n-----END PGP PRIVATE KEY BLOCK-----»`,
    ],
    [
      'of PuTTY',
      `«PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: k\nPublic-Lines: 1\n${LINE}\nPrivate-Lines: 1\n${LINE}\nPrivate-MAC: 5d672d79»`.replace(
        '«PuTTY-User-Key-File-3: ssh-rsa\n',
        '«PuTTY-User-Key-File-3:\n',
      ),
    ],
    // What was cut off takes no more along than the lines of the key.
    ['without its end', `«${BEGIN}\n${lines(3)}»\nand then words`],
    ['without its end, at the end of the text', `«${BEGIN}\n${lines(3)}»`],
    ['without its end, in JSON', `{"key":"«${BEGIN}\\n${LINE}»","a":"words"}`],
    ['without its end, before an empty line', `"«${BEGIN}\n${LINE}»"\n\nwords of mine and of others`],
    ['without its end, before another text in quotes', `["«${BEGIN}\n${LINE}»", "words"]`],
    ['twice', `«${BEGIN}\n${LINE}\n${END}»\n«${BEGIN}\n${LINE}\n${END}»`],
    ['side by side with one without its end', `«${BEGIN}\n${LINE}»\n«${BEGIN}\n${LINE}\n${END}»`],
    ['without its end, before a quote and a line’s end', `"«${BEGIN}\n${LINE}»",\n`],
    // Sixteen characters in one piece are a key, less are words.
    ['of sixteen characters', `«${BEGIN}\n${LINE.slice(0, 16)}\n${END}»`],
    ['of fifteen characters', `${BEGIN}\n${LINE.slice(0, 15)}\n${END}`],
    ['in documentation', `${BEGIN}\n...\n${END}`],
    ['of one letter', `${BEGIN}\n${'x'.repeat(64)}\n${END}`],
    ['of nothing', `${BEGIN}\n${END}`],
    ['of nothing, behind a long word', `${LINE} and ${BEGIN}\n${END}`],
    ['of fifteen characters and a word on one line', `${BEGIN}\tabc k9Xq2Zr7w4LpB3v${END}`],
    ['that is only spoken of', `a ${BEGIN} marks it`],
    ['that is spoken of at the end', `a ${BEGIN}`],
    ['that is public', `-----BEGIN PUBLIC KEY-----\n${LINE}\n-----END PUBLIC KEY-----`],
    ['of as many lines as any has', `«${BEGIN}\n${lines(400)}»\n${lines(10)}`],
  ])('%s', (_, row) => {
    expect(marked(findPrivateKeys, row)).toBe(row);
  });
});

describe('a key whose beginning was cut off', () => {
  test.each([
    ['is taken out by its end', `words\n«${lines(3)}\n${END}»\nwords`.replace('words\n«', 'words«\n')],
    ['at the beginning of a text', `«${LINE}\n${END}»`],
    ['of a short last line', `x y«\n${LINE}\nab3dEf7h==\n${END}»`],
    ['of a last line of seven characters', `${LINE}\nab3dEf7\n${END}`],
    ['as JSON text', `x y«\\n${LINE}\\n${LINE}\\n${END}»\\n"`],
    ['behind a diff’s signs', `x y«\n+${LINE}\n+${END}»`],
    ['behind line numbers', `x y«\n    41\t${LINE}\n    42\t${END}»`],
    ['behind another key', `«${BEGIN}\n${LINE}\n${END}»\nx y«\n${LINE}\n${END}»`],
    ['before another key', `x y«\n${LINE}\n${END}»\n«${BEGIN}\n${LINE}\n${END}»`],
    ['that is only an end', `words\n${END}\nwords`],
    ['that is a whole one', `«${BEGIN}\n${LINE}\n${END}»`],
  ])('%s', (_, row) => {
    expect(marked(findPrivateKeys, row)).toBe(row);
  });

  test('goes back 400 lines at most', () => {
    const text = `${lines(410)}\n${END}`;
    expect(marked(findPrivateKeys, text)).toBe(`${lines(10)}«\n${lines(400)}\n${END}»`);
  });
});

test('their kind, those with a beginning first', () => {
  const [a, b, c, d] = [
    `${LINE}\n${END}`,
    `\n${LINE}\n${END}`,
    `${BEGIN}\n${LINE}\n${END}`,
    `${BEGIN}\n${LINE}x\n${END}`,
  ];
  expect(kindsOf(findPrivateKeys, `${a}\nx y${b}\n${c}\n${d}`)).toEqual([
    ['private-key', c],
    ['private-key', d],
    ['private-key', a],
    ['private-key', b],
  ]);
});

test('a key costs its characters, an end alone 200 for each line', () => {
  expect(workOf(findPrivateKeys, `a ${BEGIN}\n${LINE}\n${END} b`)).toBe(27 + 1 + 64 + 1 + 25);
  expect(workOf(findPrivateKeys, `x y\n${LINE}\n${LINE}\n${END}`)).toBe(600);
  expect(workOf(findPrivateKeys, `${LINE}\n${END}`)).toBe(200);
  expect(workOf(findPrivateKeys, `${BEGIN}\nComment: ${BEGIN}\n${LINE}`)).toBe(27 + 1 + 36 + 1 + 64);
  expect(workOf(findPrivateKeys, 'nothing')).toBe(0);
});

test.each([
  ['a PRIVATE KEY', true],
  ['PuTTY-User-Key-File-2: x', true],
  ['a private key', false],
])('a text may hold a key: %s %s', (text, may) => {
  expect(PRIVATE_KEY_SIGN(text, text.toLowerCase())).toBe(may);
});
