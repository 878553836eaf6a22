import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  isPut,
  LOCK_TIMES,
  type LockFile,
  tryFreeLockFile,
  tryLockFile,
} from '../../../src/delivery/store/lock/lock-file.js';
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

it('a holder gives a sign every 3 s, is suspect after 30 s without one, and is watched for 8 s', () => {
  expect(LOCK_TIMES).toStrictEqual({ renewMs: 3000, staleMs: 30_000, watchMs: 8000, settleMs: 250 });
});

describe('a lock that nobody has', () => {
  const own: LockOwner = { host: 'h', pid: 1, domain: 'none', pidSpace: 's', started: '5', token: 'own' };
  const folder = () => readdirSync(path.dirname(file));

  it('is had by a file alone, for the user alone, that names its holder', async () => {
    const lock = tryFreeLockFile(file, TIMES, own);
    expect(lock?.isHeld()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(own)}\n000000000\n`);
    expect([statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(folder()).toEqual(['a.lock']);
    await lock?.release();
    expect(folder()).toEqual([]);
  });

  it('is had with a name drawn for this holding alone', async () => {
    const tokens: string[] = [];
    for (let round = 0; round < 2; round++) {
      const lock = await held(tryLockFile(file, 'mine', TIMES));
      tokens.push(JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '').token);
      await lock.release();
    }
    expect(tokens).toEqual([
      expect.stringMatching(/^[0-9a-f]{24}$/),
      expect.stringMatching(/^[0-9a-f]{24}$/),
    ]);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it('is not had so where somebody has it, whoever that is', () => {
    elsewhere();
    const before = readFileSync(file, 'utf8');
    expect(tryFreeLockFile(file, TIMES, own)).toBeUndefined();
    expect([readFileSync(file, 'utf8'), folder()]).toEqual([before, ['a.lock']]);
  });

  it('is had where a server that was asked twice (NFS) has made the file the first time', async () => {
    elsewhere(own);
    const lock = tryFreeLockFile(file, TIMES, own);
    expect(lock?.isHeld()).toBe(true);
    await lock?.release();
    expect(folder()).toEqual([]);
  });

  it.each([['pidSpace'], ['started']])('is not had so where others could not tell: no %s', (field) => {
    const { [field as 'started']: _, ...less } = own;
    expect(tryFreeLockFile(file, TIMES, less)).toBeUndefined();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is not to be had where the folder takes no files', () => {
    writeFileSync(path.join(dir, 'locks'), '');
    expect(tryFreeLockFile(file, TIMES, own)).toBeUndefined();
  });

  it('is had by a copy where the file system has no hard links', () => {
    mkdirSync(path.dirname(file));
    const mine = path.join(dir, 'mine');
    writeFileSync(mine, 'mine');
    const asOnFat = () => {
      throw Object.assign(new Error('no links'), { code: 'EPERM' });
    };
    expect(isPut(file, mine, own, asOnFat)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    writeFileSync(mine, 'later');
    expect(isPut(file, mine, own, asOnFat)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    rmSync(mine);
    expect(() => isPut(file, mine, own, asOnFat)).toThrow(/ENOENT/);
  });

  it('counts as taken where something stands in its place that is no file to be read', async () => {
    mkdirSync(path.dirname(file));
    symlinkSync(path.join(dir, 'nowhere'), file);
    expect(await tryLockFile(file, 'mine', TIMES)).toBe('taken');
    expect(folder()).toEqual(['a.lock']);
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

  it.each<[string, (text: string, then: number) => void]>([
    [
      'another time of the file',
      (text, then) => {
        writeFileSync(file, text);
        utimesSync(file, then + 1, then + 1);
      },
    ],
    [
      'another text at the same time',
      (text, then) => {
        writeFileSync(file, text.replace('000000000', '000000001'));
        utimesSync(file, then, then);
      },
    ],
  ])('that gives a sign while it is watched keeps its lock: %s', async (_, give) => {
    elsewhere();
    const then = Math.floor(Date.now() / 1000) - 3600;
    utimesSync(file, then, then);
    const asked = tryLockFile(file, 'mine', TIMES);
    await sleep(TIMES.watchMs / 2);
    give(readFileSync(file, 'utf8'), then);
    expect(await asked).toBe('taken');
    expect(readdirSync(path.dirname(file))).toEqual(['a.lock']);
  });

  it('that is dead takes with it what others left that were killed while they took a lock', async () => {
    elsewhere({ domain: ownerHere('mine', '').domain });
    const beside = (name: string, agoMs: number) => {
      const rest = path.join(path.dirname(file), name);
      writeFileSync(rest, '');
      const then = (Date.now() - agoMs) / 1000;
      utimesSync(rest, then, then);
    };
    beside('b.lock.old', TIMES.staleMs + 5000);
    beside('b.lock.young', TIMES.staleMs - 30_000);
    beside('b.lock', TIMES.staleMs + 5000);
    beside('notes', TIMES.staleMs + 5000);
    const lock = await held(tryLockFile(file, 'mine', TIMES));
    expect(readdirSync(path.dirname(file)).sort()).toEqual(['a.lock', 'b.lock', 'b.lock.young', 'notes']);
    await lock.release();
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
