import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { type LockFile, tryLockFile } from '../../../src/delivery/store/lock/lock-file.js';
import { type LockOwner, ownerHere } from '../../../src/delivery/store/lock/lock-owner.js';

const TIMES = { renewMs: 20, staleMs: 60_000, watchMs: 100, settleMs: 20 };

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await makeTemporaryFolder();
  file = path.join(dir, 'locks', 'a.lock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A holder of another machine, as it would have written its file. */
function elsewhere(more: Partial<LockOwner> = {}): void {
  const owner: LockOwner = {
    host: 'elsewhere',
    pid: process.pid,
    domain: 'another boot, another namespace',
    pidSpace: 'another boot, another pid namespace',
    token: 'of the other',
    ...more,
  };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(owner)}\n000000000\n`);
}

/** Lets the last sign of life be so long ago, by the clock of the file system. */
function ageBy(ms: number): void {
  const then = statSync(file).mtimeMs - ms;
  utimesSync(file, then / 1000, then / 1000);
}

async function held(lock: Promise<LockFile | 'taken' | 'none'>): Promise<LockFile> {
  const got = await lock;
  if (typeof got === 'string') throw new Error(got);
  return got;
}

describe('the file of a lock', () => {
  it('is held by one, says by whom, and is gone afterwards with all beside it', async () => {
    const lock = await held(tryLockFile(file, 'mine', TIMES));
    expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '')).toMatchObject({ pid: process.pid });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(lock.isHeld()).toBe(true);
    expect(await tryLockFile(file, 'another', TIMES)).toBe('taken');
    await lock.release();
    expect(readdirSync(path.dirname(file))).toEqual([]);
    await (await held(tryLockFile(file, 'another', TIMES))).release();
  });

  it('is not to be had where the folder takes no files', async () => {
    writeFileSync(path.join(dir, 'locks'), '');
    expect(await tryLockFile(file, 'mine', TIMES)).toBe('none');
  });
});

describe('a holder on another machine', () => {
  it('that has given a sign of life of late keeps its lock', async () => {
    elsewhere();
    ageBy(TIMES.staleMs - 30_000);
    expect(await tryLockFile(file, 'mine', TIMES)).toBe('taken');
  });

  it('that has been silent for long, and still is, loses it', async () => {
    elsewhere();
    ageBy(TIMES.staleMs + 1000);
    const lock = await held(tryLockFile(file, 'mine', TIMES));
    expect(lock.isHeld()).toBe(true);
    await lock.release();
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  it('whose clock is minutes behind is watched, and keeps its lock by a sign of life', async () => {
    elsewhere();
    ageBy(5 * 60_000);
    const asked = tryLockFile(file, 'mine', TIMES);
    await sleep(TIMES.watchMs / 2);
    writeFileSync(file, readFileSync(file, 'utf8').replace('000000000', '000000001'));
    ageBy(5 * 60_000);
    expect(await asked).toBe('taken');
  });

  it('whose clock is minutes ahead is waited for that much longer, and no more', async () => {
    elsewhere();
    ageBy(-3 * 60_000);
    expect(await tryLockFile(file, 'mine', TIMES)).toBe('taken');
    ageBy(3 * 60_000 + TIMES.staleMs + 1000);
    await (await held(tryLockFile(file, 'mine', TIMES))).release();
  });

  it('that was killed before it had written anything loses it in the same way', async () => {
    elsewhere();
    writeFileSync(file, '');
    expect(await tryLockFile(file, 'mine', TIMES)).toBe('taken');
    ageBy(TIMES.staleMs + 1000);
    await (await held(tryLockFile(file, 'mine', TIMES))).release();
  });

  it('loses it to one alone of many machines that find it dead at once', async () => {
    for (let round = 0; round < 10; round++) {
      elsewhere();
      ageBy(TIMES.staleMs + 1000);
      const asked = Array.from({ length: 12 }, (_, i) => tryLockFile(file, `machine ${i}`, TIMES));
      const got = (await Promise.all(asked)).filter((lock): lock is LockFile => typeof lock === 'object');
      expect(got.map((lock) => lock.isHeld())).toEqual([true]);
      await got[0]?.release();
    }
  });

  it('that was taken for dead and comes back finds out, and leaves the lock to its new holder', async () => {
    const lock = await held(tryLockFile(file, 'mine', { ...TIMES, renewMs: 1_000_000 }));
    elsewhere();
    expect(lock.isHeld()).toBe(false);
    await lock.release();
    expect(readFileSync(file, 'utf8')).toContain('of the other');
  });
});

describe('a holder', () => {
  it('gives signs of life as long as it has the lock, so that nobody takes it for dead', async () => {
    const lock = await held(tryLockFile(file, 'mine', TIMES));
    ageBy(TIMES.staleMs + 1000);
    expect(await tryLockFile(file, 'another', { ...TIMES, staleMs: 0, watchMs: 1000 })).toBe('taken');
    expect(lock.isHeld()).toBe(true);
    await lock.release();
  });

  it('gives none in the file of another', async () => {
    const lock = await held(tryLockFile(file, 'mine', TIMES));
    elsewhere();
    const before = readFileSync(file, 'utf8');
    await sleep(5 * TIMES.renewMs);
    expect(readFileSync(file, 'utf8')).toBe(before);
    await lock.release();
  });

  it('whose socket is free is dead, though another process has its pid', async () => {
    elsewhere({ domain: ownerHere('mine', '').domain });
    await (await held(tryLockFile(file, 'mine', TIMES))).release();
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('in another network of this machine is dead as soon as its process is', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const { pidSpace = '' } = ownerHere('', '');
    const started = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
    elsewhere({ pid: child.pid ?? 0, pidSpace, started });
    expect(await tryLockFile(file, 'mine', TIMES)).toBe('taken');
    child.kill('SIGKILL');
    await once(child, 'close');
    await (await held(tryLockFile(file, 'mine', TIMES))).release();
  });

  onLinux('is dead where a later process has its pid', async () => {
    const { pidSpace = '' } = ownerHere('', '');
    elsewhere({ pidSpace, started: '1' });
    await (await held(tryLockFile(file, 'mine', TIMES))).release();
  });
});
