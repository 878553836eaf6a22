import { realpathSync } from 'node:fs';
import path from 'node:path';
import { pathFolders } from '../platform/files/find-on-path.js';
import { packageVersion } from '../platform/process/package-version.js';

/** This very program, as it was started. */
export interface RunningProgram {
  /** Node's own file. */
  node: string;
  /** The script's file. */
  script: string;
  version: string;
  platform: NodeJS.Platform;
}

/** This program as it runs now, by the paths that stay the longest. */
export function runningProgram(env: NodeJS.ProcessEnv): RunningProgram {
  const script = path.resolve(process.argv[1] ?? '');
  return {
    node: lastingNode(process.execPath, env),
    // A link of npm's for a project (`node_modules/.bin`) lasts no longer than what it leads to.
    script: /[\\/]\.bin[\\/]/.test(script) ? realpathSync(script) : lastingPath(script),
    version: packageVersion(),
    platform: process.platform,
  };
}

/**
 * Node's file by a link on the PATH where there is one: Homebrew's own folders, for example, have the
 * version in their names, and go with the next one.
 */
function lastingNode(execPath: string, env: NodeJS.ProcessEnv): string {
  for (const folder of pathFolders(env)) {
    const file = path.join(folder, path.basename(execPath));
    if (realPath(file) === execPath && lastingPath(file) === file) return file;
  }
  return execPath;
}

/**
 * A file as it is named, unless its folder is a link: fnm, for example, makes one for each shell, which
 * goes with the shell. Then the file that it leads to.
 */
function lastingPath(file: string): string {
  const folder = path.dirname(file);
  return realPath(folder) === folder ? file : (realPath(file) ?? file);
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
