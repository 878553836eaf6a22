#!/usr/bin/env node
// @ts-check
/**
 * Records a fixture from the real Codex:
 *
 *   node scripts/record-fixture.mjs SCENARIO|all [--codex-version X] [--model M [--other-model M]] [--replace]
 *
 * writes `__tests__/fixtures/rollouts/VERSION-MODE/SCENARIO/`: the rollout files, notify.json (the
 * payloads of the notifier, oldest first) and served.json (what the scripted model served). Without
 * a model it records both modes, classic tools and code mode. A fixture that is there stays, but for `--replace`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runQuietly } from './lab/cache.mjs';
import { codexProgram, models } from './lab/codex.mjs';
import { neutralPaths, shortenPrompts } from './lab/neutral.mjs';
import { play, recordedPayloads } from './lab/play.mjs';
import { isCodeMode } from './lab/request-reading.mjs';
import { findScenario, scenarios } from './lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';

const scriptsDir = path.dirname(fileURLToPath(import.meta.url));
const fixtures = path.join(scriptsDir, '..', '__tests__', 'fixtures', 'rollouts');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'codex-version': { type: 'string' },
    model: { type: 'string' },
    'other-model': { type: 'string' },
    replace: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help || positionals.length === 0) {
  const usage =
    'Usage: node scripts/record-fixture.mjs SCENARIO|all [--codex-version X] [--model M [--other-model M]] [--replace]';
  const text = `${usage}\nScenarios: ${Object.keys(scenarios).join(', ')}`;
  if (values.help) console.log(text);
  else console.error(text);
  process.exit(values.help ? 0 : 2);
}
const names = positionals.includes('all') ? Object.keys(scenarios) : positionals;
const codex = await codexProgram(values['codex-version'], console.error);
const version = (await runQuietly(codex, ['--version'])).match(/\d+\.\d+\.\d+/)?.[0] ?? 'unknown';
const pairs = values.model
  ? [{ model: values.model, other: values['other-model'] ?? values.model }]
  : Object.values(models);

for (const name of names) for (const pair of pairs) await record(name, pair);

/** @param {string} name @param {{ model: string, other: string }} pair */
async function record(name, pair) {
  const scenario = findScenario(name);
  const dir = await makeTemporaryFolder();
  const payloads = path.join(dir, 'payloads');
  const played = await play(scenario, {
    dir,
    codex,
    models: pair,
    notify: () => [process.execPath, path.join(scriptsDir, 'lab', 'notify-recorder.mjs'), payloads],
  });
  const notified = await recordedPayloads(payloads, scenario.announced ?? scenario.steps.length);
  // The name of the folder says what this Codex really did with this model.
  const request = played.served[0]?.request;
  const mode = request && isCodeMode(request) ? 'code-mode' : 'classic';
  const target = path.join(fixtures, `${version}-${mode}`, name);
  if (existsSync(target) && !values.replace) {
    await rm(dir, { recursive: true, force: true });
    throw new Error(
      `${path.relative(process.cwd(), target)} is there already, and tests rely on it: --replace`,
    );
  }
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });

  /** @param {string} file @param {string} text */
  const save = (file, text) =>
    writeFile(
      path.join(target, file),
      neutralPaths(text, [
        [played.cwd, '/home/dev/project'],
        [played.home, '/home/dev'],
        [path.dirname(scriptsDir), '/home/dev/mlflow-codex'],
        [process.execPath, '/usr/bin/node'],
      ]),
    );
  for (const rollout of played.rollouts) {
    await save(path.basename(rollout), shortenPrompts(await readFile(rollout, 'utf8')));
  }
  await save('notify.json', `${JSON.stringify(notified, null, 1)}\n`);
  const served = played.served.map(({ request: _, ...what }) => what);
  await save('served.json', `${JSON.stringify(served, null, 1)}\n`);
  await rm(dir, { recursive: true, force: true });
  console.log(
    `${path.relative(process.cwd(), target)}: ${played.rollouts.length} rollouts, ${notified.length} notifications`,
  );
}
