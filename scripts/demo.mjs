#!/usr/bin/env node
// @ts-check
/**
 * `npm run demo`: the real Codex does a small task, our hook makes a trace of it. Only the model
 * is scripted; Codex has a HOME of its own, and nothing of the user's is read or written.
 *
 *   npm run demo                   to the MLflow at MLFLOW_TRACKING_URI or http://localhost:5000,
 *                                  else to a receiver inside this program
 *   npm run demo -- --mlflow       installs and starts a real MLflow, stays until Ctrl-C
 *   npm run demo -- --code-mode    with a model that calls its tools from JavaScript
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runQuietly } from './lab/cache.mjs';
import { codexProgram, hookProgram, linesOf, threadIdOf } from './lab/codex.mjs';
import { openDestination } from './lab/demo-destination.mjs';
import { play } from './lab/play.mjs';
import { demoScenario } from './lab/scenarios/demo.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';
import { waitFor } from './lab/wait-for.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: { mlflow: { type: 'boolean', default: false }, 'code-mode': { type: 'boolean', default: false } },
});
const dir = await makeTemporaryFolder();
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
// The default of these two would end this program without its exit handlers, and leave its servers.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.exit();

async function demo() {
  if (!existsSync(path.join(root, 'dist'))) {
    await runQuietly(process.execPath, [path.join(root, 'scripts', 'build.mjs')]);
  }
  const destination = await openDestination({ startOwn: options.mlflow, say });
  const codex = await codexProgram();
  const version = (await runQuietly(codex, ['--version'])).trim().split(' ').at(-1);
  say(`Codex ${version} is real and so are its commands; its model is a script on this machine.\n`);

  say(bold('You     ') + promptOf(demoScenario.steps[0]?.args));
  const played = await play(demoScenario, {
    dir,
    codex,
    mode: options['code-mode'] ? 'code-mode' : 'classic',
    notify: () => hookProgram,
    files: { 'mlflow-tracing.json': JSON.stringify(destination.config) },
    env: destination.env,
  });
  const [run] = played.runs;
  const [rollout] = played.rollouts;
  if (run?.code !== 0 || !rollout) throw new Error(`Codex failed:\n${run?.stderr.slice(-2000)}`);
  say(`${bold('Codex   ')}${run.stdout.trim()}`);

  // Codex does not wait for its notifier.
  const log = path.join(played.codexHome, 'mlflow-codex', 'hook.log');
  const lines = await waitFor('the hooks to finish', async () => {
    const found = await linesOf(log);
    return found.length >= (demoScenario.announced ?? 1) && found;
  });
  const unsent = lines.find((line) => JSON.parse(line).outcome !== 'sent');
  if (unsent) throw new Error(`The hook could not send the trace: ${unsent}`);
  say(
    `${bold('Hook    ')}made a trace of it, with its agent's part, and sent it; Codex did not wait for that.\n`,
  );

  const link = await destination.findTrace(threadIdOf(rollout));
  if (link) {
    say(`The trace of this turn:\n  ${link}`);
  } else {
    say('The trace of this turn, as it was sent:\n');
    const show = [path.join(root, 'bin', 'mlflow-codex.js'), 'show', rollout];
    const [code] = await once(spawn(process.execPath, show, { stdio: 'inherit' }), 'close');
    if (code !== 0) throw new Error('The trace could not be shown.');
    say(`\nTo see it in MLflow: npm run demo -- --mlflow   (installs one into .cache/, about a minute)`);
  }
  if (options.mlflow) {
    say('\nMLflow keeps running until you press Ctrl-C.');
    await new Promise(() => setInterval(() => {}, 2 ** 30));
  }
  await destination.close();
}

/** @param {unknown} args */
function promptOf(args) {
  return Array.isArray(args) ? String(args.at(-1)) : '';
}

/** @param {string} line */
function say(line) {
  console.log(line);
}

/** @param {string} text */
function bold(text) {
  return process.stdout.isTTY && !process.env['NO_COLOR'] ? `\u001b[1m${text}\u001b[0m` : text;
}
