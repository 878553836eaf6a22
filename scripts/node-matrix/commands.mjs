// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '../lab/wait-for.mjs';
import { nodeFirst } from './install.mjs';
import { compressed, recorded } from './recordings.mjs';

/**
 * One Node with the installed program and a home of its own.
 * @typedef {object} Place
 * @property {string} node
 * @property {string} program
 * @property {string} home HOME and CODEX_HOME
 * @property {import('../lab/otlp-receiver.mjs').OtlpReceiver} receiver
 */

/** @typedef {{ code: number | null, stdout: string, stderr: string }} Ended */

/**
 * A command as a person or Codex calls it, in the order of a life; throws where it does not do its work.
 * @type {Record<string, (place: Place) => Promise<void>>}
 */
export const COMMANDS = {
  '--version': async (place) => says(await cli(place, ['--version']), /^mlflow-codex \d/),
  '--help': async (place) => {
    const { stdout } = ok(await cli(place, ['--help']));
    const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, name = '']) => name);
    const untried = names.filter((name) => !Object.keys(COMMANDS).some((tried) => tried.startsWith(name)));
    if (names.length < 8 || untried.length > 0) throw new Error(`tried by no step here: ${untried}`);
  },
  'setup -y': async (place) => {
    const { url } = place.receiver;
    const ended = await cli(place, ['setup', '-y', '--user', '--tracking-uri', url, '--experiment-id', '7']);
    says(ended, /Next steps/);
    if (registered(place).length < 2) throw new Error('config.toml names no notifier');
  },
  'notify-hook': async (place) => {
    const { threadId, turnId, cwd } = recorded('0.169.0-classic/parallel', place.home);
    const payload = { type: 'agent-turn-complete', 'thread-id': threadId, 'turn-id': turnId, cwd };
    const [program = '', ...args] = registered(place);
    silent(await run(place, program, [...args, JSON.stringify(payload)]));
    arrived(place, turnId);
  },
  'stop-hook': async (place) => {
    const { file, threadId, turnId, cwd } = recorded('0.171.0-code-mode/approved', place.home);
    const input = { session_id: threadId, turn_id: turnId, transcript_path: file, cwd };
    silent(await run(place, place.node, [place.program, 'stop-hook'], JSON.stringify(input)));
    await waitFor('the turn of the Stop hook', async () => turns(place).includes(turnId));
  },
  sync: async (place) => {
    const { threadId } = recorded('0.140.0-classic/shell', place.home);
    says(await cli(place, ['sync', threadId]), /1 sent/);
  },
  'sync, compressed': async (place) =>
    says(await cli(place, ['sync', compressed(place.home).threadId]), /1 sent/),
  'watch --once': async (place) => says(await cli(place, ['watch', '--once']), /No turn goes on/),
  'sync, nothing left': async (place) => says(await cli(place, ['sync']), /0 pending/),
  status: async (place) => says(await cli(place, ['status']), /takes traces from you/),
  'status --json': async (place) => {
    if (JSON.parse(ok(await cli(place, ['status', '--json'])).stdout).ok !== true)
      throw new Error('status --json is not ok');
  },
  show: async (place) => says(await cli(place, ['show']), /invoke_agent codex/),
  'show --as-sent --json': async (place) => {
    const { threadId } = recorded('0.169.0-classic/parallel', place.home);
    JSON.parse(ok(await cli(place, ['show', threadId, '--as-sent', '--json'])).stdout);
  },
  'wrong usage': async (place) => {
    const { code, stderr } = await cli(place, ['snyc']);
    if (code !== 2 || !stderr.includes('sync')) throw new Error(`exit code ${code}: ${stderr}`);
  },
  uninstall: async (place) => {
    ok(await cli(place, ['uninstall', '--user', '-y']));
    if (registered(place).length > 0) throw new Error('the notifier is still registered');
    if (existsSync(path.join(place.home, 'mlflow-tracing.json'))) throw new Error('the tracing file is left');
  },
};

/** What setup has registered with Codex. @param {Place} place @returns {string[]} */
function registered({ home }) {
  const file = path.join(home, 'config.toml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return JSON.parse(/^notify = (\[.*\])$/m.exec(text)?.[1] ?? '[]');
}

/** @param {Place} place @param {string[]} args */
function cli(place, args) {
  return run(place, place.node, [place.program, ...args]);
}

/**
 * @param {Place} place @param {string} program @param {string[]} args @param {string} [stdin]
 * @returns {Promise<Ended>}
 */
function run({ node, home }, program, args, stdin = '') {
  const { PATH } = nodeFirst(node);
  const env = { PATH, HOME: home, USERPROFILE: home, CODEX_HOME: home };
  const child = spawn(program, args, { env, cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = { code: /** @type {number | null} */ (null), stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (ended.stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}

/** @param {Ended} ended */
function ok(ended) {
  const { code, stdout, stderr } = ended;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr || stdout}`);
  // A Node that warns of what we use (a deprecation, an experiment) does so here.
  if (stderr.includes('Warning')) throw new Error(stderr);
  return ended;
}

/** @param {Ended} ended @param {RegExp} what */
function says(ended, what) {
  if (!what.test(ok(ended).stdout)) throw new Error(`does not say ${what}: ${ended.stdout}`);
}

/** A hook says nothing, whatever happens. @param {Ended} ended */
function silent(ended) {
  ok(ended);
  if (ended.stdout + ended.stderr !== '') throw new Error(`says ${ended.stdout}${ended.stderr}`);
}

/** @param {Place} place @returns {unknown[]} */
function turns({ receiver }) {
  return receiver.spans().map((span) => span.attributes['codex.turn.id']);
}

/** @param {Place} place @param {string} turnId */
function arrived(place, turnId) {
  if (turns(place).filter((id) => id === turnId).length !== 1)
    throw new Error('the turn has not arrived once');
}
