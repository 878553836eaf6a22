import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { tryLock } from '../../../src/delivery/store/lock.js';
import type { LockKind } from '../../../src/delivery/store/lock-socket.js';

let dir: string;
beforeEach(async () => {
  dir = await makeTemporaryFolder();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** `undefined`: what this system and this Node take; files are what macOS and Node 18 have. */
describe.each<[LockKind | undefined]>([[undefined], ['file']])('a lock of kind %s', (kind) => {
  const options = kind && { kind };
  it('is held once, thread by thread, home by home', async () => {
    const held = await tryLock(dir, 'a', options);
    expect(held).toBeDefined();
    expect(await tryLock(dir, 'a', options)).toBeUndefined();
    const other = await tryLock(dir, 'b', options);
    expect(other).toBeDefined();
    const elsewhere = await tryLock(path.join(dir, 'elsewhere'), 'a', options);
    expect(elsewhere).toBeDefined();
    await held?.release();
    const again = await tryLock(dir, 'a', options);
    expect(again).toBeDefined();
    for (const lock of [other, elsewhere, again]) await lock?.release();
  });

  it('is free when its holder was killed', async () => {
    const child = spawn(process.execPath, ['-e', holder(dir, kind)], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    expect(await tryLock(dir, 'a', options)).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'close');
    const lock = await tryLock(dir, 'a', options);
    expect(lock).toBeDefined();
    await lock?.release();
  });

  it('goes to one of many that find it free at once, dead holder or not', async () => {
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['-e', holder(dir, kind)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'close');
      const locks = await Promise.all(Array.from({ length: 20 }, () => tryLock(dir, 'a', options)));
      expect(locks.filter(Boolean)).toHaveLength(1);
      for (const lock of locks) await lock?.release();
    }
  });
});

describe('a lock', () => {
  it('has a path short enough, however long that of the folder is', async () => {
    const deep = path.join(dir, 'x'.repeat(120));
    const held = await tryLock(deep, 'a', { kind: 'file' });
    expect(held).toBeDefined();
    expect(await tryLock(deep, 'a', { kind: 'file' })).toBeUndefined();
    await held?.release();
  });

  it('has one secret, however many make it at once', async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, 'lock.key'), '');
    // A key that could not be written whole (a full disk) is the same for all as well.
    const held = await tryLock(dir, 'a');
    expect(await tryLock(dir, 'a')).toBeUndefined();
    await held?.release();
  });
});

/** A program that takes the lock in the same way and says so. It has no source of ours to import. */
function holder(stateDir: string, kind: LockKind | undefined): string {
  return `
    const { createHash } = require('crypto'); const fs = require('fs'); const path = require('path');
    const dir = ${JSON.stringify(stateDir)};
    fs.mkdirSync(path.join(dir, 'locks'), { recursive: true });
    const keyFile = path.join(dir, 'lock.key');
    if (!fs.existsSync(keyFile)) fs.writeFileSync(keyFile, '0123456789abcdef');
    const name = createHash('sha256').update(fs.readFileSync(keyFile, 'utf8') + ':a').digest('hex');
    const [major, minor] = process.versions.uv.split('.').map(Number);
    const isAbstract = ${kind !== 'file'} && process.platform === 'linux' && (major > 1 || minor >= 46);
    const address = isAbstract
      ? ('\\0mlflow-codex-' + name).padEnd(108, '-')
      : path.join(dir, 'locks', name.slice(0, 24));
    const server = require('net').createServer();
    server.listen(address, () => console.log('held'));
    server.on('error', () => { fs.rmSync(address, { force: true }); server.listen(address); });
  `;
}
