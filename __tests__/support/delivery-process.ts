import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DeliveryHome } from './delivery-home.js';

/** How a process of ours ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said, on either stream. */
  readonly output: string;
  readonly ms: number;
}

export interface Starting {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** The folder it runs in; the test's own by default. */
  readonly cwd?: string;
}

/** Runs a command in a home's environment and nothing else's, to its end. */
export function runIn(
  home: DeliveryHome,
  [command = '', ...args]: readonly string[],
  { env, stdin, cwd }: Starting = {},
): Promise<Ended> {
  const startedMs = Date.now();
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: home.codexHome, CODEX_HOME: home.codexHome, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output, ms: Date.now() - startedMs }));
  });
}

/** Every file of a home but those in our folder, with size and time: what a hook must leave as it is. */
export function filesOutside(home: DeliveryHome): string[] {
  const list = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (file === home.stateDir) return [];
      if (entry.isDirectory()) return [file, ...list(file)];
      const { size, mtimeMs } = statSync(file);
      return [`${file} ${size} ${mtimeMs}`];
    });
  return list(home.codexHome).sort();
}

/** The ids a turn's root has on any machine, reckoned apart from the program. */
export function rootIds(threadId: string, turnId: string): { traceId: string; spanId: string } {
  const hex = (text: string) => createHash('sha256').update(text).digest('hex');
  const traceId = hex(`trace:${threadId}:${turnId}`).slice(0, 32);
  return { traceId, spanId: hex(`${traceId}:${threadId}:${turnId}`).slice(0, 16) };
}

/** The roots that arrived, in the order of their arrival. */
export function arrivedRoots(home: DeliveryHome): { traceId: string; spanId: string }[] {
  return home.receiver
    .spans()
    .filter((span) => span.attributes['codex.turn.id'] !== undefined)
    .map(({ traceId, spanId }) => ({ traceId, spanId }));
}
