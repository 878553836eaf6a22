import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { asObject, type JsonObject } from '../platform/json.js';

/** Asks the app server one thing. @throws Error where it refuses, or goes away */
export type AskAppServer = (method: string, params: object) => Promise<JsonObject | undefined>;

/** It starts in 0.6 s here (0.171). */
const TIMEOUT_MS = 8000;

/**
 * Starts `codex app-server` for as long as the work takes: the way editors talk to Codex, JSON-RPC by lines.
 * @returns what the work gives; undefined where Codex has no such server, refuses, or does not answer in 8 s
 */
export async function withAppServer<T>(
  codex: string,
  where: { cwd: string; env: NodeJS.ProcessEnv },
  work: (ask: AskAppServer) => Promise<T>,
): Promise<T | undefined> {
  const shell = process.platform === 'win32';
  const child = spawn(shell ? `"${codex}"` : codex, ['app-server'], {
    ...where,
    shell,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting = new Map<unknown, (answer: JsonObject) => void>();
  const gone = new Promise<undefined>((resolve) => {
    child.on('error', () => resolve(undefined));
    child.on('close', () => resolve(undefined));
    setTimeout(() => resolve(undefined), TIMEOUT_MS).unref();
  });
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = parseLine(line);
    if (message) waiting.get(message['id'])?.(message);
  });
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const ask: AskAppServer = async (method, params) => {
    const id = waiting.size + 1;
    const answer = new Promise<JsonObject>((resolve) => waiting.set(id, resolve));
    send({ id, method, params });
    const { error, result } = await answer;
    if (error !== undefined) throw new Error(`${method} was refused`);
    return asObject(result);
  };
  const talk = async () => {
    await ask('initialize', { clientInfo: { name: 'mlflow-codex', title: 'mlflow-codex', version: '1' } });
    send({ method: 'initialized' });
    return work(ask);
  };
  try {
    return await Promise.race([talk().catch(() => undefined), gone]);
  } finally {
    child.stdin.end();
    child.kill();
    // One that does not heed it is not waited for.
    child.stdout.destroy();
    child.unref();
  }
}

function parseLine(line: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}
