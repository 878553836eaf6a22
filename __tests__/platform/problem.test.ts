import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { headerValue, problem, textOf } from '../../src/platform/problems/problem.js';
import { UsageError } from '../../src/platform/problems/usage-error.js';
import { UserError } from '../../src/platform/problems/user-error.js';
import { removeFolder } from '../support/remove-folder.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => removeFolder(base));

test('a problem has its code, its message and its remedy', () => {
  expect(problem('c', 'm', 'h')).toEqual({ kind: 'problem', code: 'c', message: 'm', hint: 'h' });
});

describe('a header', () => {
  test.each(['', ' ', '~', 'Bearer a.b'])('may be %j', (value) => {
    expect(headerValue(value, 'X')).toEqual({ kind: 'value', value });
  });

  test.each(['a\n', '\u001f', '\u007f', 'é', '\u0000'])(
    'may not be %j, which its message does not repeat',
    (value) => {
      expect(headerValue(value, 'MLFLOW_TRACKING_TOKEN')).toEqual({
        kind: 'problem',
        code: 'header-value',
        message:
          'MLFLOW_TRACKING_TOKEN holds a character that no HTTP header can carry (a line break, another control character, or one beyond ASCII)',
        hint: 'Set MLFLOW_TRACKING_TOKEN again, without it; often it is a line break copied along',
      });
    },
  );
});

describe('the text of a file', () => {
  test('is what is in it, and nothing where there is no file', () => {
    const file = path.join(base, 'token');
    writeFileSync(file, 'é\n');
    expect(textOf(file)).toEqual({ kind: 'value', value: 'é\n' });
    for (const missing of [path.join(base, 'none'), path.join(file, 'below a file')])
      expect(textOf(missing)).toEqual({ kind: 'value', value: undefined });
  });

  test('that cannot be read is a problem with its code and a remedy', () => {
    mkdirSync(path.join(base, 'folder'));
    expect(textOf(path.join(base, 'folder'))).toEqual({
      kind: 'problem',
      code: 'file-unreadable',
      message: `${base}/folder cannot be read (EISDIR)`,
      hint: `Make ${base}/folder a readable file, or remove it`,
    });
  });
});

test('an error of a person’s has a name, a message, and a hint where one is known', () => {
  const told = (error: UserError) => ({ name: error.name, message: error.message, hint: error.hint });
  expect(told(new UserError('m', 'h'))).toEqual({ name: 'UserError', message: 'm', hint: 'h' });
  expect(told(new UsageError('m', 'h'))).toEqual({ name: 'UsageError', message: 'm', hint: 'h' });
  expect(told(new UserError('m'))).toEqual({ name: 'UserError', message: 'm', hint: undefined });
  expect(new UsageError('m')).toBeInstanceOf(UserError);
});
