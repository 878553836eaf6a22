import path from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { databricksApart, databricksEntry } from '../../scripts/build/databricks-apart.mjs';

const OF_DATABRICKS = /^src\/(?:mlflow\/)?databricks\//;

async function bundle(options: object) {
  const { metafile } = await build({
    absWorkingDir: path.resolve('.'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    metafile: true,
    write: false,
    logLevel: 'silent',
    outdir: 'dist',
    ...options,
  });
  return metafile;
}

test('the hook’s bundle holds nothing of Databricks’, and asks for it by name', async () => {
  const { inputs, outputs } = await bundle({
    entryPoints: { hook: 'src/hook.ts' },
    plugins: [databricksApart()],
  });
  expect(Object.keys(inputs).filter((name) => OF_DATABRICKS.test(name))).toEqual([]);
  const [output] = Object.values(outputs);
  const apart = output?.imports.filter(({ external, path: name }) => external && name.startsWith('.'));
  expect(new Set(apart?.map(({ path: name }) => name))).toEqual(new Set(['./databricks.cjs']));
});

test('the other bundle holds all of it, and no OpenTelemetry SDK', async () => {
  const { inputs } = await bundle({
    stdin: { contents: databricksEntry(), resolveDir: path.resolve('.') },
    plugins: [databricksApart()],
  });
  const names = Object.keys(inputs);
  expect(names).toContain('src/databricks/experiment-wire.ts');
  expect(names).toContain('src/mlflow/databricks/choose-sign-in.ts');
  expect(names.filter((name) => /@opentelemetry\/(?!semantic-conventions)/.test(name))).toEqual([]);
});
