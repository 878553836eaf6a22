import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readForwardedNotifier } from '../../../src/install/codex-config/forwarded-notifier.js';

let home: string;
let state: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'forwarded-'));
  state = path.join(home, 'mlflow-codex');
  mkdirSync(state);
});
afterEach(() => rmSync(home, { recursive: true }));

function record(...notify: { file: string; forward?: unknown }[]): void {
  const entries = notify.map((entry) => ({ argv: ['x'], created: false, createdFolder: false, ...entry }));
  writeFileSync(path.join(state, 'setup.json'), JSON.stringify({ version: 1, tracing: [], notify: entries }));
}

describe('readForwardedNotifier', () => {
  it("gives the notifier that stood in the user's slot", () => {
    record({ file: path.join(home, 'config.toml'), forward: ['notify-send', 'Codex'] });
    expect(readForwardedNotifier(state, '/work')).toEqual(['notify-send', 'Codex']);
    expect(readForwardedNotifier(state)).toEqual(['notify-send', 'Codex']);
  });

  it('gives a project’s notifier inside that project only', () => {
    record(
      { file: '/repo/.codex/config.toml', forward: ['theirs'] },
      { file: path.join(home, 'config.toml'), forward: ['mine'] },
    );
    expect(readForwardedNotifier(state, '/repo/src/deep')).toEqual(['theirs']);
    expect(readForwardedNotifier(state, '/repo-two')).toEqual(['mine']);
    record({ file: '/repo/.codex/config.toml', forward: ['theirs'] });
    expect(readForwardedNotifier(state, '/elsewhere')).toBeUndefined();
  });

  it('gives the innermost project’s where one lies in another', () => {
    const nested = [
      { file: '/repo/.codex/config.toml', forward: ['outer'] },
      { file: '/repo/part/.codex/config.toml', forward: ['inner'] },
    ];
    for (const order of [nested, [...nested].reverse()]) {
      record(...order);
      expect(readForwardedNotifier(state, '/repo/part/src')).toEqual(['inner']);
      expect(readForwardedNotifier(state, '/repo')).toEqual(['outer']);
    }
  });

  it('gives the user’s in a project where nobody’s stood', () => {
    record({ file: '/repo/.codex/config.toml' }, { file: path.join(home, 'config.toml'), forward: ['mine'] });
    expect(readForwardedNotifier(state, '/repo')).toEqual(['mine']);
  });

  it('is undefined without a record, with a damaged one, and where nothing is forwarded', () => {
    expect(readForwardedNotifier(state)).toBeUndefined();
    writeFileSync(path.join(state, 'setup.json'), '{');
    expect(readForwardedNotifier(state)).toBeUndefined();
    record({ file: path.join(home, 'config.toml') });
    expect(readForwardedNotifier(state)).toBeUndefined();
    for (const forward of ['notify-send', [], [1], null]) {
      record({ file: path.join(home, 'config.toml'), forward });
      expect(readForwardedNotifier(state)).toBeUndefined();
    }
  });
});
