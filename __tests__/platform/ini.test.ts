import { describe, expect, it } from '@jest/globals';
import { parseIni } from '../../src/platform/files/ini.js';

describe('parseIni', () => {
  it('reads what Python’s configparser reads', () => {
    const text =
      '\uFEFF# note\r\nstray = 1\r\n[mlflow]\r\nMLFLOW_Tracking_Username : ada\r\n; note\r\nmlflow_tracking_password = p=a:s%s#1 \r\n\r\n[ other ]\nkey=\n[mlflow]\nmore = x\nno value\n';
    const sections = parseIni(text);
    expect([...sections.keys()]).toEqual(['mlflow', ' other ']);
    expect(Object.fromEntries(sections.get('mlflow') ?? [])).toEqual({
      mlflow_tracking_username: 'ada',
      mlflow_tracking_password: 'p=a:s%s#1',
      more: 'x',
    });
    expect(Object.fromEntries(sections.get(' other ') ?? [])).toEqual({ key: '' });
  });
});

it.each<[string, Record<string, Record<string, string>>]>([
  ['', {}],
  ['[a]', { a: {} }],
  ['  [a] rest\n  Key  =  v  ', { a: { key: 'v' } }],
  ['[a]\nx = 1\n[b]\ny: 2\r[a]\nx = 3', { a: { x: '3' }, b: { y: '2' } }],
  ['[a]\n  ; x = 1\n\t# y = 1\n \n', { a: {} }],
  ['[a]\n= 1\n: 2\nx', { a: {} }],
  ['[a]\n[b = c', { a: { '[b': 'c' } }],
])('an INI text of %j', (text, expected) => {
  const sections = [...parseIni(text)].map(([name, keys]) => [name, Object.fromEntries(keys)]);
  expect(Object.fromEntries(sections)).toEqual(expected);
});
