import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  addressOf,
  clearDead,
  lockKey,
  lockKind,
  tryLockSocket,
} from '../../../src/delivery/store/lock/lock-socket.js';
import { removeFolder } from '../../support/remove-folder.js';

let dir: string;
beforeEach(async () => {
  dir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(dir));

const NAME = '0123456789abcdef0123456789abcdef';

describe('a lock’s socket is named', () => {
  test.each([
    ['win32', '1.44.0', 'pipe'],
    ['linux', '1.46.0', 'abstract'],
    ['linux', '1.48.0', 'abstract'],
    ['linux', '2.0.0', 'abstract'],
    ['linux', '1.45.9', 'file'],
    ['linux', '0.50.0', 'file'],
    ['linux', '', 'file'],
    ['darwin', '1.48.0', 'file'],
    ['freebsd', '2.0.0', 'file'],
  ])('on %s with libuv %s by its kind: %s', (platform, uv, kind) => {
    expect(lockKind(platform, uv)).toBe(kind);
  });

  test('where the kernel has names of its own, in as many bytes as there may be on Linux', () => {
    expect(addressOf('pipe', '/home', NAME)).toBe(`\\\\.\\pipe\\mlflow-codex-${NAME}`);
    const address = addressOf('abstract', '/home', NAME);
    expect(address).toBe(`\0mlflow-codex-${NAME}${'-'.repeat(62)}`);
    expect(Buffer.byteLength(address)).toBe(108);
  });

  test('else by a file of our folder, or of the system’s where its path would be longer than 100 bytes', () => {
    const short = NAME.slice(0, 24);
    const room = 100 - '/locks/'.length - 24;
    const folder = `/${'ä'.repeat((room - 1) / 2)}`;
    expect(Buffer.byteLength(folder)).toBe(room);
    expect(addressOf('file', folder, NAME)).toBe(`${folder}/locks/${short}`);
    expect(addressOf('file', `${folder}x`, NAME)).toBe(path.join(tmpdir(), `mlflow-codex-${short}`));
  });
});

describe('the secret of a folder', () => {
  const key = () => path.join(dir, 'state', 'lock.key');

  test('is drawn once, for the user alone', () => {
    const secret = lockKey(path.join(dir, 'state'));
    expect(secret).toMatch(/^[0-9a-f]{32}$/);
    expect(lockKey(path.join(dir, 'state'))).toBe(secret);
    expect(lockKey(path.join(dir, 'other'))).not.toBe(secret);
    expect(readFileSync(key(), 'utf8')).toBe(secret);
    expect([statSync(key()).mode & 0o777, statSync(path.dirname(key())).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(readdirSync(path.dirname(key()))).toEqual(['lock.key']);
  });

  test('is the one that is there', () => {
    mkdirSync(path.dirname(key()));
    writeFileSync(key(), 'secret');
    expect(lockKey(path.dirname(key()))).toBe('secret');
    expect(readFileSync(key(), 'utf8')).toBe('secret');
  });

  test('is the folder’s name where it takes no files, or holds half a one', () => {
    const folder = path.join(dir, 'state');
    writeFileSync(folder, '');
    expect(lockKey(folder)).toBe(folder);
    unlinkSync(folder);
    mkdirSync(folder);
    writeFileSync(key(), '');
    expect(lockKey(folder)).toBe(folder);
    expect(readdirSync(folder)).toEqual(['lock.key']);
  });
});

/** On macOS, and with Node 18 on Linux. */
describe('a socket that is a file', () => {
  let listening: Server | undefined;
  afterEach(() => void listening?.close());
  const file = () => path.join(dir, 'socket');
  const listenAt = (address: string) =>
    new Promise<void>((resolve) => {
      listening = createServer((socket) => socket.destroy()).listen(address, resolve);
    });
  const addressIn = (folder: string) =>
    path.join(folder, 'locks', readdirSync(path.join(folder, 'locks'))[0] ?? '');

  test('is had by one at a time, in a folder for the user alone, and is gone with its holder', async () => {
    const held = await tryLockSocket(dir, 'a', 'file');
    expect(held?.address).toBe(addressIn(dir));
    expect(statSync(path.join(dir, 'locks')).mode & 0o777).toBe(0o700);
    expect(await tryLockSocket(dir, 'a', 'file')).toBeUndefined();
    const other = await tryLockSocket(dir, 'b', 'file');
    expect(other?.address).not.toBe(held?.address);
    for (const lock of [held, other]) await lock?.release();
    const again = await tryLockSocket(dir, 'a', 'file');
    expect(again?.address).toBe(held?.address);
    await again?.release();
  });

  test('is taken away where nobody listens', async () => {
    const held = await tryLockSocket(dir, 'a', 'file');
    await held?.release();
    writeFileSync(held?.address ?? '', '');
    const again = await tryLockSocket(dir, 'a', 'file');
    expect(again?.address).toBe(held?.address);
    expect(await tryLockSocket(dir, 'a', 'file')).toBeUndefined();
    await again?.release();
  });

  test('stays where somebody listens', async () => {
    await listenAt(file());
    expect(await clearDead(file())).toBe(false);
    expect(readdirSync(dir)).toEqual(['socket']);
  });

  test('stays where another one came in its place meanwhile', async () => {
    writeFileSync(file(), 'first');
    const cleared = clearDead(file());
    unlinkSync(file());
    writeFileSync(file(), 'second');
    expect(await cleared).toBe(false);
    expect(readFileSync(file(), 'utf8')).toBe('second');
  });

  test('that nobody listens at is gone afterwards; one that cannot be taken away is not', async () => {
    writeFileSync(file(), '');
    expect(await clearDead(file())).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
    mkdirSync(file());
    expect(await clearDead(file())).toBe(false);
    rmSync(file(), { recursive: true });
    expect(await clearDead(file())).toBe(false);
  });

  test('cannot be had where its folder is none', async () => {
    writeFileSync(path.join(dir, 'locks'), '');
    await expect(tryLockSocket(dir, 'a', 'file')).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
