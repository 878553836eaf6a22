import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readInstalledFiles, readTextFileState } from '../../../../src/commands/setup/plans/setup-state.js';
import { backupOf } from '../../../../src/install/file-edits.js';
import { Workbench } from '../../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const read = (folder = bench.project, home = bench.codexHome) => readInstalledFiles(home, folder);
const gone = (file: string) => ({
  path: file,
  backupFile: backupOf(bench.backups, file),
  folderMissing: true,
});

describe('what setup looks at', () => {
  test('is six files, none of which need be there', () => {
    expect(read()).toStrictEqual({
      userConfig: gone(bench.userConfig),
      userTracing: gone(bench.userTracing),
      project: { config: gone(bench.projectConfig), tracing: gone(bench.projectTracing) },
      recordFile: gone(bench.record),
      record: { version: 1, tracing: [], notify: [] },
      backups: bench.backups,
    });
  });

  test('is each file’s text, and what is kept of its former one', () => {
    bench.put(bench.userConfig, 'a = 1\n');
    bench.put(backupOf(bench.backups, bench.userConfig), 'was\n');
    bench.put(backupOf(bench.backups, bench.userTracing), 'of a file that is gone\n');
    const { userConfig, userTracing } = read();
    const there = { ...gone(bench.userConfig), folderMissing: false };
    expect(userConfig).toStrictEqual({ ...there, text: 'a = 1\n', backup: 'was\n' });
    expect(userTracing).toStrictEqual({ ...gone(bench.userTracing), folderMissing: false });
  });

  test('is the user alone, where the folder’s .codex is Codex’s home itself, by a link too', () => {
    mkdirSync(bench.codexHome);
    symlinkSync(bench.codexHome, path.join(bench.project, '.codex'));
    expect(read(bench.home).project).toBeUndefined();
    expect(read(bench.project).project).toBeUndefined();
    expect(
      readInstalledFiles(path.join(bench.base, 'none', '.codex'), path.join(bench.base, 'none')).project,
    ).toBe(undefined);
  });

  test('is an empty record, where that is damaged', () => {
    bench.put(bench.record, '{');
    expect(read().record).toStrictEqual({ version: 1, tracing: [], notify: [] });
    const entry = { file: '/f', argv: ['m', 'notify-hook'], created: true, createdFolder: false };
    bench.put(bench.record, { version: 1, tracing: [], notify: [entry] });
    expect(read().record.notify).toEqual([entry]);
  });

  test('is kept by the name of what a link leads to', () => {
    const target = path.join(bench.home, 'dots.toml');
    bench.put(target, '');
    mkdirSync(bench.codexHome);
    symlinkSync(target, bench.userConfig);
    expect(readTextFileState(bench.userConfig, bench.backups).backupFile).toBe(
      backupOf(bench.backups, target),
    );
  });
});
