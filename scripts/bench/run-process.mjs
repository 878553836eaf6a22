// @ts-check
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const runner = path.join(path.dirname(fileURLToPath(import.meta.url)), 'run-process.py');

/**
 * What a command has used by the kernel's account: CPU time (user and system) in ms, the most memory it has
 * held in MB, the time on the clock in ms. A process that it leaves behind is not in it.
 * @typedef {{ cpuMs: number, memoryMb: number, wallMs: number }} Usage
 */

/**
 * Runs a command to its end and measures it (Python's `wait4`: Node has none).
 * @param {{ command: string, args: string[], env?: NodeJS.ProcessEnv, cwd?: string, stdin?: string, dir: string }} options
 *   `dir`: a folder of the caller's for the account
 * @returns {Promise<Usage>}
 * @throws {Error} where the command fails
 */
export async function runProcess({ command, args, env = {}, cwd, stdin = '', dir }) {
  const report = path.join(dir, 'usage.json');
  const child = spawn('python3', [runner, report, command, ...args], {
    // Not NODE_EXTRA_CA_CERTS: it adds 45 ms to every start of Node 20 and hides what is compared.
    env: { PATH: process.env.PATH, LANG: process.env.LANG, ...env },
    cwd,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const { code, ...usage } = JSON.parse(readFileSync(report, 'utf8'));
  if (code !== 0) throw new Error(`${command} ${args.join(' ').slice(0, 200)} ended with ${code}: ${said}`);
  return usage;
}
