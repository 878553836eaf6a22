#!/usr/bin/env node
// @ts-check
/**
 * Runs real Codexes of several versions with our hook as their notifier, against the scripted model,
 * and compares what arrives at an OTLP receiver with what was served:
 *
 *   npm run test:codex-matrix [-- VERSION …] [--scenario NAME …]
 *
 * Codexes come from npm into `.cache/` on first use. Without versions: one of each format there has
 * been, and the dev dependency. Prints a table and what broke; exits with 1 where anything did. When
 * a new Codex is out, `npm run test:codex-matrix -- 0.172.0` says what it changed: tokens, calls,
 * prompts or answers that differ, lines that are not understood, and kinds of lines no fixture has.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runQuietly } from './lab/cache.mjs';
import { codexProgram, hookProgram, linesOf, models, sandboxEnv } from './lab/codex.mjs';
import { compareTraces } from './lab/compare-trace.mjs';
import { lineKinds, lineKindsBelow } from './lab/line-kinds.mjs';
import { startOtlpReceiver } from './lab/otlp-receiver.mjs';
import { play } from './lab/play.mjs';
import { findScenario } from './lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';

const scriptsDir = path.dirname(fileURLToPath(import.meta.url));
const fixtures = path.join(scriptsDir, '..', '__tests__', 'fixtures', 'rollouts');
/** Longer than the silence after which `sync` takes a recording that nobody has open for abandoned. */
const silenceMs = 6000;
const defaultVersions = ['0.60.1', '0.80.0', '0.101.0', '0.120.0', '0.140.0', '0.152.0', '0.160.1'];

/**
 * What is played: what the user typed in it, and the first Codex that can do it. `endsDead`: before
 * 0.101 its last turn has no end line, and is over only when its recording has been silent for a while.
 * `past`: its first turn was announced to nobody, and is only sent with the thread's past.
 * @type {Record<string, { prompts: string[], since?: string, endsDead?: true, past?: true }>}
 */
const matrix = {
  plain: { prompts: ['say hi'] },
  shell: { prompts: ['run echo'] },
  parallel: { prompts: ['run three commands in parallel'] },
  'failing-commands': { prompts: ['run failing commands'] },
  'apply-patch': { prompts: ['edit a.txt'] },
  'update-plan': { prompts: ['make a plan'] },
  mcp: { prompts: ['add 2 and 40'] },
  'web-search': { prompts: ['search the web'] },
  reasoning: { prompts: ['think'] },
  'background-shell': { prompts: ['run ticks'] },
  'odd-tools': { prompts: ['look around'] },
  resumed: { prompts: ['turn one', 'turn two', 'turn three'] },
  'failed-then-on': { prompts: ['first try', 'second try', 'third try'], endsDead: true, past: true },
  // 0.60 has not written the call when it is killed.
  'interrupt-in-tool': { prompts: ['sleep'], since: '0.80.0', endsDead: true, past: true },
  'interrupted-then-on': { prompts: ['please sleep', 'go on'], past: true },
  steering: { prompts: ['first words', 'second words', 'third words'] },
  'compact-resumed': { prompts: ['do something big', 'second'] },
  'compact-by-hand': { prompts: ['small talk', 'second'], since: '0.101.0' },
  'review-in-thread': { prompts: ['small talk', 'Review current changes', 'more small talk'] },
  'fork-in-editor': { prompts: ['turn one', 'turn two', 'turn of the fork'], since: '0.80.0' },
  // Through app-server, as all that follows an `editor` step: back to an earlier prompt, and on in a second file.
  rewound: {
    prompts: ['list the parts', 'paint them red', 'paint them blue', 'count them', 'name them'],
    since: '0.169.0',
  },
  plan: { prompts: ['plan the painting', 'plan it again', 'do it'], since: '0.101.0' },
  'empty-answer': { prompts: ['be quiet', 'be quiet twice'], since: '0.101.0' },
  'search-only': { prompts: ['search and say nothing'], since: '0.101.0' },
  approved: { prompts: ['please touch this', 'please touch that', 'ask me'], since: '0.160.0' },
  // Codex itself begins two more turns.
  goal: { prompts: ['small talk'], since: '0.169.0' },
  'reviewed-twice': { prompts: ['do two things outside', 'do one more'], since: '0.140.0' },
  'background-outlives': { prompts: ['start it', 'and now', 'has it ended'], since: '0.120.0' },
  imported: { prompts: ['go on with it'], since: '0.169.0' },
  'user-shell': { prompts: ['what did I run'], since: '0.120.0' },
  'agents-talk': { prompts: ['TASK-root two tasks'], since: '0.101.0' },
  'agents-nested-v2': { prompts: ['TASK-root have it done'], since: '0.120.0' },
  'agent-outlives-v2': { prompts: ['TASK-root start somebody'], since: '0.120.0' },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scenario: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log('Usage: npm run test:codex-matrix [-- VERSION …] [--scenario NAME …]');
  console.log(`Scenarios: ${Object.keys(matrix).join(', ')}`);
  process.exit(0);
}
const names = values.scenario ?? Object.keys(matrix);
for (const name of names) {
  if (matrix[name]) continue;
  console.error(`The matrix has no scenario "${name}". It has: ${Object.keys(matrix).join(', ')}`);
  process.exit(2);
}

