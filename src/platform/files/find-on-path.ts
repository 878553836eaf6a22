import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The folders that every Codex has on its PATH, however it was started: cron gives a program these and no
 * more, a desktop, an editor or systemd some more, none of them a version manager's.
 */
const SHORT_PATH = '/usr/bin:/bin';

/**
 * The environment of a Codex that was not started from a shell. On Windows it is that of any other.
 * @param shortPath for tests: what stands for `/usr/bin:/bin`
 */
export function withShortPath(
  env: NodeJS.ProcessEnv,
  shortPath = SHORT_PATH,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  return platform === 'win32' ? env : { ...env, PATH: shortPath };
}

/** Where a program is found by its name, as a shell looks for it; `undefined` where it is not. */
export function findOnPath(
  name: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const endings = platform === 'win32' ? (env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';') : [''];
  for (const folder of pathFolders(env)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (isProgram(file)) return file;
    }
  }
  return undefined;
}

/**
 * The environment without folders on `PATH` that are there only while npm or npx runs something
 * (`node_modules/.bin`): Codex, started later from a shell, does not have them.
 */
export function withoutNpmPath(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const lasting = pathFolders(env).filter((folder) => !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder));
  return { ...env, PATH: lasting.join(path.delimiter) };
}

/** The absolute folders of `PATH`, in their order. */
export function pathFolders(env: NodeJS.ProcessEnv): string[] {
  const value = env['PATH'] ?? env['Path'] ?? '';
  return value.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
