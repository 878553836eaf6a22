// @ts-check
/**
 * Drives the real Codex CLI in homes of its own: it never sees the user's `~/.codex`.
 */
import { spawn } from 'node:child_process';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, runQuietly } from './cache.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The hook of this repository as Codex's `notify` wants it; the payload is appended by Codex. */
export const hookProgram = [process.execPath, path.join(root, 'bin', 'mlflow-codex.js'), 'notify-hook'];

/**
 * Models that make Codex 0.169 and 0.171 offer its tools in either way, each with a second one of the same
 * way for a change of model between turns. Codex before 0.150 knows neither pair by its tools.
 */
export const models = {
  classic: { model: 'gpt-5.5', other: 'gpt-5.6-luna' },
  'code-mode': { model: 'gpt-6.1-sol', other: 'gpt-6-luna' },
};

/** @typedef {keyof typeof models} ToolMode */

/**
 * Path of the `codex` program: the dev dependency, or another version, installed from npm into
 * the project's cache on first use.
 * @param {string} [version] such as `0.140.0`
 * @param {(line: string) => void} [progress]
 */
export async function codexProgram(version, progress) {
  if (!version) return path.join(root, 'node_modules', '.bin', 'codex');
  const dir = await cached(`codex-${version}`, async (folder) => {
    progress?.(`Installing Codex ${version} from npm (once) …`);
    await writeFile(path.join(folder, 'package.json'), '{"private":true}\n');
    const packages = ['install', '--no-audit', '--no-fund', `@openai/codex@${version}`];
    await runQuietly('npm', packages, { cwd: folder });
  });
  return path.join(dir, 'node_modules', '.bin', 'codex');
}

/**
 * @typedef {object} HomeSettings
 * @property {string} baseUrl of the scripted Responses API
 * @property {string} model
 * @property {string[]} [notify] none: no notifier is registered
 * @property {string} [configTop] more TOML before the first table
 * @property {string} [configTables] more TOML after it
 * @property {number} [streamRetries] how often Codex tries a broken stream again
 */

/**
 * The `config.toml` that makes Codex talk to the scripted API only, without asking for approvals.
 * @param {HomeSettings} settings
 */
function buildConfigToml(settings) {
  return `model = ${JSON.stringify(settings.model)}
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "danger-full-access"
${settings.notify ? `notify = ${JSON.stringify(settings.notify)}` : ''}
${settings.configTop ?? ''}

[model_providers.scripted]
name = "scripted"
base_url = ${JSON.stringify(settings.baseUrl)}
wire_api = "responses"
request_max_retries = 0
stream_max_retries = ${settings.streamRetries ?? 0}
stream_idle_timeout_ms = 60000

${settings.configTables ?? ''}
`;
}

/**
 * Folders of one scripted user: a HOME, its Codex home and a project to work in.
 * @typedef {object} Sandbox
 * @property {string} home
 * @property {string} codexHome
 * @property {string} cwd
 */

/**
 * Makes the folders of a scripted user under `dir` and their `config.toml`.
 * @param {string} dir
 * @param {HomeSettings} settings
 * @returns {Promise<Sandbox>}
 */
export async function makeSandbox(dir, settings) {
  const home = path.join(dir, 'home');
  const sandbox = { home, codexHome: path.join(home, '.codex'), cwd: path.join(dir, 'project') };
  await mkdir(sandbox.codexHome, { recursive: true });
  await mkdir(sandbox.cwd, { recursive: true });
  await writeFile(path.join(sandbox.codexHome, 'config.toml'), buildConfigToml(settings));
  return sandbox;
}

/**
 * The environment for Codex in a sandbox: this process's own without what would steer Codex,
 * the hook or OpenTelemetry, so that a developer's settings change no test and no demo.
 * @param {Sandbox} sandbox
 * @param {Record<string, string>} [more]
 * @returns {NodeJS.ProcessEnv}
 */
export function sandboxEnv(sandbox, more = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(MLFLOW|OTEL|CODEX|OPENAI|DATABRICKS|GIT|NODE_OPTIONS|JEST|TRACEPARENT)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: sandbox.home,
    USERPROFILE: sandbox.home,
    CODEX_HOME: sandbox.codexHome,
    NO_PROXY: '127.0.0.1,localhost',
    ...more,
  };
}

/**
 * @typedef {object} CodexRun
 * @property {number | null} code null when a signal ended it
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} ms
 */

/**
 * Runs Codex once and waits for its end.
 * @param {string} program see `codexProgram`
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.cwd
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} [options.input] for stdin; none: stdin is empty
 * @param {number} [options.timeoutMs] then it is killed with all its children
 * @param {Promise<NodeJS.Signals>} [options.interrupt] a signal for Codex alone, once it resolves
 * @returns {Promise<CodexRun>}
 */
export function runCodex(program, args, { cwd, env, input, timeoutMs = 60_000, interrupt }) {
  return new Promise((resolve, reject) => {
    const startedMs = Date.now();
    // In a process group of its own, so that a time-out also ends the commands Codex has started.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdin.on('error', () => {}).end(input ?? '');
    const killAll = () => void (child.pid && process.kill(-child.pid, 'SIGKILL'));
    const timer = setTimeout(killAll, timeoutMs);
    process.once('exit', killAll);
    interrupt?.then((signal) => child.kill(signal));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      process.removeListener('exit', killAll);
      resolve({ code, signal, stdout, stderr, ms: Date.now() - startedMs });
    });
  });
}

/**
 * The recordings in a Codex home, in the order of their names (the time they began).
 * @param {string} codexHome
 * @returns {Promise<string[]>}
 */
export async function listRollouts(codexHome) {
  const found = [];
  for (const folder of ['sessions', 'archived_sessions']) {
    const dir = path.join(codexHome, folder);
    if (!(await exists(dir))) continue;
    const names = await readdir(dir, { recursive: true });
    found.push(...names.filter((name) => name.endsWith('.jsonl')).map((name) => path.join(dir, name)));
  }
  return found.sort((a, b) => path.basename(a).localeCompare(path.basename(b)));
}

/**
 * The thread id in a recording's file name. What is said after a rewind goes into a second file, whose
 * name has the segment's id behind the thread's.
 * @param {string} rollout
 */
export function threadIdOf(rollout) {
  const id = path.basename(rollout).match(/-([0-9a-f]{8}-[0-9a-f-]{27})(?:_[0-9a-f-]{36})?\.jsonl$/)?.[1];
  if (!id) throw new Error(`${path.basename(rollout)} is not named like a rollout`);
  return id;
}

/**
 * Lines of a text file, or none where it does not exist (yet).
 * @param {string} file
 */
export async function linesOf(file) {
  if (!(await exists(file))) return [];
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
