import { describe, expect, test } from '@jest/globals';
import { describePictures } from '../../../src/spans/texts/pictures.js';
import { completed, event, inputsOf, outputsOf, response, spanNamed, spansOf } from '../made-up-turn.js';

/** Bytes that no compression and no chance would make, after a file's first ones. */
function file(...start: (string | number)[]): Buffer {
  const head = Buffer.concat(start.map((part) => Buffer.from(typeof part === 'string' ? part : [part])));
  return Buffer.concat([head, Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 37 + 11) % 251))]);
}

const png = file(0x89, 'PNG\r\n', 0x1a, '\n', 0, 0, 0, 13, 'IHDR');
const PICTURES: [string, Buffer][] = [
  ['image/png', png],
  ['image/jpeg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), file('\0\u0010JFIF')])],
  ['image/gif', file('GIF89a')],
  ['image/webp', file('RIFF', 1, 2, 3, 0, 'WEBPVP8 ')],
  ['image/bmp', file('BM', 9, 9, 1, 0, 0, 0, 0, 0, 54, 0, 0, 0)],
  ['image/tiff', file('II*', 0)],
  ['image/tiff', file('MM', 0, '*')],
  ['image/avif', file(0, 0, 0, 28, 'ftypavif')],
  ['image/heic', file(0, 0, 0, 24, 'ftypheic')],
  ['image/x-icon', file(0, 0, 1, 0, 1, 0, 16, 16)],
  [
    'image/svg+xml',
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0"/>'.repeat(9)}</svg>`),
  ],
];

describe.each(PICTURES)('base64 of a picture, %s,', (mediaType, bytes) => {
  const note = `[image: ${mediaType}, ${bytes.length} bytes]`;
  const base64 = bytes.toString('base64');

  test('is described where it is all of a text', () => {
    expect(describePictures(base64)).toBe(note);
    expect(describePictures(bytes.toString('base64url'))).toBe(note);
  });

  test('is described within a text, and what stands around it stays', () => {
    expect(describePictures(`before: "${base64}", after`)).toBe(`before: "${note}", after`);
    expect(describePictures(JSON.stringify({ at: `\n${base64}` }))).toBe(JSON.stringify({ at: `\n${note}` }));
  });

  test('is described where a program breaks its lines', () => {
    const lines = base64.replace(/.{76}/g, '$&\n');
    expect(describePictures(`${lines}\n`)).toBe(`${note}\n`);
    expect(describePictures(JSON.stringify(lines))).toBe(JSON.stringify(note));
  });

  test('is described as a data URL', () => {
    expect(describePictures(`<img src="data:${mediaType};base64,${base64}">`)).toBe(`<img src="${note}">`);
  });
});

describe('a text without a picture stays as it is', () => {
  test.each([
    ['a path', 'cat /9j/4/src/index.ts and /home/dev/9j/4'],
    [
      'base64 of a text',
      Buffer.from('the quick brown fox jumps over the lazy dog '.repeat(9)).toString('base64'),
    ],
    ['a word about pictures', 'iVBORw0KGgo is how a PNG begins in base64; R0lGODlh is a GIF'],
    ['a hash', 'sha512-AAAA/GZ0abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789=='],
    ['code', "const url = 'data:image/png;base64,' + encode(bytes);"],
  ])('%s', (_, text) => expect(describePictures(text)).toBe(text));
});

test('what Codex cut out of the middle of a picture does not save its end', () => {
  const base64 = png.toString('base64');
  const cut = `${base64.slice(0, 160)}…120 tokens truncated…${base64.slice(-160)}`;
  expect(describePictures(cut)).toMatch(/^\[image: image\/png, \d+ bytes\]$/);
});

test('what the middle of a long text lost of a picture is counted', () => {
  const base64 = png.toString('base64');
  const kept = `${base64.slice(0, 160)}\n[… 200 bytes cut by mlflow-codex …]\n${base64.slice(-160).replace(/=+$/, '')}`;
  const bytes = Math.floor(((160 + 200 + 160 - (base64.match(/=+$/)?.[0].length ?? 0)) * 3) / 4);
  expect(describePictures(`"${kept}"`)).toBe(`"[image: image/png, ${bytes} bytes]"`);
});

test.each([
  [
    'data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E',
    '[image: image/svg+xml, 51 bytes]',
  ],
  [
    'DATA:IMAGE/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E',
    '[image: IMAGE/svg+xml, 51 bytes]',
  ],
  [
    'data:image/x-new;charset=utf-8;base64,c29tZSBieXRlcyBvZiBhIHBpY3R1cmU=',
    '[image: image/x-new, 23 bytes]',
  ],
  // Forty characters are the shortest.
  [`iVBORw0KGgo${'k9Xq2Zr7'.repeat(4)}`.slice(0, 39), `iVBORw0KGgo${'k9Xq2Zr7'.repeat(4)}`.slice(0, 39)],
  [`iVBORw0KGgo${'k9Xq2Zr7'.repeat(4)}`.slice(0, 40), '[image: image/png, 30 bytes]'],
])('%s becomes %s', (text, told) => {
  expect(describePictures(text)).toBe(told);
});

describe('an image tool of Codex', () => {
  const item = {
    type: 'ImageGeneration',
    id: 'ig_1',
    status: 'completed',
    revised_prompt: 'A blue square on white',
    result: png.toString('base64'),
    saved_path: '/home/dev/.codex/generated_images/ig_1.png',
  };
  const shown = {
    in: { revised_prompt: 'A blue square on white' },
    out: {
      output: `[image: image/png, ${png.length} bytes]`,
      saved_path: '/home/dev/.codex/generated_images/ig_1.png',
    },
  };

  test.each([
    ['an item alone', [completed(item)]],
    ['the event of older versions', [event({ ...item, type: 'image_generation_end', call_id: 'ig_1' })]],
    [
      'the call at the provider and its item',
      [response({ ...item, type: 'image_generation_call' }), completed(item)],
    ],
  ])('%s: shows what was asked for and where the file lies', (_, lines) => {
    const spans = spansOf(lines);
    const tool = spans.find(({ attributes }) => attributes['gen_ai.tool.name'] === 'image_generation');
    expect({ in: inputsOf(tool), out: outputsOf(tool) }).toEqual(shown);
    expect(JSON.stringify(spans)).not.toContain(item.result.slice(0, 40));
  });
});

test('an MCP tool’s pictures are described in its content and in its structured content', () => {
  const base64 = png.toString('base64');
  const spans = spansOf([
    completed({
      type: 'McpToolCall',
      id: 'call_1',
      server: 'browser',
      tool: 'screenshot',
      arguments: { page: 1 },
      result: {
        content: [
          { type: 'text', text: 'the page' },
          { type: 'image', data: base64, mimeType: 'image/png' },
          { type: 'audio', data: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEA', mimeType: 'audio/wav' },
        ],
        structuredContent: { shots: [{ png: base64, url: `data:image/png;base64,${base64}` }] },
      },
    }),
  ]);
  const tool = spans.find(({ attributes }) => attributes['mlflow.spanType'] === 'TOOL');
  const note = `[image: image/png, ${png.length} bytes]`;
  expect(outputsOf(tool)).toEqual({
    output: `the page\n${note}\n[audio/wav]`,
    structured_content: { shots: [{ png: note, url: note }] },
  });
});

test('no picture is in any span of a turn, wherever it stood', () => {
  const base64 = png.toString('base64');
  const url = `data:image/png;base64,${base64}`;
  const spans = spansOf(
    [
      response({ type: 'message', role: 'user', content: [{ type: 'input_image', image_url: url }] }),
      response({
        type: 'function_call',
        name: 'paint',
        arguments: JSON.stringify({ canvas: base64, like: [url] }),
        call_id: 'call_1',
      }),
      response({
        type: 'function_call_output',
        call_id: 'call_1',
        output: JSON.stringify({ b64_json: base64 }),
      }),
      response({ type: 'custom_tool_call', name: 'exec', input: `show("${url}")`, call_id: 'call_2' }),
      response({
        type: 'custom_tool_call_output',
        call_id: 'call_2',
        output: [{ type: 'input_text', text: base64 }],
      }),
    ],
    { prompt: `what is ${url}?`, answer: `![it](${url})` },
  );
  expect(spans).toHaveLength(5);
  expect(JSON.stringify(spans)).not.toContain(base64.slice(0, 24));
  expect(inputsOf(spanNamed(spans, 'invoke_agent codex')).messages[0].content).toBe(
    `what is [image: image/png, ${png.length} bytes]?`,
  );
});
