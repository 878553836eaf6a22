#!/usr/bin/env node
// @ts-check
/**
 * Installs the packed program offline with npm 10 and 11 and runs every command of it on each Node that
 * we promise, against a receiver on loopback:
 *
 *   npm run test:node-matrix [-- VERSION …]
 *
 * Nodes and npms come from npm into `.cache/` on first use. Prints a table and what broke; exits with 1
 * where anything did. Each Node must send the same spans.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from './lab/cache.mjs';
import { nodeProgram } from './lab/node-programs.mjs';
import { startOtlpReceiver } from './lab/otlp-receiver.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';
import { COMMANDS } from './node-matrix/commands.mjs';
import { installOffline } from './node-matrix/install.mjs';

/** The oldest that we promise, and the last of each line that people have. */
const NODES = ['18.19.0', '20.20.2', '22.23.3', '24.21.0'];
const NPM_10 = '10.9.9';
/** Runs on Node 20.17 and later. */
const NPM_11 = '11.21.2';
const EXPERIMENT = '{"experiment": {"experiment_id": "7", "name": "codex", "lifecycle_stage": "active"}}';

const versions = process.argv.length > 2 ? process.argv.slice(2) : NODES;
const dir = await makeTemporaryFolder();
/** @type {Map<string, string[]>} what broke on each Node */
const broken = new Map();
/** @type {Map<string, string>} a digest of the spans that each Node sent */
const sent = new Map();
try {
  const packed = await pack();
  for (const version of versions) {
    const faults = await tryNode(version, packed);
    broken.set(version, faults);
    console.log(
      `Node ${version}: ${faults.length === 0 ? 'all commands work' : `BROKEN: ${faults.join('; ')}`}`,
    );
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
const kinds = [...new Set(sent.values())];
if (kinds.length === 1) console.log(`Each sent the same: ${kinds[0]}`);
else {
  console.log(`They sent different spans: ${[...sent].map((pair) => pair.join(': ')).join('; ')}`);
  process.exitCode = 1;
}
if ([...broken.values()].some((faults) => faults.length > 0)) process.exitCode = 1;

/** The file that npm would publish. */
async function pack() {
  const said = await runQuietly('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', dir]);
  return path.join(dir, said.trim().split('\n').at(-1) ?? '');
}

/** @param {string} version @param {string} packed @returns {Promise<string[]>} what broke */
async function tryNode(version, packed) {
  const node = await nodeProgram(version, console.error);
  const told = (await runQuietly(node, ['--version'])).trim();
  if (told !== `v${version}`) return [`it says it is ${told}`];
  const home = path.join(dir, version);
  await mkdir(home);
  /** @type {string[]} */
  const faults = [];
  let program = '';
  for (const npm of version.startsWith('18.') ? [NPM_10] : [NPM_10, NPM_11]) {
    program = await installOffline(packed, { node, npm, dir: path.join(dir, `prefix-${version}`) }).catch(
      (error) => {
        faults.push(error.message);
        return program;
      },
    );
  }
  const receiver = await startOtlpReceiver();
  receiver.answerWith(({ url }) =>
    url === '/version' ? { body: '3.17.2' } : url.includes('experiments') ? { body: EXPERIMENT } : {},
  );
  try {
    for (const [name, command] of Object.entries(COMMANDS)) {
      await command({ node, program, home, receiver }).catch((error) =>
        faults.push(`${name}: ${error.message}`),
      );
    }
    const spans = receiver.spans();
    sent.set(version, `${spans.length} spans, ${digest(spans, home)}`);
  } finally {
    await receiver.close();
  }
  return faults;
}

/** @param {object[]} spans @param {string} home the one thing in them that is each Node's own */
function digest(spans, home) {
  const text = JSON.stringify(spans.map((span) => JSON.stringify(span)).sort()).replaceAll(home, 'HOME');
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
