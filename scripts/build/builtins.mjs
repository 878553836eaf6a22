// How core.cjs reaches some of Node's own modules: what a typical turn does not use is not loaded for it.

/**
 * By module: functions of it that are rare. v8 is for turns of many megabytes, zlib for other hosts, timers/promises
 * for who has to wait; loading them takes 2 ms of every hook's CPU (Node 20).
 * @type {Record<string, string[]>}
 */
const RARE = {
  'node:v8': ['setFlagsFromString'],
  zlib: ['createGzip'],
  'node:timers/promises': ['setTimeout'],
};

/** @returns {import('esbuild').Plugin} */
export function leanBuiltins() {
  return {
    name: 'lean-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(?:node:v8|zlib|node:timers\/promises)$/ }, ({ path, namespace }) =>
        namespace === 'rare' ? { path, external: true } : { path, namespace: 'rare' },
      );
      onLoad({ filter: /.*/, namespace: 'rare' }, ({ path }) => ({
        contents: (RARE[path] ?? [])
          .map((name) => `export const ${name} = (...given) => require('${path}').${name}(...given);`)
          .join('\n'),
      }));
      // `import path from 'node:path'` in 27 modules becomes one `require`: esbuild (0.28.2) makes a copy of
      // all its names for each, 0.7 ms of every hook's CPU.
      onResolve({ filter: /^node:path$/ }, () => ({ path: 'path', namespace: 'once' }));
      onLoad({ filter: /.*/, namespace: 'once' }, () => ({
        contents: "const path = require('path'); export default path;",
      }));
    },
  };
}
