// Makes dist/: what `npm publish` ships and what bin/mlflow-codex.js loads.
//   main.cjs         decides by the command's name which of the others to load
//   hook.cjs         the hook's path, alone, because it runs after every turn
//   cli.mjs          everything a person types, split so that each command loads on use

import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chunksWithoutNames } from './build-checks.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node18.19',
  outdir: 'dist',
  legalComments: 'none',
  metafile: true,
  minify: true,
  define: { PACKAGE_VERSION: JSON.stringify(version) },
  // OpenTelemetry's CommonJS builds pull in sdk-metrics and every semantic convention
  // (300 kB); from their ES modules only what is used stays (about 60 kB).
  mainFields: ['module', 'main'],
  conditions: ['module', 'import'],
  plugins: [withoutMachineId()],
};

await rm(path.join(root, 'dist'), { recursive: true, force: true });
const results = await Promise.all([
  build({
    ...common,
    entryPoints: { main: 'src/main.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['./cli.mjs', './hook.cjs'],
  }),
  build({
    ...common,
    entryPoints: { hook: 'src/hook.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // `import('http')` in otlp-exporter-base makes Node 22 load all of undici, because the ES
    // facade of `http` reads its WebSocket getter; `require('http')` does not.
    supported: { 'dynamic-import': false },
  }),
  build({
    ...common,
    entryPoints: { cli: 'src/cli-main.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  }),
]);

const nameless = results.flatMap(({ metafile }) => chunksWithoutNames(metafile));
if (nameless.length > 0) {
  throw new Error(
    `import() of a CommonJS package gives its names to nobody: ${nameless.join(', ')}.\n` +
      'Import a module of ours that re-exports them: see src/mlflow/http-proxy-agent.ts',
  );
}

await writeFile(path.join(root, 'THIRD-PARTY-NOTICES.txt'), await notices(results.map((r) => r.metafile)));

/**
 * OpenTelemetry's resource detectors import five programs' worth of reading a machine's id, each a chunk
 * of its own. We detect no resource: none of them is ever loaded.
 * @returns {import('esbuild').Plugin}
 */
function withoutMachineId() {
  return {
    name: 'without-machine-id',
    setup(build) {
      build.onLoad({ filter: /[\\/]machine-id[\\/]getMachineId\.js$/ }, () => ({
        contents: 'export async function getMachineId() {}',
      }));
    },
  };
}

/** The licence of every package with at least one file in a bundle. */
async function notices(metafiles) {
  const dirs = new Set();
  for (const metafile of metafiles) {
    for (const output of Object.values(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        const dir = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1];
        if (dir && bytesInOutput > 0) dirs.add(dir);
      }
    }
  }
  const parts = [];
  for (const dir of [...dirs].sort()) {
    const pkg = JSON.parse(await readFile(path.join(root, dir, 'package.json'), 'utf8'));
    const text = await licenceText(path.join(root, dir));
    parts.push(`${pkg.name} ${pkg.version} (${pkg.license})\n\n${text.trim()}\n`);
  }
  return `The programs in dist/ contain code of these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

async function licenceText(dir) {
  for (const name of ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'license', 'license.md', 'LICENCE']) {
    try {
      return await readFile(path.join(dir, name), 'utf8');
    } catch {}
  }
  throw new Error(`${dir} has no licence file: its code may not be bundled without one`);
}
