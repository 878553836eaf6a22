import { afterAll, beforeAll } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { unpackProgram } from './packed-program.js';
import { removeFolder } from './remove-folder.js';

/**
 * The program as npm ships it, `mlflow-codex.js`, unpacked into a folder of its own for the tests of one
 * file. Jest gives every test file its own copy of this module.
 */
export let program: string;

let folder: string;
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  program = await unpackProgram(folder);
});
afterAll(() => removeFolder(folder));
