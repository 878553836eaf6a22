#!/usr/bin/env node
// @ts-check
/**
 * Would the tests notice? Makes one small mistake at a time in a copy of `src/` and runs the unit tests
 * that depend on it:
 *
 *   npm run test:mutation [-- ROOM|FILE …] [--count 20] [--seed 1] [--seconds 60] [--report FILE] [--coverage FILE]
 *   npm run test:mutation -- ROOM|FILE … --list
 *
 * A room is a folder of `src/`, such as `spans` or `spans/tools`. Of each room `count` mutants are drawn, the same ones
 * for the same seed and sources. Mutants that do not compile are passed over and not counted; files that a script
 * has made have none. A mutant is shown to the tests that run its line, up to `seconds` of them. Which these are is
 * found out by one run of all unit tests at the beginning, and kept in `--coverage FILE`: a later run takes it from
 * there, and runs the tests that have changed since. Prints what became of each, then a table and the survivors; exits
 * with 1 where there are any. A survivor is a missing test, or code that says the same in another way: read it and
 * decide. `--list` prints the mutants that there are, and runs nothing.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { coveringTests } from './mutation/covering-tests.mjs';
import { findMutants } from './mutation/find-mutants.mjs';
import { Workshop } from './mutation/workshop.mjs';

/** @typedef {import('./mutation/find-mutants.mjs').Mutant} Mutant */
/** @typedef {{ room: string, file: string, mutant: Mutant, fate: import('./mutation/workshop.mjs').Fate }} Verdict */

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
/** A mutant may make a loop endless. */
const timeoutMs = 5 * 60_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    list: { type: 'boolean' },
    report: { type: 'string' },
    coverage: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
/** The tests shown to one mutant, as long as they took without it. */
const testsMs = 1000 * Number(values.seconds);
const rooms = (await readdir(path.join(root, 'src'), { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
if (values.help) {
  console.log(
    'Usage: npm run test:mutation [-- ROOM|FILE …] [--count 20] [--seed 1] [--seconds 60] [--list] [--report FILE] [--coverage FILE]',
  );
  console.log(`Rooms: ${rooms.join(', ')}`);
  process.exit(0);
}
const places = positionals.length > 0 ? positionals : rooms;
if (values.list) {
  for (const place of places)
    for (const { file, mutant } of await mutantsOf(place)) console.log(told(file, mutant));
} else await run();

async function run() {
  const workshop = await Workshop.open(root);
  process.once('SIGINT', () => void workshop.close().then(() => process.exit(130)));
  /** @type {Verdict[]} */
  const verdicts = [];
  try {
    const coverage = await workshop.coverage(values.coverage && path.resolve(values.coverage));
    // Were one red without a mutant, every mutant would count as noticed.
    if (coverage.failed.length > 0)
      throw new Error(`These tests fail as it is: ${coverage.failed.join(', ')}`);
    for (const place of places) verdicts.push(...(await mutate(place, coverage, workshop)));
  } finally {
    await workshop.close();
  }
  const report = describe(verdicts);
  console.log(report);
  if (values.report) await writeFile(values.report, `${report}\n`);
  process.exitCode = verdicts.some(({ fate }) => fate === 'survived') ? 1 : 0;
}

/**
 * @param {string} place a room or a file of `src/` @param {import('./mutation/covering-tests.mjs').Coverage} coverage
 * @param {Workshop} workshop
 */
async function mutate(place, coverage, workshop) {
  /** @type {Verdict[]} */
  const verdicts = [];
  const all = await mutantsOf(place);
  const drawn = shuffled(all, Number(values.seed));
  for (const { file, mutant, source } of drawn) {
    if (verdicts.length >= Number(values.count)) break;
    const tests = coveringTests(coverage, file, mutant.line, source, testsMs);
    const { fate, by } = await workshop.fateOf(file, mutant, tests, timeoutMs);
    if (fate === 'does not compile') continue;
    verdicts.push({ room: place, file, mutant, fate });
    console.error(`${fate.padEnd(9)} ${told(file, mutant)}${by && `\n          by: ${by}`}`);
  }
  return verdicts;
}

/** @param {string} place @returns {Promise<{ file: string, mutant: Mutant, source: string }[]>} */
async function mutantsOf(place) {
  const isFile = place.endsWith('.ts');
  const dir = path.join(root, 'src', isFile ? '' : place);
  const files = isFile
    ? [place.replace(/^src\//, '')]
    : (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const found = [];
  for (const name of files) {
    const file = path.join('src', isFile ? '' : place, name);
    const source = await readFile(path.join(root, file), 'utf8');
    if (isMade(source)) continue;
    for (const mutant of findMutants(file, source)) found.push({ file, mutant, source });
  }
  return found;
}

/** Whether a file is data that a script of ours has made, such as prices: what is wrong in it no test can know. */
function isMade(/** @type {string} */ source) {
  return /^ \* (?:Made|Written) by .*scripts\/.*do not edit\./im.test(source);
}

/**
 * In an order that the seed decides (mulberry32).
 * @template T @param {readonly T[]} list @param {number} seed @returns {T[]}
 */
function shuffled(list, seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const keyed = list.map((item) => /** @type {[number, T]} */ ([random(), item]));
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}

/** @param {string} file @param {Mutant} mutant */
function told(file, { line, operator, before, text }) {
  return `${file}:${line} ${operator}: ${before} -> ${text.replace(/\s+/g, ' ').slice(0, 60) || '(nothing)'}`;
}

/** @param {readonly Verdict[]} verdicts */
function describe(verdicts) {
  const lines = ['| room | mutants | noticed | survived |', '|---|---|---|---|'];
  for (const room of new Set(verdicts.map(({ room }) => room))) {
    const own = verdicts.filter((verdict) => verdict.room === room);
    const survived = own.filter(({ fate }) => fate === 'survived').length;
    const share = Math.round((100 * (own.length - survived)) / own.length);
    lines.push(`| ${room} | ${own.length} | ${own.length - survived} (${share} %) | ${survived} |`);
  }
  const survivors = verdicts.filter(({ fate }) => fate === 'survived');
  return [...lines, '', ...survivors.map(({ file, mutant }) => `- ${told(file, mutant)}`)].join('\n');
}
