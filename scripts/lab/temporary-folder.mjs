// @ts-check
import { mkdtemp, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * An empty folder under the system's temporary one, by its real path (Codex records real paths).
 */
export async function makeTemporaryFolder() {
  return realpath(await mkdtemp(path.join(os.tmpdir(), 'mlflow-codex-')));
}
