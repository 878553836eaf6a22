// Measures redaction: recall on secrets made for it and on forms it was not written for, precision and
// speed on real text, which npm, pip and Go fetch into .cache/.
//   npm run measure:redaction [-- --seed N] [-- --show]     --show prints every finding in real text, to be read

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { realTexts } from './lab/redaction-texts.mjs';
import { leaked, sampleOf, samples } from './lab/secrets/corpus.mjs';
import { INVENTED } from './lab/secrets/invented.mjs';
import { lookAlikes } from './lab/secrets/look-alikes.mjs';
import { Random } from './lab/secrets/random.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, show: { type: 'boolean', default: false } },
});
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { Redactor } = await bundled();
const redactor = new Redactor();

const seed = Number(values.seed);
recall('kinds made for it', samples(seed, 4));
const random = new Random(seed);
recall(
  'invented forms',
  Object.entries(INVENTED).flatMap(([kind, make]) =>
    Array.from({ length: 20 }, () => sampleOf(kind, make(random))),
  ),
);
const alike = lookAlikes(random);
const changed = alike.filter((text) => redactor.begin().redact(text) !== text);
console.log(`look-alikes: ${alike.length - changed.length} of ${alike.length} unchanged`);
precision(await realTexts(console.error));

/** The redactor as one module, as it is in the hook. */
async function bundled() {
  const folder = path.join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  const outfile = path.join(folder, 'redactor.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/spans/redaction/redactor.ts'],
    bundle: true,
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

function recall(name, all) {
  const out = new Map();
  for (const { kind, text, secrets } of all) {
    const isOut = leaked(redactor.begin().redact(text), secrets) !== undefined;
    const count = out.get(kind) ?? { made: 0, out: 0 };
    out.set(kind, { made: count.made + 1, out: count.out + Number(isOut) });
  }
  const leaky = [...out].filter(([, count]) => count.out > 0);
  const values = all.length - leaky.reduce((sum, [, count]) => sum + count.out, 0);
  console.log(
    `${name}: ${out.size - leaky.length} of ${out.size} kinds held, ${values} of ${all.length} values (seed ${seed})`,
  );
  for (const [kind, count] of leaky) console.log(`  out: ${kind}, ${count.out} of ${count.made}`);
}

function precision(texts) {
  const all = { bytes: 0, found: 0, ms: 0 };
  for (const [title, some] of texts) {
    const { bytes, found, ms } = search(some, title);
    console.log(`${title}: ${rate(bytes, ms)}, ${found} findings`);
    all.bytes += bytes;
    all.found += found;
    all.ms += ms;
  }
  console.log(`real text: ${rate(all.bytes, all.ms)}, ${all.found} findings; --show prints them`);
}

function search(texts, title) {
  const total = { bytes: 0, found: 0, ms: 0 };
  for (const { name, text } of texts) {
    const { user, system } = process.cpuUsage();
    const findings = redactor.findings(text, { spend() {} });
    const used = process.cpuUsage({ user, system });
    total.ms += (used.user + used.system) / 1000;
    total.bytes += text.length;
    total.found += findings.length;
    if (values.show) for (const found of findings) console.log(shown(title, name, text, found));
  }
  return total;
}

/** A line of tabs: where, which kind, what stands before it, and it. */
function shown(title, name, text, { start, end, kind }) {
  const before = JSON.stringify(text.slice(Math.max(0, start - 60), start));
  return [title, name, kind, before, JSON.stringify(text.slice(start, end).slice(0, 80))].join('\t');
}

function rate(bytes, ms) {
  return `${(bytes / 1e6).toFixed(1)} MB, ${(bytes / 1000 / ms).toFixed(1)} MB/s of CPU time`;
}
