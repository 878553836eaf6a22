import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChangedMeanwhile, type FileEdit } from '../../src/install/file-edit.js';
import { applyEdits as apply, backupOf } from '../../src/install/file-edits.js';
import { readTextFile } from '../../src/install/read-text-file.js';
import { UserError } from '../../src/platform/problems/user-error.js';

let base: string;
let backups: string;
beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'edits-'));
  backups = at('backups');
});
afterEach(() => rmSync(base, { recursive: true }));

const at = (name: string) => path.join(base, name);
const applyEdits = (edits: FileEdit[]) => apply(edits, backups);
const put = (name: string, text: string) => writeFileSync(at(name), text);
const get = (name: string) => readFileSync(at(name), 'utf8');
const mode = (name: string) => statSync(at(name)).mode & 0o7777;

function edit(name: string, after: string | undefined, more: Partial<FileEdit> = {}): FileEdit {
  return {
    path: at(name),
    role: 'codex-config',
    before: readTextFile(at(name)),
    after,
    backup: 'make',
    ...more,
  };
}

describe('applyEdits', () => {
  it('makes files of 0600 in folders of 0700, whatever the umask', () => {
    applyEdits([edit('a/b/new', 'x')]);
    expect([get('a/b/new'), mode('a/b/new'), mode('a'), mode('a/b')]).toEqual(['x', 0o600, 0o700, 0o700]);
    expect(readdirSync(at('a/b'))).toEqual(['new']);
  });

  it('makes a file that is for everybody readable for everybody, and its folder', () => {
    applyEdits([edit('etc/new', 'x', { isPublic: true })]);
    expect([mode('etc/new'), mode('etc')]).toEqual([0o644, 0o755]);
  });

  it('keeps permission bits, and what the file was, for this user alone, in a folder of ours', () => {
    put('f', 'old');
    chmodSync(at('f'), 0o640);
    applyEdits([edit('f', 'new')]);
    expect([get('f'), mode('f')]).toEqual(['new', 0o640]);
    expect([
      readFileSync(backupOf(backups, at('f')), 'utf8'),
      statSync(backupOf(backups, at('f'))).mode & 0o777,
    ]).toEqual(['old', 0o600]);
    expect(readdirSync(base).sort()).toEqual(['backups', 'f']);
    expect(mode('backups')).toBe(0o700);
  });

  it('keeps every permission bit, those for running it too', () => {
    put('f', 'old');
    chmodSync(at('f'), 0o1755);
    applyEdits([edit('f', 'new')]);
    expect(mode('f')).toBe(0o1755);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('keeps the owner and the group', () => {
    put('f', 'old');
    chownSync(at('f'), 12_345, 12_346);
    applyEdits([edit('f', 'new')]);
    const { uid, gid } = statSync(at('f'));
    expect([uid, gid]).toEqual([12_345, 12_346]);
  });

  it('makes folders that are for everybody, whatever the umask', () => {
    const umask = process.umask(0o077);
    try {
      applyEdits([edit('etc/codex/new', 'x', { isPublic: true })]);
    } finally {
      process.umask(umask);
    }
    expect([mode('etc'), mode('etc/codex'), mode('etc/codex/new')]).toEqual([0o755, 0o755, 0o644]);
  });

  it('keeps a backup of nothing that was not there, and of nothing that is only removed', () => {
    applyEdits([edit('new', 'x')]);
    expect(readdirSync(base)).toEqual(['new']);
    applyEdits([edit('new', undefined)]);
    expect(readdirSync(base)).toEqual(['backups']);
    expect(readFileSync(backupOf(backups, at('new')), 'utf8')).toBe('x');
  });

  it('names a backup by its file and by where that lies', () => {
    // printf /a/config.toml | sha256sum
    expect(backupOf('/b', '/a/config.toml')).toBe('/b/config.toml.fff14554');
  });

  it('makes no backup where none is asked for, and removes one that says nothing new', () => {
    put('f', 'old');
    applyEdits([edit('f', 'new', { backup: 'none' })]);
    expect(readdirSync(base)).toEqual(['f']);
    applyEdits([edit('f', 'newer')]);
    applyEdits([edit('f', 'new', { backup: 'remove' })]);
    expect(readdirSync(base)).toEqual(['f']);
  });

  it('follows links and keeps them: to a file, through another, and to a file that is not there yet', () => {
    mkdirSync(at('dots'));
    put('dots/real', 'old');
    symlinkSync(at('dots/real'), at('one'));
    symlinkSync('one', at('two'));
    symlinkSync('dots/none', at('open'));
    applyEdits([edit('two', 'new'), edit('open', 'made')]);
    expect([get('dots/real'), get('dots/none')]).toEqual(['new', 'made']);
    for (const link of ['one', 'two', 'open']) expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
    expect(readdirSync(base).sort()).toEqual(['backups', 'dots', 'one', 'open', 'two']);
  });

  it('removes files', () => {
    put('f', 'old');
    applyEdits([edit('f', undefined, { backup: 'none' })]);
    expect(readdirSync(base)).toEqual([]);
  });

  it('gives way to another process of ours that writes the same file, unless that one was killed', () => {
    put('f', 'old');
    const planned = edit('f', 'new', { backup: 'none' });
    applyEdits([planned]);
    const probe = edit('f', 'newer', { backup: 'none' });
    const beside = `.mlflow-codex-${createHash('sha256').update(at('f')).digest('hex').slice(0, 8)}.tmp`;
    put(beside, 'half');
    expect(() => applyEdits([probe])).toThrow(ChangedMeanwhile);
    expect([get('f'), get(beside)]).toEqual(['new', 'half']);
    const ago = (ms: number) => {
      const time = new Date(Date.now() - ms);
      utimesSync(at(beside), time, time);
    };
    ago(1000);
    expect(() => applyEdits([probe])).toThrow(`${at('f')} was changed in the meantime`);
    ago(15_000);
    applyEdits([probe]);
    expect([get('f'), readdirSync(base)]).toEqual(['newer', ['f']]);
  });

  describe('leaves everything as it was', () => {
    const failing: [string, () => FileEdit, string, string][] = [
      [
        'a file is read-only',
        () => {
          put('locked', 'x');
          chmodSync(at('locked'), 0o444);
          return edit('locked', 'y');
        },
        'read-only',
        'Make the file and its folder writable',
      ],
      [
        'a file was changed in the meantime',
        () => {
          const planned = edit('later', 'y');
          put('later', 'somebody else');
          return planned;
        },
        'was changed in the meantime',
        'Run the command again',
      ],
      [
        'a folder stands in a file’s place',
        () => {
          mkdirSync(at('folder'));
          return { ...edit('other', 'y'), path: at('folder') };
        },
        'is a folder',
        'Move it away',
      ],
      [
        'a file stands in a folder’s place',
        () => {
          put('file', '');
          return { ...edit('other', 'y'), path: at('file/below') };
        },
        'cannot be written (ENOTDIR)',
        'Make the file and its folder writable',
      ],
      [
        'a link leads in a circle',
        () => {
          symlinkSync('circle', at('circle'));
          return { ...edit('other', 'y'), path: at('circle') };
        },
        'leads in a circle',
        'Mend the link',
      ],
      [
        'a rename fails after others have been done',
        () => {
          // A backup cannot replace a folder: found out only when the first file is in its place.
          put('late', 'x');
          mkdirSync(backupOf(backups, at('late')), { recursive: true });
          put(`backups/${path.basename(backupOf(backups, at('late')))}/full`, '');
          return edit('late', 'y');
        },
        'nothing was changed',
        'Make the file and its folder writable',
      ],
    ];

    it.each(failing)('where %s', (_, prepare, message, hint) => {
      put('first', 'one');
      const last = prepare();
      const before = readdirSync(base, { recursive: true }).sort();
      const edits = [
        edit('first', 'two', { backup: 'none' }),
        edit('new/made', 'x'),
        edit('first2', 'x'),
        last,
      ];
      expect(() => applyEdits(edits)).toThrow(UserError);
      expect(() => applyEdits(edits)).toThrow(message);
      expect(() => applyEdits(edits)).toThrow(
        expect.objectContaining({ hint: expect.stringMatching(new RegExp(`^${hint}`)) }),
      );
      expect(get('first')).toBe('one');
      expect(readdirSync(base, { recursive: true }).sort()).toEqual(before);
    });
  });
});

describe('readTextFile', () => {
  it('tells a missing file from one that is no text', () => {
    expect(readTextFile(at('none'))).toBeUndefined();
    writeFileSync(at('latin1'), Buffer.from([0x61, 0xe9]));
    expect(() => readTextFile(at('latin1'))).toThrow(
      expect.objectContaining({ message: `${at('latin1')} is not UTF-8`, hint: 'Save it as UTF-8' }),
    );
    expect(() => readTextFile(base)).toThrow('is a folder');
    expect(() => readTextFile(at('latin1/below'))).toThrow(
      expect.objectContaining({ message: `${at('latin1')} is not a folder`, hint: 'Move it away' }),
    );
    put('bom', '\uFEFFx');
    expect(readTextFile(at('bom'))).toBe('\uFEFFx');
  });
});
