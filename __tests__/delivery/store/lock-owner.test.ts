import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import {
  type LockOwner,
  lifeOf,
  ownerHere,
  parseOwner,
} from '../../../src/delivery/store/lock/lock-owner.js';

const onLinux = process.platform === 'linux' ? test : test.skip;
const here = ownerHere('\0socket', 'x');

describe('this process as an owner', () => {
  test('tells who it is, and where its socket and its pid count', () => {
    expect(here).toMatchObject({ host: hostname(), pid: process.pid, token: 'x' });
    expect(here.domain).toMatch(/@socket$/);
    expect(here.domain).not.toContain('\0');
  });

  onLinux('shares pids with all of its container, and a socket only where it can be reached', () => {
    const file = ownerHere('/tmp/socket', 'x');
    expect(file.domain).toContain('mnt:[');
    expect(here.domain).toContain('net:[');
    expect([here.pidSpace, here.started]).toEqual([file.pidSpace, file.started]);
    expect(here.pidSpace).toContain('pid:[');
    expect(here.started).toMatch(/^\d+$/);
  });

  test('without a socket has a domain of its own', () => {
    expect(ownerHere(undefined, 'x').domain).not.toBe(ownerHere(undefined, 'y').domain);
  });

  test('is read again from the first line of its file', () => {
    expect(parseOwner(`${JSON.stringify(here)}\nmore`)).toEqual(here);
  });
});

describe('a lock file', () => {
  test.each(['', '{', 'null', '[]', '{}'])('with %j names nobody', (text) => {
    expect(parseOwner(text)).toBeUndefined();
  });

  test('names nobody without pid, token or socket', () => {
    const { pid, token, domain } = here;
    for (const half of [
      { pid, token },
      { pid, domain },
      { token, domain },
    ])
      expect(parseOwner(JSON.stringify(half))).toBeUndefined();
    expect(parseOwner(JSON.stringify({ pid, token, domain }))).toEqual({ host: '', pid, token, domain });
  });
});

describe('an owner is dead', () => {
  const other = (more: Partial<LockOwner> = {}): LockOwner => ({ ...here, domain: 'elsewhere', ...more });

  test('where we hold the socket that it would hold', () => {
    expect(lifeOf(here, here)).toBe('dead');
    expect(lifeOf({ ...here, pid: process.pid, pidSpace: 'x' }, here)).toBe('dead');
  });

  onLinux('where its process is none of those that can be seen', () => {
    expect(lifeOf(other({ pid: 2 ** 30 }), here)).toBe('dead');
    expect(lifeOf(other(), here)).toBe('alive');
  });

  onLinux('where its pid is another process’s by now', () => {
    expect(lifeOf(other({ started: '1' }), here)).toBe('dead');
  });

  test('not where its pid means nothing here', () => {
    for (const pidSpace of [undefined, 'another container'])
      expect(lifeOf({ ...other({ pid: 2 ** 30 }), pidSpace } as LockOwner, here)).toBeUndefined();
    const unseen = { ...here, pidSpace: undefined } as unknown as LockOwner;
    expect(lifeOf({ ...unseen, domain: 'elsewhere', pid: 2 ** 30 }, unseen)).toBeUndefined();
  });

  onLinux('where its process has ended and nobody has asked for it', async () => {
    // The shell becomes a program that does not ask for its children.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const pid = await new Promise<number>((resolve) => {
        parent.stdout.once('data', (told) => resolve(Number(String(told))));
      });
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      await waitFor('its end', () => stat()[0] === 'Z');
      expect(lifeOf(other({ pid, started: stat()[19] as string }), here)).toBe('dead');
    } finally {
      parent.kill();
    }
  });
});
