// @ts-check
/**
 * Nodes and npms of several versions, from npm into the project's cache on first use.
 */
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { cached, runQuietly } from './cache.mjs';

/**
 * Path of the `node` of a version.
 * @param {string} version such as `18.19.0`
 * @param {(line: string) => void} [progress]
 */
export async function nodeProgram(version, progress) {
  const folder = await cached(`node-${version}`, async (dir) => {
    progress?.(`Fetching Node ${version} from npm (once) …`);
    const system = process.platform === 'win32' ? 'win' : process.platform;
    await unpack(`node-${system}-${process.arch}@${version}`, dir);
  });
  return path.join(folder, 'package', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Path of the `npm-cli.js` of a version: which Node runs it is the caller's choice.
 * @param {string} version such as `10.9.9`
 * @param {(line: string) => void} [progress]
 */
export async function npmProgram(version, progress) {
  const folder = await cached(`npm-${version}`, async (dir) => {
    progress?.(`Fetching npm ${version} (once) …`);
    await unpack(`npm@${version}`, dir);
  });
  return path.join(folder, 'package', 'bin', 'npm-cli.js');
}

/** @param {string} spec @param {string} dir */
async function unpack(spec, dir) {
  const packed = await runQuietly('npm', ['pack', '--silent', '--ignore-scripts', spec], { cwd: dir });
  await rename(path.join(dir, packed.trim()), path.join(dir, 'packed.tgz'));
  await runQuietly('tar', ['-xzf', 'packed.tgz'], { cwd: dir });
}
