import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Makes the file that `npm publish` would ship, of what was built last. @returns its path */
export async function packProgram(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', dir];
  const { stdout } = await run(npm, args, { shell: process.platform === 'win32' });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  return path.join(dir, packed?.filename ?? '');
}

/**
 * Unpacks the program as it is shipped, with nothing around it: a chunk that the bundle lacks, or a name
 * that a chunk lacks, shows here and nowhere else.
 * @returns the path of `mlflow-codex.js`
 */
export async function unpackProgram(dir: string): Promise<string> {
  await run('tar', ['-xzf', await packProgram(dir), '-C', dir]);
  return path.join(dir, 'package', 'bin', 'mlflow-codex.js');
}
