// @ts-check
/**
 * A real MLflow server: installed into the project's cache, started on a free port.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { cached, runQuietly } from './cache.mjs';
import { startServer } from './server-process.mjs';

const mlflowVersion = '3.17.2';

/** @typedef {import('./server-process.mjs').RunningServer} RunningServer */

/**
 * The Python that MLflow can be installed with (3.10 or later, with venv), or why there is none.
 * @returns {{ python: string } | { missing: string }}
 */
export function findPython() {
  const question = 'import sys, venv, ensurepip; print(sys.version_info >= (3, 10))';
  for (const python of ['python3', 'python']) {
    try {
      const answer = execFileSync(python, ['-c', question], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      if (answer.trim() === 'True') return { python };
    } catch {
      // Not installed, or without venv: the next name may be better.
    }
  }
  return { missing: 'no Python 3.10 or later with venv was found' };
}

/**
 * Path of the `mlflow` program, installed on first use (about a minute). The environment variable
 * MLFLOW_CODEX_TEST_MLFLOW names one that is there already.
 * @param {(line: string) => void} [progress]
 */
export async function mlflowProgram(progress) {
  const given = process.env['MLFLOW_CODEX_TEST_MLFLOW'];
  if (given) return given;
  const bin = process.platform === 'win32' ? 'Scripts' : 'bin';
  const folder = await cached(`mlflow-${mlflowVersion}`, async (venv) => {
    const found = findPython();
    if ('missing' in found) throw new Error(`MLflow cannot be installed: ${found.missing}`);
    progress?.(`Installing MLflow ${mlflowVersion} into .cache/ (once, about a minute) …`);
    await runQuietly(found.python, ['-m', 'venv', venv]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await runQuietly(path.join(venv, bin, 'python'), [...pip, `mlflow==${mlflowVersion}`]);
  });
  return path.join(folder, bin, 'mlflow');
}

/**
 * Starts MLflow with an empty SQLite store in a temporary folder and waits until it takes traces.
 * @param {{ progress?: (line: string) => void }} [options]
 * @returns {Promise<RunningServer>}
 * @throws {Error} with the end of its log, where it does not start
 */
export async function startMlflow({ progress } = {}) {
  const program = await mlflowProgram(progress);
  progress?.('Starting MLflow …');
  return startServer({
    name: 'MLflow',
    program,
    args: ({ dir, port }) => [
      ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${path.join(dir, 'mlflow.db')}`],
      ...['--artifacts-destination', path.join(dir, 'artifacts')],
    ],
    env: {
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: 'true',
      // Prices come with the package. To refresh them MLflow asks github.com once per provider, while
      // a request for traces waits; without a network that takes 7 s.
      MLFLOW_MODEL_CATALOG_URI: '',
    },
    isReady: async (url) => (await fetch(`${url}/health`)).ok,
  });
}
