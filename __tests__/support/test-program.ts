import { afterAll, beforeAll } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { installProgram } from './installed-program.js';
import { removeFolder } from './remove-folder.js';

/**
 * The built program, `mlflow-codex.js`, installed in a folder of its own for the tests of one file. Jest
 * gives every test file its own copy of this module.
 */
export let program: string;

let folder: string;
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  program = await installProgram(folder);
});
afterAll(() => removeFolder(folder));
