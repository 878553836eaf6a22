// @ts-check
/**
 * Plays a scenario: a scripted Responses API, a sandbox, and the real Codex, one run per step.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  codexProgram,
  listRollouts,
  makeSandbox,
  models,
  runCodex,
  sandboxEnv,
  threadIdOf,
} from './codex.mjs';
import { startResponsesApi } from './responses-api.mjs';
import { waitFor } from './wait-for.mjs';

/** @typedef {import('./scenarios/scenario.mjs').Scenario} Scenario */
/** @typedef {import('./scenarios/scenario.mjs').Step} Step */
/** @typedef {import('./responses-api.mjs').Served} Served */
/** @typedef {import('./codex.mjs').Sandbox} Sandbox */
/** @typedef {import('./codex.mjs').CodexRun} CodexRun */
/** @typedef {import('./codex.mjs').ToolMode} ToolMode */

/**
 * @typedef {object} PlayOptions
 * @property {string} dir an empty folder, such as `makeTemporaryFolder` makes
 * @property {ToolMode} [mode] how the model is offered its tools; default: classic
 * @property {(sandbox: { codexHome: string }) => string[] | undefined} notify the notifier to register, if any
 * @property {Record<string, string>} [files] more files of the Codex home, by relative path
 * @property {Record<string, string>} [env] more environment for Codex, and so for the hook
 * @property {string} [codex] another program than the dev dependency
 * @property {{ model: string, other: string }} [models] others than those of the mode
 * @property {(step: Step, index: number) => void | Promise<void>} [onStep] before each run
 */

/**
 * @typedef {Sandbox & { runs: CodexRun[], served: Served[], rollouts: string[], model: string }} Played
 */

/**
 * Plays all steps of a scenario.
 * @param {Scenario} scenario
 * @param {PlayOptions} options
 * @returns {Promise<Played>}
 */
export async function play(scenario, options) {
  const { model, other } = options.models ?? models[options.mode ?? 'classic'];
  const codex = options.codex ?? (await codexProgram());
  const api = await startResponsesApi(scenario.script);
  try {
    const codexHome = path.join(options.dir, 'home', '.codex');
    const notify = options.notify({ codexHome });
    const sandbox = await makeSandbox(options.dir, {
      baseUrl: api.baseUrl,
      model,
      ...(notify ? { notify } : {}),
      ...(scenario.configTop ? { configTop: scenario.configTop } : {}),
      ...(scenario.configTables ? { configTables: scenario.configTables } : {}),
      ...(scenario.streamRetries ? { streamRetries: scenario.streamRetries } : {}),
    });
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await writeFile(path.join(sandbox.codexHome, name), text, { mode: 0o600 });
    }
    scenario.prepare?.(sandbox.cwd);
    const runs = [];
    for (const [index, step] of scenario.steps.entries()) {
      await options.onStep?.(step, index);
      const lastThreadId = (await listRollouts(sandbox.codexHome)).map(threadIdOf).at(-1);
      const args =
        typeof step.args === 'function' ? step.args({ lastThreadId, otherModel: other }) : step.args;
      const env = sandboxEnv(sandbox, options.env);
      if (step.drive) {
        const { cwd } = sandbox;
        await step.drive({ codex, cwd, env, served: api.served, lastThreadId, model, otherModel: other });
        continue;
      }
      const stop = new AbortController();
      const interrupt = step.interrupt && whenAsked(api.served, step.interrupt, stop.signal);
      const input = step.input === undefined ? {} : { input: step.input };
      const run = await runCodex(codex, args, {
        cwd: sandbox.cwd,
        env,
        ...input,
        ...(interrupt ? { interrupt } : {}),
      });
      stop.abort();
      runs.push(run);
    }
    return { ...sandbox, model, runs, served: api.served, rollouts: await listRollouts(sandbox.codexHome) };
  } finally {
    await api.close();
  }
}

/**
 * The payloads that `notify-recorder.mjs` wrote, oldest first, once there are `count`.
 * @param {string} folder
 * @param {number} count
 * @returns {Promise<unknown[]>}
 */
export async function recordedPayloads(folder, count) {
  await mkdir(folder, { recursive: true });
  const names = await waitFor(`${count} notifications`, async () => {
    const found = await readdir(folder);
    return found.length >= count && found;
  });
  return Promise.all(
    names.sort().map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8'))),
  );
}

/**
 * @param {Served[]} served
 * @param {import('./scenarios/scenario.mjs').Interrupt} interrupt
 * @param {AbortSignal} stopped by which the run has ended by itself
 * @returns {Promise<NodeJS.Signals>}
 */
async function whenAsked(served, { afterRequests, delayMs = 0 }, stopped) {
  await waitFor('the request to interrupt', () => stopped.aborted || served.length >= afterRequests);
  await sleep(delayMs);
  return 'SIGINT';
}
