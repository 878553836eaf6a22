// What OpenTelemetry's packages do in a way that costs each hook much is done by Node's own means in the bundles.
//
// Where the OTLP serializer (otlp-transformer 0.223) counts and copies a text's characters one by one, V8 begins
// to optimise such loops in the middle of a hook, on a thread of its own, 6 ms of CPU for a turn of 22 kB (Node
// 20), and is done when the hook is. `performance` (core 2.12) makes Node load perf_hooks, 1 ms (Node 18, 24),
// for a clock that nobody reads: a span's times are given. A body that lies there whole needs no stream and no pipe
// (otlp-exporter-base 0.223), whose functions Node compiles in each process; it has a Content-Length then.

import { readFile } from 'node:fs/promises';

/** By file: the function as it begins and ends, and what stands in its place. */
const REPLACEMENTS = [
  {
    file: /[\\/]core[\\/]build[\\/]esm[\\/]platform[\\/]node[\\/]index\.js$/,
    whole: /export const otperformance = performance;/,
    by: `const timeOrigin = Date.now();
export const otperformance = { timeOrigin, now: () => Date.now() - timeOrigin };`,
  },
  {
    file: /[\\/]otlp-exporter-base[\\/]build[\\/]esm[\\/]transport[\\/]http-transport-utils\.js$/,
    whole: /let dataStream = readableFromUint8Array\(data\);/,
    by: `if (compression !== 'gzip') {
        req.on('error', onError).end(data);
        return;
    }
    let dataStream = readableFromUint8Array(data);`,
  },
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
export function leanOtel() {
  return {
    name: 'lean-otel',
    setup({ onLoad }) {
      for (const { file, whole, by } of REPLACEMENTS)
        onLoad({ filter: file }, async ({ path }) => {
          const source = await readFile(path, 'utf8');
          if (!whole.test(source)) throw new Error(`${path} is not as scripts/build/lean-otel.mjs knows it`);
          return { contents: source.replace(whole, () => by) };
        });
    },
  };
}
