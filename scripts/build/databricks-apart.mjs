// What only a Databricks workspace needs is in a file of its own, databricks.cjs: a hook with another
// destination does not even parse it.

import path from 'node:path';

/** The doors of databricks.cjs: what core.cjs asks for by `import()`. */
const DOORS = ['src/databricks/open-databricks', 'src/mlflow/databricks/resolve-databricks'];

/**
 * Lets `import()` of a door be one of databricks.cjs. A CommonJS bundle cannot be split by esbuild (0.28.2).
 * @returns {import('esbuild').Plugin}
 */
export function databricksApart() {
  return {
    name: 'databricks-apart',
    setup({ onResolve }) {
      const names = DOORS.map((door) => path.posix.basename(door)).join('|');
      onResolve({ filter: new RegExp(`/(?:${names})\\.js$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: './databricks.cjs', external: true } : undefined,
      );
    },
  };
}

/** The source of databricks.cjs. */
export function databricksEntry() {
  return DOORS.map((door) => `export * from './${door}.ts';`).join('\n');
}
