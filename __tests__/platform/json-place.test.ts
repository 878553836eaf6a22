import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonPlaces, placeAt } from '../../src/platform/json-place.js';

describe('jsonPlaces', () => {
  it('agrees with JSON.parse on what is JSON', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', '}', ']', ',', '"', ':', '\n', '\\', '1', 'x'))
      .map(([json, at, extra]) => {
        const i = at % (json.length + 1);
        return json.slice(0, i) + extra + json.slice(i + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(jsonPlaces(text).kind).toBe(isJson ? 'json' : 'error');
      }),
      { numRuns: 1000 },
    );
  });

  it('knows where each value begins', () => {
    const text = '{"a": 1, "b": [true, {"c": "x"}]}';
    const places = jsonPlaces(text);
    const offsets = places.kind === 'json' ? Object.fromEntries(places.offsets) : {};
    expect(offsets).toEqual({ '': 0, a: 6, b: 14, 'b.0': 15, 'b.1': 21, 'b.1.c': 27 });
  });

  it('knows the members of the outermost object, in their order, and none of an array', () => {
    expect(jsonPlaces(' { "b" : [1], "a":{"c":2} } ')).toEqual({
      kind: 'json',
      offsets: new Map([
        ['', 1],
        ['b', 9],
        ['b.0', 10],
        ['a', 18],
        ['a.c', 23],
      ]),
      members: [
        { name: 'b', keyStart: 3, start: 9, end: 12 },
        { name: 'a', keyStart: 14, start: 18, end: 25 },
      ],
    });
    expect(jsonPlaces('[{"a": 1}]')).toMatchObject({ members: [] });
    expect(jsonPlaces('\t\r\n{ }\n')).toEqual({ kind: 'json', offsets: new Map([['', 3]]), members: [] });
  });

  it('throws what is no fault of the text', () => {
    expect(() => jsonPlaces('['.repeat(200_000))).toThrow(RangeError);
  });

  it.each([
    ['', 0, 'a value'],
    ['{"a" 1}', 5, 'a colon'],
    ['{"a": 1 "b": 2}', 8, 'a comma or }'],
    ['[1 2]', 3, 'a comma or ]'],
    ['{a: 1}', 1, 'a key in double quotes'],
    ['{"a": 1,}', 8, 'a key in double quotes'],
    ['{"a": "x\ny"}', 8, 'a closing quote'],
    ['{"a": "\\q"}', 7, 'a valid escape'],
    ['{} // note', 3, 'the end of the file'],
    ["{'a': 1}", 1, 'a key in double quotes'],
    ['{"a": "x', 8, 'a closing quote'],
    ['{"a\\q": 1}', 3, 'a valid escape'],
    [' x', 1, 'a value'],
    ['true1', 4, 'the end of the file'],
    ['{"a": undefined}', 6, 'a value'],
  ])('says where %j goes wrong', (text, offset, expected) => {
    expect(jsonPlaces(text)).toEqual({ kind: 'error', offset, expected });
  });
});

describe('placeAt', () => {
  it('counts lines and columns from 1, whatever ends a line', () => {
    expect(placeAt('', 0)).toEqual({ line: 1, column: 1 });
    expect(placeAt('ab\r\ncd\ne', 5)).toEqual({ line: 2, column: 2 });
    expect(placeAt('ab\rcd', 4)).toEqual({ line: 2, column: 2 });
    expect(placeAt('ab\n\ncd\nef', 4)).toEqual({ line: 3, column: 1 });
    expect(placeAt('ab\ncde', 99)).toEqual({ line: 2, column: 4 });
  });
});
