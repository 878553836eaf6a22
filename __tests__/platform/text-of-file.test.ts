import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { textOfFile } from '../../src/platform/files/text-of-file.js';
import { removeFolder } from '../support/remove-folder.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => removeFolder(base));

describe('the text of a file', () => {
  test('is what is in it, and nothing where there is no file', () => {
    const file = path.join(base, 'token');
    writeFileSync(file, 'é\n');
    expect(textOfFile(file)).toEqual({ kind: 'value', value: 'é\n' });
    for (const missing of [path.join(base, 'none'), path.join(file, 'below a file')])
      expect(textOfFile(missing)).toEqual({ kind: 'value', value: undefined });
  });

  test('that cannot be read is a problem with its code and a remedy', () => {
    mkdirSync(path.join(base, 'folder'));
    expect(textOfFile(path.join(base, 'folder'))).toEqual({
      kind: 'problem',
      code: 'file-unreadable',
      message: `${base}/folder cannot be read (EISDIR)`,
      hint: `Make ${base}/folder a readable file, or remove it`,
    });
  });
});
