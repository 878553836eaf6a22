// Makes dist/: what `npm publish` ships and what bin/mlflow-codex.js loads.
//   main.cjs         decides by the command's name which of the others to load
//   core.cjs         the hook and everything that it needs, in one file, because it runs after every turn
//   databricks.cjs   what of it only a Databricks workspace needs
//   *.cjs            what else core.cjs loads on use: a proxy's ways, Zstandard, TOML
//   cli.mjs          everything a person types, split so that each command loads on use; what the hook
//                    needs as well it takes from core.cjs

import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanBuiltins } from './build/builtins.mjs';
import { chunksWithoutNames } from './build/checks.mjs';
import { databricksApart, databricksEntry } from './build/databricks-apart.mjs';
import { leanOtel } from './build/lean-otel.mjs';
import { notices } from './build/notices.mjs';
import { coreEntry, fromCore, lazyFiles, sharedPackage, sourcesOf } from './build/shared-core.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { version, bugs } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const HOOK = 'src/hook.ts';

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node18.19',
  outdir: 'dist',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  minify: true,
  define: {
    PACKAGE_VERSION: JSON.stringify(version),
    REPOSITORY_URL: JSON.stringify(bugs.url.replace(/\/issues$/, '')),
  },
  // OpenTelemetry's CommonJS builds pull in sdk-metrics and every semantic convention
  // (300 kB); from their ES modules only what is used stays (about 60 kB).
  mainFields: ['module', 'main'],
  conditions: ['module', 'import'],
  plugins: [withoutDeadWeight()],
};
const commonjs = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // `import('http')` in otlp-exporter-base makes Node 22 load all of undici, because the ES
  // facade of `http` reads its WebSocket getter; `require('http')` does not.
  supported: { 'dynamic-import': false },
};

await rm(path.join(root, 'dist'), { recursive: true, force: true });
/** @type {Map<string, string>} */
const lazy = new Map();
const hookPlugins = [databricksApart(), lazyFiles(lazy), leanOtel(), leanBuiltins(), withoutDeadWeight()];
const whole = await build({ ...commonjs, entryPoints: { hook: HOOK }, plugins: hookPlugins, write: false });
const core = sourcesOf(whole.metafile);
/** @type {Set<string>} */
const taken = new Set([HOOK]);
const plugins = [fromCore(core, taken), withoutDeadWeight()];
const databricks = async (exported) => ({
  ...commonjs,
  stdin: {
    contents: databricksEntry() + (await coreEntry(exported, root)),
    resolveDir: root,
    sourcefile: 'databricks.js',
  },
  outfile: 'dist/databricks.cjs',
  outdir: undefined,
  plugins,
});
const apart = await build({ ...(await databricks([])), write: false });
const ofDatabricks = sourcesOf(apart.metafile);
/** @type {Set<string>} */
const takenOfDatabricks = new Set();
const results = await Promise.all([
  build({
    ...common,
    entryPoints: { main: 'src/main.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['./cli.mjs'],
    plugins: [leanBuiltins()],
  }),
  build({
    ...common,
    entryPoints: { cli: 'src/cli-main.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
    plugins: [
      ...plugins,
      fromCore(ofDatabricks, takenOfDatabricks, './databricks.cjs'),
      sharedPackage('smol-toml'),
    ],
  }),
]);
results.push(await build(await databricks(takenOfDatabricks)));
for (const [module, file] of lazy) {
  const entryPoints = { [file.replace(/\.cjs$/, '')]: module };
  results.push(await build({ ...commonjs, entryPoints, plugins }));
}
results.push(
  await build({
    ...commonjs,
    stdin: { contents: await coreEntry(taken, root), resolveDir: root, sourcefile: 'core.js' },
    outfile: 'dist/core.cjs',
    outdir: undefined,
    plugins: hookPlugins,
  }),
);

await asAscii(path.join(root, 'dist/core.cjs'));

const nameless = results.flatMap(({ metafile }) => chunksWithoutNames(metafile));
if (nameless.length > 0) {
  throw new Error(
    `import() of a CommonJS package gives its names to nobody: ${nameless.join(', ')}.\n` +
      'Import a module of ours that re-exports them: see src/mlflow/proxy-agents.ts',
  );
}

const metafiles = results.map(({ metafile }) => metafile);
await writeFile(path.join(root, 'THIRD-PARTY-NOTICES.txt'), await notices(root, metafiles));

/**
 * OpenTelemetry's resource detectors import five programs' worth of reading a machine's id, each a chunk
 * of its own: we detect no resource. The proxy agents' `debug` prints where DEBUG is set: a hook may not.
 * @returns {import('esbuild').Plugin}
 */
function withoutDeadWeight() {
  return {
    name: 'without-dead-weight',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]machine-id[\\/]getMachineId\.js$/ }, () => ({
        contents: 'export async function getMachineId() {}',
      }));
      onLoad({ filter: /[\\/]node_modules[\\/]debug[\\/]src[\\/]index\.js$/ }, () => ({
        contents: 'module.exports = () => () => {};',
      }));
    },
  };
}

/**
 * Lets a bundle be read one byte a character (src/platform/process/compiled-code.ts). esbuild (0.28.2, `charset: 'ascii'`)
 * leaves regular expressions as they are; within one as within a string an escape means its character.
 * @param {string} file
 */
async function asAscii(file) {
  const text = await readFile(file, 'utf8');
  const escaped = text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  await writeFile(file, escaped);
}
