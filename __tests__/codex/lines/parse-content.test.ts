import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { imagePart, parseContent } from '../../../src/codex/lines/parse-content.js';

describe('the parts of a message', () => {
  test('are its texts, in either spelling of Codex', () => {
    expect(
      parseContent([
        { type: 'input_text', text: 'a' },
        { type: 'output_text', text: 'b' },
        { type: 'Text', text: 'c' },
        { type: 'text', text: '' },
      ]),
    ).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ]);
  });

  test('are one text where the content is a string', () => {
    expect(parseContent('words')).toEqual([{ type: 'text', text: 'words' }]);
    expect(parseContent('')).toEqual([]);
  });

  test('name what is neither text nor image', () => {
    expect(parseContent([{ type: 'input_audio', data: 'AAAA' }, 'stray', null])).toEqual([
      { type: 'other', kind: 'input_audio' },
    ]);
  });

  test('leave out the tags that Codex puts around an image', () => {
    const parts = [
      { type: 'input_text', text: '<image name=[Image #1]>' },
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
      { type: 'input_text', text: '</image>' },
    ];
    expect(parseContent(parts)).toEqual([{ type: 'image', mediaType: 'image/png', bytes: 3 }]);
  });
});

describe('an image', () => {
  test.each([
    ['data:image/png;base64,AAAA', { mediaType: 'image/png', bytes: 3 }],
    ['data:image/jpeg;base64,AAAAAA==', { mediaType: 'image/jpeg', bytes: 4 }],
    ['data:image/svg+xml,<svg/>', { mediaType: 'image/svg+xml', bytes: 6 }],
    ['data:;base64,AAA=', { bytes: 2 }],
    // Cut off: 3.75 bytes.
    ['data:image/png;base64,AAAAA', { mediaType: 'image/png', bytes: 3 }],
    ['https://example.invalid/a.png', { source: 'https://example.invalid/a.png' }],
    [undefined, {}],
  ])('%s is told by type and size', (url, told) => {
    expect(imagePart(url)).toEqual({ type: 'image', ...told });
  });

  test('of a data URL is never kept, whatever its parts are called', () => {
    const bytes = fc.uint8Array({ minLength: 40, maxLength: 200 });
    const shape = fc.constantFrom(
      (url: string) => ({ type: 'input_image', image_url: url }),
      (url: string) => ({ type: 'image_url', image_url: { url } }),
      (url: string) => ({ type: 'LocalImage', image_url: url, path: '/a.png' }),
    );
    fc.assert(
      fc.property(bytes, shape, (data, part) => {
        const base64 = Buffer.from(data).toString('base64');
        const parsed = parseContent([part(`data:image/png;base64,${base64}`)]);
        expect(JSON.stringify(parsed)).not.toContain(base64.slice(0, 16));
        expect(parsed).toMatchObject([{ type: 'image', mediaType: 'image/png', bytes: data.length }]);
      }),
    );
  });
});
