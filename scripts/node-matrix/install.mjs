// @ts-check
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from '../lab/cache.mjs';
import { npmProgram } from '../lab/node-programs.mjs';

/**
 * Installs the packed file as a person does, without a network: an empty cache, a registry that is not
 * there. Nothing but our own package may come of it.
 * @param {string} packed the file of `npm pack`
 * @param {{ node: string, npm: string, dir: string }} options `npm`: its version
 * @returns {Promise<string>} the installed `mlflow-codex.js`
 */
export async function installOffline(packed, { node, npm, dir }) {
  const prefix = path.join(dir, `npm-${npm}`);
  await mkdir(prefix, { recursive: true });
  const args = [
    ...['install', '--global', '--offline', '--no-audit', '--no-fund', '--registry', 'http://127.0.0.1:9'],
    ...['--prefix', prefix, '--cache', path.join(dir, 'empty-cache'), packed],
  ];
  await runQuietly(node, [await npmProgram(npm, console.error), ...args], { env: nodeFirst(node) });
  const modules = process.platform === 'win32' ? prefix : path.join(prefix, 'lib');
  const installed = await readdir(path.join(modules, 'node_modules'));
  if (installed.join() !== '@mlflow') throw new Error(`npm ${npm} installed ${installed.join(', ')}`);
  return path.join(modules, 'node_modules', '@mlflow', 'codex', 'bin', 'mlflow-codex.js');
}

/** An environment in which `node` is the one that is tried. @param {string} node @returns {NodeJS.ProcessEnv} */
export function nodeFirst(node) {
  const PATH = [path.dirname(node), ...(process.env.PATH ?? '').split(path.delimiter)].join(path.delimiter);
  return { ...process.env, PATH };
}
