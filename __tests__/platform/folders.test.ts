import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codexHome, stateDir } from '../../src/platform/files/folders.js';

describe('codexHome', () => {
  it.each([
    ['unset', undefined, '/home/ada/.codex'],
    ['empty', '', '/home/ada/.codex'],
    ['blank', '  ', '/home/ada/.codex'],
    ['a path', '/srv/codex', '/srv/codex'],
    ['the home folder itself', '~', '/home/ada'],
    ['a path below the home folder', '~/x/codex', '/home/ada/x/codex'],
    ['a relative path', 'here', path.resolve('here')],
    ['a name that only begins with a tilde', '~x', path.resolve('~x')],
  ])('with CODEX_HOME %s', (_, value, expected) => {
    expect(codexHome({ CODEX_HOME: value }, '/home/ada')).toBe(expected);
  });

  it('has our state in one folder below it', () => {
    expect(stateDir('/home/ada/.codex')).toBe('/home/ada/.codex/mlflow-codex');
  });
});
