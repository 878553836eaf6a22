#!/usr/bin/env node
// @ts-check
/**
 * What our programs cost: CPU time, memory and bytes of whole processes beside `node -e 0` and the least
 * that any tracer has to do, all in the same rounds.
 *
 *   npm run bench [-- OPTIONS]
 *     --rounds N         15
 *     --node PATH|VERSION  with another Node; a version (20.20.2) is fetched from npm; may be repeated
 *     --only GROUP       typical, tool-heavy, image-heavy, night, sync; may be repeated
 *     --huge             also a session of 2 GB and a turn of 208 MB
 *     --peers NAME=COMMAND  another tracer: a command with a Stop hook's input on stdin, {url} and {payload} in it
 *     --json             the results as JSON on stdout, and nothing else there
 *     --save FILE        puts them into a file, beside those of other Nodes
 *     --compare FILE     says what has moved since FILE was saved
 *
 * There is no verdict: a machine's noise is no fault of a program's. `--compare BENCHMARKS.json` tells.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './bench/measure.mjs';
import { peerSubjects } from './bench/peers.mjs';
import { comparison, tables } from './bench/report.mjs';
import { resultsOf } from './bench/results.mjs';
import { runProcess } from './bench/run-process.mjs';
import { openSink } from './bench/sink.mjs';
import { GROUPS } from './bench/subjects.mjs';
import { runQuietly } from './lab/cache.mjs';
import { nodeProgram } from './lab/node-programs.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    only: { type: 'string', multiple: true },
    huge: { type: 'boolean', default: false },
    peers: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    save: { type: 'string' },
    compare: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const groups = new Set([
  ...(options.only ?? Object.keys(GROUPS).filter((name) => name !== 'huge')),
  ...(options.huge ? ['huge'] : []),
]);
for (const name of groups)
  if (!GROUPS[name]) throw new Error(`There is no group ${name}: ${Object.keys(GROUPS)}`);

const work = await makeTemporaryFolder();
const sink = await openSink();
// The default would end this program without what stands in `finally`.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    rmSync(work, { recursive: true, force: true });
    process.exit(130);
  });
}
/** @type {Record<string, import('./bench/results.mjs').Results>} */
const all = {};
try {
  for (const node of options.node) {
    const results = await benchNode(/^\d/.test(node) ? await nodeProgram(node, say) : node);
    all[lineOf(results.node)] = results;
    if (!options.json) console.log(`${tables(results, rounds)}\n`);
    const before = options.compare && readResults(options.compare)[lineOf(results.node)];
    if (before) (options.json ? say : console.log)(`${comparison(results, before)}\n`);
    else if (options.compare) say(`${options.compare} has no results of Node ${lineOf(results.node)}`);
  }
} finally {
  sink.close();
  rmSync(work, { recursive: true, force: true });
}
if (options.json) console.log(JSON.stringify(all, null, 2));
if (options.save) {
  const saved = existsSync(options.save) ? readResults(options.save) : {};
  writeFileSync(options.save, `${JSON.stringify({ ...saved, ...all }, null, 2)}\n`);
}

/** @param {string} node its path */
async function benchNode(node) {
  const version = (await runQuietly(node, ['--version'])).trim();
  const dir = path.join(work, version);
  mkdirSync(dir);
  const place = { dir, node, url: sink.url, trial };
  const subjects = [];
  for (const name of groups) {
    say(`Node ${version}: preparing ${name} …`);
    subjects.push(...((await GROUPS[name]?.(place)) ?? []));
  }
  subjects.push(...peerSubjects(options.peers, place));
  const progress = (/** @type {string} */ line) => say(`Node ${version}: ${line}`);
  return resultsOf(await measure(subjects, { rounds, dir: work, sink, progress }), version);
}

/** @param {import('./bench/subjects.mjs').Subject} subject */
async function trial({ run, before, after }) {
  before?.();
  sink.takeSizes();
  await runProcess({ ...run, dir: work });
  await after?.();
  return sink.takeSizes();
}

/** The line of a version: `v20`. @param {string} version */
function lineOf(version) {
  return version.split('.')[0] ?? version;
}

/** @param {string} file @returns {typeof all} */
function readResults(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param {string} line */
function say(line) {
  console.error(line);
}
