// @ts-check
/**
 * Writes `src/spans/cost/price-table.ts` anew from the model catalogue that comes with MLflow
 * (`mlflow/utils/model_catalog/*.json`), and says which prices have changed.
 *
 *     node scripts/renew-prices.mjs [FOLDER]      FOLDER: an MLflow package, else the one in .cache/
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mlflowProgram } from './lab/mlflow.mjs';

/** Those that Codex is run with whose prices MLflow does not work out right, or not at all. */
const PROVIDERS = ['openai', 'azure', 'databricks'];
/** Models that Codex cannot talk to. */
const NO_AGENT =
  /audio|realtime|search|instruct|embed|transcribe|tts|image|^ft:|computer-use|\/|^gpt-3|^gpt-35|^gpt-4(?!\.1)/;
const target = fileURLToPath(new URL('../src/spans/cost/price-table.ts', import.meta.url));

/** @param {{ [key: string]: number } | undefined} tier per million tokens */
function rates(tier) {
  if (tier?.['input_per_million_tokens'] === undefined || tier['output_per_million_tokens'] === undefined)
    return undefined;
  const all = ['input', 'output', 'cache_read', 'cache_write'].map(
    (name) => tier[`${name}_per_million_tokens`],
  );
  while (all.at(-1) === undefined) all.pop();
  return `[${all.map((rate) => rate ?? 'undefined').join(', ')}]`;
}

/** @param {any} entry of the catalogue */
function line(entry) {
  const { pricing } = entry;
  const [long] = pricing.long_context ?? [];
  if (long && long.threshold_tokens !== 272_000)
    throw new Error('a long context of another length: teach price-of.ts');
  const parts = Object.entries({
    standard: rates(pricing),
    priority: rates(pricing.service_tiers?.priority),
    flex: rates(pricing.service_tiers?.flex),
    long: rates(long),
  }).flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${text}`]));
  return `{ ${parts.join(', ')} }`;
}

const folder = process.argv[2] ?? path.join(path.dirname(await mlflowProgram(console.error)), '..');
const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python' : 'bin/python');
const [version = '', packageFolder = ''] = execFileSync(
  python,
  ['-c', 'import os, mlflow.version as v; print(v.VERSION); print(os.path.dirname(v.__file__))'],
  { encoding: 'utf8' },
)
  .trim()
  .split('\n');

let newest = '';
/** @type {Map<string, Map<string, string>>} */
const tables = new Map();
for (const provider of PROVIDERS) {
  const file = path.join(packageFolder, 'utils', 'model_catalog', `${provider}.json`);
  const { models } = JSON.parse(readFileSync(file, 'utf8'));
  /** @type {Map<string, string>} */
  const rows = new Map();
  for (const [name, entry] of Object.entries(models)) {
    if (!['chat', 'responses'].includes(entry.mode) || NO_AGENT.test(name) || !rates(entry.pricing)) continue;
    if (entry.last_updated_at > newest) newest = entry.last_updated_at;
    rows.set(name, line(entry));
  }
  for (const [name, row] of rows) {
    const undated = name.replace(/-\d{4}-\d{2}-\d{2}$/, '');
    const isDouble = undated !== name && rows.get(undated) === row;
    const isOpenAi = provider === 'azure' && tables.get('openai')?.get(name) === row;
    if (isDouble || isOpenAi) rows.delete(name);
  }
  tables.set(provider, rows);
}

const body = [...tables].map(([provider, rows]) => {
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => `    '${name}': ${row},`);
  return `  ${provider}: {\n${lines.join('\n')}\n  },`;
});
const before = readFileSync(target, { encoding: 'utf8', flag: 'a+' });
writeFileSync(
  target,
  `import { once } from '../../platform/once.js';
import type { PriceTable } from './model-prices.js';

/**
 * Written by \`node scripts/renew-prices.mjs\`; do not edit. Prices in US dollars for a million tokens,
 * from the model catalogue of MLflow ${version} (\`mlflow/utils/model_catalog\`), whose newest entry is of
 * ${newest}. \`azure\` has what differs from \`openai\`.
 */
export const PRICES_AS_OF = '${newest}';

export const priceTable = once((): PriceTable => ({
${body.join('\n')}
}));
`,
);
execFileSync('npx', ['biome', 'check', '--write', target], { stdio: 'ignore' });
const after = readFileSync(target, 'utf8');
const known = new Set(before.split('\n'));
const changed = after.split('\n').filter((row) => row.includes('standard:') && !known.has(row));
console.log(`MLflow ${version}, prices as of ${newest}: ${changed.length} new or changed`);
for (const row of changed) console.log(row.trim());
