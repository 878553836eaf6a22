import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  isSwitchedOff,
  onlyManagedHooks,
  readHooksFeature,
} from '../../../src/install/codex-config/hooks-feature.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => rmSync(base, { recursive: true }));

function put(name: string, text: string): string {
  const file = path.join(base, name);
  writeFileSync(file, text);
  return file;
}

describe('whether Codex runs hooks', () => {
  test('is what the first file says that says anything, broken ones and folders passed by', () => {
    mkdirSync(path.join(base, 'folder'));
    const silent = [
      path.join(base, 'none'),
      path.join(base, 'folder'),
      put('broken', '[features\nhooks = true'),
      put('other', '[features]\nmemories = true\n'),
    ];
    const off = put('off', '[features]\nhooks = false\n');
    const on = put('on', 'features.codex_hooks = true\n');
    expect(readHooksFeature([...silent, off, on])).toEqual({ isOn: false, file: off });
    expect(readHooksFeature([...silent, on, off])).toEqual({ isOn: true, file: on });
    expect(readHooksFeature(silent)).toEqual({ isOn: true });
    expect(readHooksFeature([])).toEqual({ isOn: true });
  });

  test.each([
    ['allow_managed_hooks_only = true', true],
    ['allow_managed_hooks_only = false', false],
    ['allow_managed_hooks_only = "true"', false],
    ['[x]\nallow_managed_hooks_only = true', false],
    ['', false],
    ['allow_managed_hooks_only =', false],
  ])('of an administrator alone: %j, %s', (text, isOnly) => {
    expect(onlyManagedHooks(put('requirements.toml', text))).toBe(isOnly);
  });

  test('is no question where an error is none of the file’s', () => {
    expect(() => readHooksFeature(['a', undefined as never])).toThrow('must be of type string');
  });
});

test.each([
  ['[hooks.state."/h/config.toml:stop:0:0"]\nenabled = false\n', true],
  ['[hooks.state."/h/config.toml:stop:0:0"]\nenabled = true\n', false],
  ['[hooks.state."/h/config.toml:stop:0:0"]\ntrusted_hash = "x"\n', false],
  ['[hooks.state."/h/config.toml:stop:1:0"]\nenabled = false\n', false],
  ['[hooks.state."/h/hooks.json:stop:0:0"]\nenabled = false\n', false],
  ['[hooks]\nstate = 1\n', false],
  ['', false],
])('a hook is switched off by itself in %j: %s', (text, isOff) => {
  expect(isSwitchedOff(put('config.toml', text), '/h/config.toml', 'stop:0:0')).toBe(isOff);
});
