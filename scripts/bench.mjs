// @ts-check
/**
 * What the hook costs: CPU time (user and system) of whole processes, as a ratio against `node -e 0`
 * and against peers, all in the same run. `npm run bench`, after `npm run build`.
 *
 * The peers: a bare POST of a body of the same size, which is the least any tracer could do, and the
 * plain way to write a hook: read the whole recording, parse every line, POST.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startOtlpReceiver } from './lab/otlp-receiver.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';

const run = promisify(execFile);
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const fixture = path.join(root, '__tests__/fixtures/rollouts/0.169.0-classic/parallel');
const ROUNDS = Number(process.env.ROUNDS ?? 20);
const LONG_MB = 200;

const recording = readdirSync(fixture).find((name) => name.startsWith('rollout-'));
if (!recording) throw new Error(`no recording in ${fixture}`);
const text = readFileSync(path.join(fixture, recording), 'utf8');
const threadId = /"id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? '';
const turnId = /"task_started".*?"turn_id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? '';

const receiver = await startOtlpReceiver();
const work = await makeTemporaryFolder();
const homes = {
  untraced: makeHome('untraced', '', false),
  short: makeHome('short', '', true),
  long: makeHome('long', olderTurns(LONG_MB * 1024 * 1024), true),
};

/** @type {[name: string, args: string[], home?: string][]} */
const programs = [
  ['node -e 0', ['-e', '0']],
  ['peer: bare POST', ['-e', barePost(40_000)]],
  ['hook, project not traced', hookArgs(), homes.untraced],
  ['hook, a turn of 8 spans', hookArgs(), homes.short],
  [`hook, the same after ${LONG_MB} MB`, hookArgs(), homes.long],
  [`peer: whole file, ${LONG_MB} MB`, ['-e', wholeFile(rolloutOf(homes.long))]],
];

try {
  /** @type {Map<string, number[]>} */
  const times = new Map(programs.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, args, home] of programs) {
      if (name.startsWith('peer: whole') && round >= 3) continue;
      if (home) rmSync(path.join(home, 'mlflow-codex'), { recursive: true, force: true });
      times.get(name)?.push(await cpuMs(args, home));
    }
  }
  const base = median(times.get('node -e 0') ?? []);
  console.log(`Node ${process.version}, ${ROUNDS} rounds, median CPU time of the process\n`);
  for (const [name] of programs) {
    const ms = median(times.get(name) ?? []);
    console.log(
      `${name.padEnd(34)} ${ms.toFixed(1).padStart(8)} ms ${(ms / base).toFixed(2).padStart(7)} × node -e 0`,
    );
  }
} finally {
  await receiver.close();
  rmSync(work, { recursive: true, force: true });
}

/** @param {string[]} args @param {string} [home] */
async function cpuMs(args, home) {
  // A child's own account of its CPU time, written as it exits; the same few lines for everybody.
  const report = path.join(work, 'cpu');
  const env = { ...process.env, BENCH_REPORT: report, ...(home ? { CODEX_HOME: home, HOME: work } : {}) };
  delete (/** @type {NodeJS.ProcessEnv} */ (env).NODE_EXTRA_CA_CERTS);
  delete (/** @type {NodeJS.ProcessEnv} */ (env).MLFLOW_TRACKING_URI);
  await run(process.execPath, ['--require', path.join(root, 'scripts/lab/report-cpu.cjs'), ...args], { env });
  return Number(readFileSync(report, 'utf8'));
}

function hookArgs() {
  const payload = {
    type: 'agent-turn-complete',
    'thread-id': threadId,
    'turn-id': turnId,
    cwd: work,
    'input-messages': [],
  };
  return [path.join(root, 'bin/mlflow-codex.js'), 'notify-hook', JSON.stringify(payload)];
}

/** @param {string} name @param {string} before @param {boolean} traced */
function makeHome(name, before, traced) {
  const home = path.join(work, name);
  const day = path.join(home, 'sessions/2026/11/22');
  mkdirSync(day, { recursive: true });
  const [first = '', ...rest] = text.split('\n');
  writeFileSync(path.join(day, recording ?? ''), `${first}\n${before}${rest.join('\n')}`);
  if (traced)
    writeFileSync(
      path.join(home, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: receiver.url, experimentId: '0' }),
    );
  return home;
}

/** Turns of the same thread that were long ago. @param {number} bytes */
function olderTurns(bytes) {
  const turn = text
    .split('\n')
    .slice(1)
    .join('\n')
    .replaceAll(turnId, `00000000-0000-7000-8000-000000000000`);
  return turn.repeat(Math.ceil(bytes / turn.length));
}

/** @param {string} home */
function rolloutOf(home) {
  const day = path.join(home, 'sessions/2026/11/22');
  return path.join(day, readdirSync(day)[0] ?? '');
}

/** @param {number} bytes */
function barePost(bytes) {
  return `const r = require('http').request('${receiver.url}/v1/traces', { method: 'POST', headers: { 'content-type': 'application/x-protobuf' } }, (s) => s.resume()); r.end(Buffer.alloc(${bytes}));`;
}

/** @param {string} file */
function wholeFile(file) {
  return `const lines = require('fs').readFileSync(${JSON.stringify(file)}, 'utf8').split('\\n').filter(Boolean).map((l) => JSON.parse(l)); ${barePost(40_000)}`;
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