const known = await lineKindsBelow(fixtures);
/** @type {{ title: string, cells: Map<string, string[] | 'none'> }[]} */
const columns = [];
for (const version of positionals.length > 0 ? positionals : [...defaultVersions, undefined]) {
  const codex = await codexProgram(version, console.error);
  const told = (await runQuietly(codex, ['--version'])).match(/\d+\.\d+\.\d+/)?.[0] ?? version ?? 'unknown';
  for (const [mode, pair] of modelsOf(told)) {
    /** @type {Map<string, string[] | 'none'>} */
    const cells = new Map();
    columns.push({ title: mode === '' ? told : `${told} ${mode}`, cells });
    for (const name of names) {
      const since = matrix[name]?.since;
      if (since && isBefore(told, since)) {
        cells.set(name, 'none');
        continue;
      }
      const broken = await run(name, told, codex, pair).catch((error) => [`did not run: ${error.message}`]);
      cells.set(name, broken);
      const verdict = broken.length === 0 ? 'ok' : `BROKEN: ${broken.join('; ')}`;
      console.error(`${columns.at(-1)?.title} ${name}: ${verdict}`);
    }
  }
}
printTable();
const failures = columns.flatMap(({ title, cells }) =>
  [...cells].flatMap(([name, broken]) =>
    broken === 'none' ? [] : broken.map((what) => `${title}, ${name}: ${what}`),
  ),
);
console.log(failures.length === 0 ? '\nNothing broke.' : `\nWhat broke:\n${failures.join('\n')}`);
process.exitCode = failures.length === 0 ? 0 : 1;

/**
 * Plays one scenario and compares.
 * @param {string} name
 * @param {string} version
 * @param {string} codex
 * @param {{ model: string, other: string }} pair
 * @returns {Promise<string[]>} what is wrong
 */
async function run(name, version, codex, pair) {
  const dir = await makeTemporaryFolder();
  const receiver = await startOtlpReceiver();
  try {
    const scenario = findScenario(name);
    const played = await play(scenario, {
      dir,
      codex,
      models: pair,
      notify: () => hookProgram,
      files: { 'mlflow-tracing.json': JSON.stringify({ trackingUri: receiver.url, experimentId: '0' }) },
    });
    await hooksToEnd(path.join(played.codexHome, 'mlflow-codex', 'hook.log'));
    if (matrix[name]?.endsDead && isBefore(version, '0.101.0')) await sleep(silenceMs);
    // Turns that Codex does not announce: failed and interrupted ones, reviewers, late commands.
    const [node = '', program = ''] = hookProgram;
    const all = matrix[name]?.past ? ['--all'] : [];
    await runQuietly(node, [program, 'sync', ...all], { cwd: played.cwd, env: sandboxEnv(played) });
    const kinds = (await Promise.all(played.rollouts.map(lineKinds))).flatMap((found) => [...found]);
    const unknown = [...new Set(kinds)].filter((kind) => !known.has(kind));
    return [
      ...compareTraces(receiver.spans(), played.served, {
        prompts: matrix[name]?.prompts ?? [],
        tellsCacheWrites: !isBefore(version, '0.145.0'),
      }),
      ...unknown.map((kind) => `no fixture has ${kind}`),
    ];
  } finally {
    await receiver.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Waits until no more hooks write into the log. @param {string} log */
async function hooksToEnd(log) {
  let count = -1;
  for (let quiet = 0; quiet < 3; ) {
    const now = (await linesOf(log)).length;
    quiet = now === count ? quiet + 1 : 0;
    count = now;
    await sleep(250);
  }
}

/**
 * The models a version takes, by the way in which they are offered tools.
 * @param {string} version
 * @returns {[mode: string, pair: { model: string, other: string }][]}
 */
function modelsOf(version) {
  if (isBefore(version, '0.165.0')) return [['', { model: 'gpt-5.1-codex', other: 'gpt-5.1' }]];
  return Object.entries(models);
}

/** @param {string} version @param {string} other */
function isBefore(version, other) {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}

function printTable() {
  const first = Math.max(...names.map((name) => name.length));
  const widths = columns.map(({ title }) => Math.max(title.length, 6));
  /** @param {string} head @param {string[]} cells */
  const row = (head, cells) =>
    `${head.padEnd(first)}  ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  ')}`.trimEnd();
  console.log(
    row(
      '',
      columns.map(({ title }) => title),
    ),
  );
  for (const name of names) {
    console.log(
      row(
        name,
        columns.map(({ cells }) => {
          const broken = cells.get(name);
          return broken === 'none' || broken === undefined ? '-' : broken.length === 0 ? 'ok' : 'BROKEN';
        }),
      ),
    );
  }
}
