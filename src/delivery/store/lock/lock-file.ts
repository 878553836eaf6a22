import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LockOwner, lifeOf, ownerHere, parseOwner } from './lock-owner.js';
import { holdingText, SignsOfLife } from './signs-of-life.js';

/** How long things take, in ms; shorter in tests. */
export interface LockTimes {
  /** Between two signs of life of a holder. */
  readonly renewMs: number;
  /** A last sign of life so long ago makes a holder suspect. */
  readonly staleMs: number;
  /** So long a suspect is watched: it is clearly dead where it gives no sign meanwhile. */
  readonly watchMs: number;
  /** After taking a dead holder's file over: until others that judged it dead as well have shown themselves. */
  readonly settleMs: number;
}

export const LOCK_TIMES: LockTimes = { renewMs: 3000, staleMs: 30_000, watchMs: 8000, settleMs: 250 };

/** A lock file that this process holds. */
export interface LockFile {
  /** Whether it still does: a machine that slept may have been taken for dead. */
  isHeld(): boolean;
  release(): Promise<void>;
}

/**
 * Takes a lock file that nobody has, for a process that holds no socket beside it: where any other of its
 * pid space can tell from the file alone, and at once, whether it lives (Linux). Whoever finds the file there
 * goes the other way, by `tryLockFile`.
 * @returns undefined where the file is there, or where that cannot be told
 */
export function tryFreeLockFile(
  file: string,
  times: LockTimes = LOCK_TIMES,
  own: LockOwner = ownerHere(undefined, newToken()),
): LockFile | undefined {
  if (own.pidSpace === undefined || own.started === undefined) return undefined;
  const mine = `${file}.${own.token}`;
  try {
    makeMine(mine, own);
    return isLinked(file, mine, own) ? hold(file, own, times) : undefined;
  } catch {
    return undefined;
  } finally {
    remove(mine);
  }
}

function newToken(): string {
  return randomBytes(12).toString('hex');
}

function makeMine(mine: string, own: LockOwner): void {
  mkdirSync(path.dirname(mine), { recursive: true, mode: 0o700 });
  writeFileSync(mine, holdingText(own, 0), { flag: 'wx', mode: 0o600 });
}

/**
 * Takes a lock file, which holds between machines and containers that share the folder (NFS, SMB, a
 * bind mount); the socket beside it holds only within one. It appears whole, by link(2), names its
 * holder, and is written again while it is held. A dead holder's file is replaced by rename(2): there
 * is never a moment without one, and of several that do so at once the last one has it.
 *
 * No two clocks are compared: a holder's last sign of life and now are both times of the file system,
 * and before a holder counts as dead it is watched for a while.
 * @param address of the socket that this process holds beside it; absent where it has none
 * @returns `taken` where another process has it, `none` where the folder takes no such file
 */
export async function tryLockFile(
  file: string,
  address: string | undefined,
  times: LockTimes = LOCK_TIMES,
): Promise<LockFile | 'taken' | 'none'> {
  const own = ownerHere(address, newToken());
  const mine = `${file}.${own.token}`;
  try {
    makeMine(mine, own);
    return (await take(file, mine, own, times)) ? hold(file, own, times) : 'taken';
  } catch {
    return 'none';
  } finally {
    remove(mine);
  }
}

/** Puts the file that is `mine` in the lock's place, where that is free or a dead holder's. */
async function take(file: string, mine: string, own: LockOwner, times: LockTimes): Promise<boolean> {
  // It can be released between one look and the next.
  for (let tries = 0; tries < 3; tries++) {
    if (isPut(file, mine, own)) return true;
    const found = textOf(file);
    if (found === undefined) continue;
    return (await isDead(file, found, own, times)) && (await takeOver(file, mine, found, own, times));
  }
  return false;
}

/** @returns undefined where the file system has no hard links */
function isLinked(file: string, mine: string, own: LockOwner, link = linkSync): boolean | undefined {
  try {
    link(mine, file);
    return true;
  } catch (error) {
    // A server that answered twice (NFS) has done it the first time.
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? isOf(file, own) : undefined;
  }
}

/**
 * Puts the file that is `mine` in the place of the lock's, where none is there.
 * @param link for tests: as on a file system without hard links
 */
export function isPut(file: string, mine: string, own: LockOwner, link = linkSync): boolean {
  const linked = isLinked(file, mine, own, link);
  if (linked !== undefined) return linked;
  try {
    // A file system without hard links: whole only a moment later, which a kill can prevent.
    copyFileSync(mine, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isDead(file: string, found: string, own: LockOwner, times: LockTimes): Promise<boolean> {
  const owner = parseOwner(found);
  const life = owner && lifeOf(owner, own);
  return life === 'dead' || (life !== 'alive' && (await isSilent(file, found, times)));
}

/** Whether a holder has given no sign of life for long, and gives none while it is watched. */
async function isSilent(file: string, found: string, { staleMs, watchMs }: LockTimes): Promise<boolean> {
  const ageMs = ageOf(file);
  if (ageMs === undefined || ageMs < staleMs) return false;
  const sign = signOf(file);
  await sleep(watchMs);
  return textOf(file) === found && signOf(file) === sign;
}

/** Replaces the file of a dead holder. @returns whether it is ours now */
async function takeOver(
  file: string,
  mine: string,
  found: string,
  own: LockOwner,
  { settleMs, staleMs }: LockTimes,
): Promise<boolean> {
  sweep(path.dirname(file), statSync(mine).mtimeMs - staleMs);
  // Another process may have been faster, and lives.
  if (textOf(file) !== found) return false;
  renameSync(mine, file);
  await sleep(settleMs);
  return isOf(file, own);
}

/** Takes away what processes left that were killed while they took a lock. */
function sweep(folder: string, beforeMs: number): void {
  for (const name of readdirSync(folder)) {
    const rest = path.join(folder, name);
    if (!name.includes('.lock.')) continue;
    const found = statSync(rest, { throwIfNoEntry: false });
    if (found && found.mtimeMs < beforeMs) remove(rest);
  }
}

function hold(file: string, own: LockOwner, { renewMs }: LockTimes): LockFile {
  let renewing: Promise<unknown> = Promise.resolve();
  const signs = new SignsOfLife(file, own);
  const timer = setInterval(() => {
    renewing = renewing.then(() => signs.give()).catch(() => {});
  }, renewMs);
  timer.unref();
  return {
    isHeld: () => isOf(file, own),
    release: async () => {
      clearInterval(timer);
      await renewing;
      // An open file that is removed leaves another one on NFS until it is closed.
      await signs.close();
      if (isOf(file, own)) remove(file);
    },
  };
}

function isOf(file: string, { token }: LockOwner): boolean {
  return parseOwner(textOf(file) ?? '')?.token === token;
}

/** How long ago a file was written, in ms, by the clock of its file system; undefined where that cannot be told. */
function ageOf(file: string): number | undefined {
  const probe = `${file}.now-${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(probe, '', { flag: 'wx', mode: 0o600 });
    return statSync(probe).mtimeMs - statSync(file).mtimeMs;
  } catch {
    return undefined;
  } finally {
    remove(probe);
  }
}

/** Tells one writing of a file from another. */
function signOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found && `${found.ino} ${found.mtimeNs}`;
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It is gone, or the folder is no folder, or takes no changes.
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
