// @ts-check
/**
 * What a scenario is: a scripted model and the Codex runs it answers.
 */

/** @typedef {import('../responses-api.mjs').Script} Script */
/** @typedef {import('../responses-api.mjs').Served} Served */

/**
 * When to interrupt a run, as Ctrl-C does.
 * @typedef {object} Interrupt
 * @property {number} afterRequests as soon as the model was asked this often
 * @property {number} [delayMs] and this long after
 */

/**
 * @typedef {object} Step one run of Codex
 * @property {string[] | ((known: { lastThreadId: string | undefined, otherModel: string }) => string[])} args
 * @property {string} [input] for stdin
 * @property {Interrupt} [interrupt]
 * @property {Drive} [drive] in place of one run with `args`: whatever this does
 */

/**
 * @typedef {object} DriveContext
 * @property {string} codex the program
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {Served[]} served what the model has served so far; grows
 * @property {string | undefined} lastThreadId
 * @property {string} model
 * @property {string} otherModel
 */

/** @typedef {(context: DriveContext) => Promise<void>} Drive */

/**
 * @typedef {object} Scenario
 * @property {string} about one line
 * @property {Script} script
 * @property {Step[]} steps
 * @property {number} [announced] how many notifications Codex fires; default: one per step
 * @property {string} [configTop] lines for config.toml before its first table
 * @property {string} [configTables] and after it
 * @property {number} [streamRetries]
 * @property {(cwd: string) => void} [prepare] fills the project folder
 */

/**
 * A step `codex exec …`; the project folder need not be a git repository.
 * @param {...string} args
 * @returns {Step}
 */
export function exec(...args) {
  return { args: ['exec', '--skip-git-repo-check', ...args] };
}

/**
 * A step `codex exec resume` in the last thread, by its id.
 * @param {string} prompt
 * @param {(known: { otherModel: string }) => string[]} [options] of `codex exec`
 * @returns {Step}
 */
export function resume(prompt, options = () => []) {
  return {
    args: ({ lastThreadId, otherModel }) => [
      ...['exec', '--skip-git-repo-check', ...options({ otherModel })],
      ...['resume', lastThreadId ?? '', prompt],
    ],
  };
}
