import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { findGo, startCollector } from '../../scripts/lab/collector.mjs';
import { findPython, startMlflow } from '../../scripts/lab/mlflow.mjs';
import type { RunningServer } from '../../scripts/lab/server-process.mjs';

/** What a block of tests needs of this machine: `missing` says why it cannot run here. */
export type Needs = { missing: string } | { [found: string]: string };

/** Long enough for the first installation of MLflow or the first build of the Collector. */
const FIRST_START_MS = 8 * 60_000;

/**
 * A block of tests that need a program of this machine. Where it is missing they are skipped with a
 * line that says so; in CI (`CI=true`) that is a failure.
 * @param needs what `findPython` or `findGo` found
 */
export function describeWith(needs: Needs, name: string, block: () => void): void {
  const missing = needs['missing'];
  if (missing === undefined) {
    describe(name, block);
    return;
  }
  const why = `${name}: not tested, ${missing}`;
  if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(why);
    });
    return;
  }
  process.stderr.write(`${why}\n`);
  const skipped = describe.skip;
  skipped(name, block);
}

/** What MLflow needs to be there: Python, or the path of an `mlflow` in MLFLOW_CODEX_TEST_MLFLOW. */
export function mlflowNeeds(): Needs {
  return process.env['MLFLOW_CODEX_TEST_MLFLOW'] ? {} : findPython();
}

/** What the Collector needs to be there. */
export function collectorNeeds(): Needs {
  return findGo();
}

/**
 * One MLflow for all tests of the block; call it at the top of a `describe`.
 * @returns its URL, known once the tests run
 */
export function useMlflow(): () => string {
  return useServer(() => startMlflow({ progress }));
}

/** One Collector for all tests of the block, forwarding to an experiment of that MLflow. */
export function useCollector(
  target: () => Promise<{ mlflowUrl: string; experimentId: string }>,
): () => string {
  return useServer(async () => startCollector({ ...(await target()), progress }));
}

function useServer(start: () => Promise<RunningServer>): () => string {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await start();
  }, FIRST_START_MS);
  afterAll(() => server?.close());
  return () => {
    if (!server) throw new Error('the server runs only while the tests of its block do');
    return server.url;
  };
}

/** Not console.log: jest would print a stack with every line. */
function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
