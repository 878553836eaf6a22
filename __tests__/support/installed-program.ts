import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Puts the program where a user has it: what npm publishes, alone, without this project's
 * `node_modules`. So a missing file of the bundle shows, and a build in between disturbs no test.
 * @returns the path of `mlflow-codex.js`
 */
export async function installProgram(dir: string): Promise<string> {
  const target = path.join(dir, 'program');
  await mkdir(target);
  for (const part of ['bin', 'dist', 'package.json']) {
    await cp(part, path.join(target, part), { recursive: true });
  }
  return path.join(target, 'bin', 'mlflow-codex.js');
}
