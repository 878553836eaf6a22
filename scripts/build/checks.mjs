// What a build must not ship.

/**
 * Chunks of packages that `import()` reaches and that export nothing but `default`: esbuild (0.28.2, with
 * `splitting`) makes them of CommonJS packages, and `const { Name } = await import(…)` is then undefined.
 * @param {import('esbuild').Metafile} metafile
 * @returns {string[]} the packages' files
 */
export function chunksWithoutNames({ outputs }) {
  return Object.entries(outputs).flatMap(([file, { entryPoint = '', exports }]) =>
    file.endsWith('.mjs') &&
    entryPoint.includes('node_modules/') &&
    exports.every((name) => name === 'default')
      ? [entryPoint]
      : [],
  );
}
