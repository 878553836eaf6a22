// @ts-check
/**
 * A client of `codex app-server`, the way editors start turns: JSON-RPC lines on stdin and stdout.
 * Methods and notifications are those of its second version (Codex 0.60 and later).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { waitFor } from './wait-for.mjs';

/** @typedef {{ id?: number, method?: string, params?: any, result?: any, error?: any }} RpcMessage */

/**
 * @typedef {object} AppServer
 * @property {(method: string, params: object) => Promise<any>} request the result
 * @property {(method: string, test?: (params: any) => boolean) => Promise<any>} seen params of the first notification of that kind, past or to come
 * @property {RpcMessage[]} notifications oldest first
 * @property {() => Promise<void>} close
 */

/**
 * Starts an app server and introduces us to it.
 * @param {string} codex
 * @param {object} options
 * @param {string} options.cwd
 * @param {NodeJS.ProcessEnv} options.env
 * @param {(method: string, params: any) => object} [options.reply] what the user answers to whatever
 *   Codex asks; default: `decline`
 * @returns {Promise<AppServer>}
 */
export async function startAppServer(codex, { cwd, env, reply = () => ({ decision: 'decline' }) }) {
  const child = spawn(codex, ['app-server'], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  /** @type {Map<number, (message: RpcMessage) => void>} */
  const waiting = new Map();
  /** @type {RpcMessage[]} */
  const notifications = [];
  let count = 0;
  /** @param {RpcMessage} message */
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    const message = /** @type {RpcMessage} */ (JSON.parse(line));
    if (message.method === undefined) waiting.get(message.id ?? -1)?.(message);
    else if (message.id === undefined) notifications.push(message);
    else send({ id: message.id, result: reply(message.method, message.params) });
  });
  /** @param {string} method @param {object} params @returns {Promise<any>} */
  const request = async (method, params) => {
    count += 1;
    const id = count;
    const answer = new Promise((resolve) => waiting.set(id, resolve));
    send({ id, method, params });
    const message = /** @type {RpcMessage} */ (await answer);
    if (message.error) throw new Error(`${method}: ${JSON.stringify(message.error)}`);
    return message.result;
  };
  const clientInfo = { name: 'lab-editor', title: 'Lab editor', version: '1.0.0' };
  await request('initialize', { clientInfo, capabilities: { experimentalApi: true } });
  send({ method: 'initialized' });
  return {
    request,
    notifications,
    seen: (method, test = () => true) =>
      waitFor(
        method,
        () => notifications.find((found) => found.method === method && test(found.params))?.params,
      ),
    close: async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(killer);
    },
  };
}
