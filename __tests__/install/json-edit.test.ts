import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editJson } from '../../src/install/json-edit.js';

describe('editJson', () => {
  it.each([
    ['{"a": 1}', { a: 2 }, '{"a": 2}'],
    ['{"a": 1}', { b: 'x' }, '{"a": 1, "b": "x"}'],
    ['{"a":1,"b":2,"c":3}', { b: undefined }, '{"a":1,"c":3}'],
    ['{"a": 1, "b": 2}', { b: undefined }, '{"a": 1}'],
    ['{"a": 1, "b": 2}', { a: undefined }, '{"b": 2}'],
    ['{ "a": 1 }', { a: undefined }, '{  }'],
    ['{}', { a: 1 }, '{\n  "a": 1\n}'],
    ['{\n}\n', { a: 1, b: 2 }, '{\n  "a": 1,\n  "b": 2\n}\n'],
    ['{\n\t"a": 1\n}\n', { b: true }, '{\n\t"a": 1,\n\t"b": true\n}\n'],
    ['{\r\n    "a": 1\r\n}', { b: 1 }, '{\r\n    "a": 1,\r\n    "b": 1\r\n}'],
    ['\uFEFF{"a": 1}', { a: 2 }, '\uFEFF{"a": 2}'],
    [
      '{"big": 12345678901234567890, "a": 1e400}',
      { b: 1 },
      '{"big": 12345678901234567890, "a": 1e400, "b": 1}',
    ],
    ['{"x": {"a": 1}, "a": "}"}', { a: 2 }, '{"x": {"a": 1}, "a": 2}'],
    ['{"a": 1, "a": 2}', { a: 3 }, '{"a": 1, "a": 3}'],
    ['{"a": 1}', { b: undefined }, '{"a": 1}'],
  ])('%j with %j becomes %j', (text, changes, expected) => {
    expect(editJson(text, changes)).toBe(expected);
  });

  it('changes nothing else, and a new key that is taken away again leaves no byte', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    const indent = fc.constantFrom(undefined, 2, '\t');
    fc.assert(
      fc.property(object, indent, fc.string(), fc.jsonValue(), (before, space, key, value) => {
        const text = JSON.stringify(before, null, space);
        const edited = editJson(text, { [key]: value });
        expect(JSON.parse(edited)).toEqual(JSON.parse(JSON.stringify({ ...before, [key]: value })));
        if (Object.hasOwn(before, key)) return;
        const back = editJson(edited, { [key]: undefined });
        expect(JSON.parse(back)).toEqual(JSON.parse(text));
        if (Object.keys(before).length > 0) expect(back).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
