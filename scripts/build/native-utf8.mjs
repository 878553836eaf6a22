// Where the OTLP serializer (otlp-transformer 0.223) counts and copies a text's characters one by one, the
// bundles do it by Node's own means: V8 begins to optimise such loops in the middle of a hook, on a
// thread of its own, 6 ms of CPU for a turn of 22 kB (Node 20), and is done when the hook is.

import { readFile } from 'node:fs/promises';

/** By file: the function as it begins and ends, and what stands in its place. */
const REPLACEMENTS = [
  {
    file: /[\\/]protobuf-size-estimator\.js$/,
    whole: /function utf8ByteLength\(str\) \{[\s\S]*?\n\}/,
    by: 'function utf8ByteLength(str) { return Buffer.byteLength(str); }',
  },
  {
    file: /[\\/]protobuf-writer\.js$/,
    whole: /writeString\(str\) \{[\s\S]*?\n {4}\}/,
    by: `writeString(str) {
      const bytes = Buffer.byteLength(str);
      this.writeVarint(bytes);
      this._ensureCapacity(bytes);
      this._textEncoder.encodeInto(str, this._buffer.subarray(this.pos));
      this.pos += bytes;
    }`,
  },
];

/** @returns {import('esbuild').Plugin} */
export function nativeUtf8() {
  return {
    name: 'native-utf8',
    setup({ onLoad }) {
      for (const { file, whole, by } of REPLACEMENTS)
        onLoad({ filter: file }, async ({ path }) => {
          const source = await readFile(path, 'utf8');
          if (!whole.test(source))
            throw new Error(`${path} is not as scripts/build/native-utf8.mjs knows it`);
          return { contents: source.replace(whole, () => by) };
        });
    },
  };
}
