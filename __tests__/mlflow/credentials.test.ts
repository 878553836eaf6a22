import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { authorization } from '../../src/mlflow/credentials.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => rmSync(home, { recursive: true }));

const credentials = (lines: string) => {
  mkdirSync(path.join(home, '.mlflow'));
  writeFileSync(path.join(home, '.mlflow/credentials'), lines);
};
const USER = { MLFLOW_TRACKING_USERNAME: 'ada' };
const PASSWORD = { MLFLOW_TRACKING_PASSWORD: 'pw' };
const TOKEN = { MLFLOW_TRACKING_TOKEN: 'abc' };
const NONE = { kind: 'value', value: undefined };
const basic = (pair: string) => ({
  kind: 'value',
  value: `Basic ${Buffer.from(pair).toString('base64')}`,
});

describe('what a server is given', () => {
  test.each([
    [{}, NONE],
    [USER, NONE],
    [PASSWORD, NONE],
    [TOKEN, { kind: 'value', value: 'Bearer abc' }],
    [
      { ...USER, ...TOKEN },
      { kind: 'value', value: 'Bearer abc' },
    ],
    [
      { ...PASSWORD, ...TOKEN },
      { kind: 'value', value: 'Bearer abc' },
    ],
    [{ ...USER, ...PASSWORD, ...TOKEN }, basic('ada:pw')],
  ])('with %j alone in the environment is %j', (env, value) => {
    expect(authorization(env, home)).toEqual(value);
  });

  test.each([
    [{}, basic('file:secret')],
    [USER, basic('ada:secret')],
    [PASSWORD, basic('file:pw')],
    [{ MLFLOW_TRACKING_USERNAME: '', MLFLOW_TRACKING_PASSWORD: '', ...TOKEN }, basic('file:secret')],
  ])('with %j beside MLflow’s own file is %j', (env, value) => {
    credentials('[mlflow]\nmlflow_tracking_username = file\nmlflow_tracking_password = secret\n');
    expect(authorization(env, home)).toEqual(value);
  });

  test('comes from no other section of that file', () => {
    credentials('[other]\nmlflow_tracking_username = file\nmlflow_tracking_password = secret\n');
    expect(authorization({}, home)).toEqual(NONE);
  });

  test('needs no file where the environment has both', () => {
    mkdirSync(path.join(home, '.mlflow/credentials'), { recursive: true });
    expect(authorization({ ...USER, ...PASSWORD }, home)).toEqual(basic('ada:pw'));
    const file = path.join(home, '.mlflow/credentials');
    for (const env of [{}, USER, PASSWORD, TOKEN])
      expect(authorization(env, home)).toEqual({
        kind: 'problem',
        code: 'file-unreadable',
        message: `${file} cannot be read (EISDIR)`,
        hint: `Make ${file} a readable file, or remove it`,
      });
  });
});

describe('a token file', () => {
  const file = () => path.join(home, 'token');

  test('counts where there is nothing else', () => {
    writeFileSync(file(), ' from-file \n');
    expect(authorization({}, home, file())).toEqual({ kind: 'value', value: 'Bearer from-file' });
    expect(authorization(TOKEN, home, file())).toEqual({ kind: 'value', value: 'Bearer abc' });
    expect(authorization({ ...USER, ...PASSWORD }, home, file())).toEqual(basic('ada:pw'));
  });

  test.each([
    [undefined, 'is not there'],
    [' \n', 'is empty'],
  ])('with %j in it keeps turns waiting: it %s', (text, fault) => {
    if (text !== undefined) writeFileSync(file(), text);
    expect(authorization({}, home, file())).toEqual({
      kind: 'problem',
      code: 'token-file-empty',
      message: `${file()} (tokenFile) ${fault}`,
      hint: `Write the token into ${file()}, or take tokenFile out of the config`,
    });
  });

  test('that cannot be read, or holds what no header can carry, is named', () => {
    expect(authorization({}, home, home)).toMatchObject({ code: 'file-unreadable' });
    writeFileSync(file(), 'two\nlines');
    expect(authorization({}, home, file())).toEqual({
      kind: 'problem',
      code: 'header-value',
      message: `The token in ${file()} holds a character that no HTTP header can carry (a line break, another control character, or one beyond ASCII)`,
      hint: `Set The token in ${file()} again, without it; often it is a line break copied along`,
    });
  });
});

describe('no Basic header can carry', () => {
  test.each([
    [{ ...USER, MLFLOW_TRACKING_PASSWORD: 'a\u0000' }, 'MLFLOW_TRACKING_PASSWORD'],
    [{ ...USER, MLFLOW_TRACKING_PASSWORD: 'a\u001fb' }, 'MLFLOW_TRACKING_PASSWORD'],
    [{ ...PASSWORD, MLFLOW_TRACKING_USERNAME: '\u007f' }, 'MLFLOW_TRACKING_USERNAME'],
  ])('%j', (env, variable) => {
    expect(authorization(env, home)).toEqual({
      kind: 'problem',
      code: 'header-value',
      message: `${variable} holds a control character`,
      hint: `Set ${variable} (or its line in ~/.mlflow/credentials) again, without it; often it is a line break copied along`,
    });
  });

  test('a colon in the user name', () => {
    expect(authorization({ MLFLOW_TRACKING_USERNAME: 'a:b', ...PASSWORD }, home)).toEqual({
      kind: 'problem',
      code: 'user-name-colon',
      message: 'MLFLOW_TRACKING_USERNAME holds a colon, which Basic authentication cannot carry',
      hint: 'Correct MLFLOW_TRACKING_USERNAME',
    });
  });
});
