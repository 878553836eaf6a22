import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { isLockFree, tryLock } from '../../../src/delivery/store/lock/lock.js';
import type { LockKind } from '../../../src/delivery/store/lock/lock-socket.js';

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

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('a lock', () => {
  onLinux('stays with a process of this machine that is stopped, however long', async () => {
    const child = spawn(process.execPath, ['-e', holder(dir, undefined)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    const times = { renewMs: 10, staleMs: 0, watchMs: 20, settleMs: 10 };
    expect(await tryLock(dir, 'a', { times })).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'close');
    const lock = await tryLock(dir, 'a', { times });
    expect(lock?.isHeld()).toBe(true);
    await lock?.release();
  });

  onLinux('is taken without a socket where nobody has it, and both ways keep each other out', async () => {
    const quick = await tryLock(dir, 'a');
    expect(readdirSync(dir)).toEqual(['locks']);
    expect(await tryLock(dir, 'a', { kind: 'file' })).toBeUndefined();
    await quick?.release();
    const slow = await tryLock(dir, 'a', { kind: 'file' });
    expect(slow?.isHeld()).toBe(true);
    expect(await tryLock(dir, 'a')).toBeUndefined();
    await slow?.release();
    expect(readdirSync(path.join(dir, 'locks'))).toEqual([]);
  });

  it('is free for who asks, without being taken, until somebody has it and after that', async () => {
    expect(await isLockFree(dir, 'a')).toBe(true);
    expect(await isLockFree(dir, 'a')).toBe(true);
    const held = await tryLock(dir, 'a');
    expect(await isLockFree(dir, 'a')).toBe(false);
    expect(await isLockFree(dir, 'b')).toBe(true);
    expect(held?.isHeld()).toBe(true);
    await held?.release();
    expect(await isLockFree(dir, 'a')).toBe(true);
  });

  it('has to do without its file where the folder takes none', async () => {
    writeFileSync(path.join(dir, 'locks'), '');
    const held = await tryLock(dir, 'a');
    expect(held?.isHeld()).toBe(true);
    await held?.release();
    const again = await tryLock(dir, 'a');
    expect(again?.isHeld()).toBe(true);
    await again?.release();
    // There is no place for such a socket either: a turn that might be sent twice beats one that never is.
    const locks = [await tryLock(dir, 'a', { kind: 'file' }), await tryLock(dir, 'a', { kind: 'file' })];
    expect(locks.map((lock) => lock?.isHeld())).toEqual([true, true]);
    for (const lock of locks) await lock?.release();
    expect(readFileSync(path.join(dir, 'locks'), 'utf8')).toBe('');
  });

  it('that is another machine’s by its file leaves the socket to the next who asks', async () => {
    const held = await tryLock(dir, 'a', { kind: 'file' });
    const [name = ''] = readdirSync(path.join(dir, 'locks')).filter((entry) => entry.endsWith('.lock'));
    await held?.release();
    const file = path.join(dir, 'locks', name);
    const owner = { host: 'elsewhere', pid: 1, domain: 'another', pidSpace: 'another', token: 'theirs' };
    writeFileSync(file, `${JSON.stringify(owner)}\n000000000\n`);
    for (const kind of [undefined, 'file'] as const) {
      expect(await tryLock(dir, 'a', kind && { kind })).toBeUndefined();
      expect(readdirSync(path.join(dir, 'locks'))).toEqual([name]);
    }
    rmSync(file);
    const next = await tryLock(dir, 'a', { kind: 'file' });
    expect(next?.isHeld()).toBe(true);
    // It is another's by now: a machine that slept finds out.
    writeFileSync(file, `${JSON.stringify(owner)}\n000000000\n`);
    expect(next?.isHeld()).toBe(false);
    await next?.release();
    expect(readFileSync(file, 'utf8')).toContain('theirs');
  });

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
    const held = await tryLock(dir, 'a', { kind: 'file' });
    expect(await tryLock(dir, 'a', { kind: 'file' })).toBeUndefined();
    await held?.release();
  });
});

/** A program that takes the lock in the same way and says so. It has no source of ours to import. */
function holder(stateDir: string, kind: LockKind | undefined): string {
  return kind === undefined && process.platform === 'linux'
    ? fileHolder(stateDir)
    : socketHolder(stateDir, kind);
}

function fileHolder(stateDir: string): string {
  return `
    const { createHash } = require('crypto'); const fs = require('fs'); const path = require('path');
    const folder = path.join(${JSON.stringify(stateDir)}, 'locks');
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, createHash('sha256').update('a').digest('hex').slice(0, 24) + '.lock');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const owner = {
      host: 'here', pid: process.pid, domain: 'none', token: String(process.pid),
      pidSpace: boot + ' ' + fs.readlinkSync('/proc/self/ns/pid'),
      started: fs.readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ')[19],
    };
    fs.writeFileSync(file, JSON.stringify(owner) + '\\n000000000\\n', { flag: 'wx' });
    setInterval(() => {}, 1000);
    console.log('held');
  `;
}

function socketHolder(stateDir: string, kind: LockKind | undefined): string {
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
