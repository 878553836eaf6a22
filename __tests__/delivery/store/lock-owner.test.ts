import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import {
  type LockOwner,
  lifeOf,
  ownerHere,
  parseOwner,
} from '../../../src/delivery/store/lock/lock-owner.js';
import { removeFolder } from '../../support/remove-folder.js';

const onLinux = process.platform === 'linux' ? test : test.skip;
const here = ownerHere('\0socket', 'x');

/** A folder like Linux's `/proc`, with as much as a test puts into it; empty: a system that has none. */
let proc: string;
beforeEach(async () => {
  proc = await makeTemporaryFolder();
});
afterEach(() => removeFolder(proc));

/** A process's line of `/proc/<pid>/stat`: see proc(5). It began at 4711. */
function putStat(pid: number, state: string, name = 'node'): void {
  mkdirSync(path.join(proc, String(pid)), { recursive: true });
  const before = Array.from({ length: 18 }, (_, index) => String(index + 100));
  writeFileSync(
    path.join(proc, `${pid}/stat`),
    `${pid} (${name}) ${[state, ...before].join(' ')} 4711 99 98\n`,
  );
}
/** What `/proc` tells of this process and its machine. */
function putSelf(): void {
  mkdirSync(path.join(proc, 'sys/kernel/random'), { recursive: true });
  writeFileSync(path.join(proc, 'sys/kernel/random/boot_id'), 'boot\n');
  mkdirSync(path.join(proc, 'self/ns'), { recursive: true });
  for (const space of ['pid', 'net', 'mnt']) symlinkSync(`${space}:[1]`, path.join(proc, 'self/ns', space));
  putStat(process.pid, 'R');
}

describe('this process as an owner', () => {
  const self = { host: hostname(), pid: process.pid, token: 'x' };
  const system = `${process.platform} ${hostname()}`;

  test.each([
    ['\0mlflow\0', 'boot net:[1] @mlflow@'],
    ['/tmp/mlflow', 'boot mnt:[1] /tmp/mlflow'],
    [undefined, 'none x'],
  ])('tells on Linux where its socket %j can be reached, and where its pid counts', (address, domain) => {
    putSelf();
    expect(ownerHere(address, 'x', proc)).toStrictEqual({
      ...self,
      domain,
      pidSpace: 'boot pid:[1]',
      started: '4711',
    });
  });

  test.each([
    ['\\\\.\\pipe\\mlflow', `${system}  \\\\.\\pipe\\mlflow`],
    ['/tmp/mlflow', `${system}  /tmp/mlflow`],
    [undefined, 'none x'],
  ])('tells elsewhere which machine the socket %j is on, and nothing of its pid', (address, domain) => {
    expect(ownerHere(address, 'x', proc)).toStrictEqual({ ...self, domain });
  });

  onLinux('is told so by the kernel', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    expect(here).toStrictEqual({
      ...self,
      domain: `${boot} ${readlinkSync('/proc/self/ns/net')} @socket`,
      pidSpace: `${boot} ${readlinkSync('/proc/self/ns/pid')}`,
      started: expect.stringMatching(/^\d+$/),
    });
  });

  test('is read again from the first line of its file', () => {
    expect(parseOwner(`${JSON.stringify(here)}\nmore`)).toStrictEqual(here);
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
      { pid: 'x', token, domain },
      { pid, token: '', domain },
      { pid, token, domain: '' },
    ])
      expect(parseOwner(JSON.stringify(half))).toBeUndefined();
    const little = { pid, token, domain };
    for (const more of [{}, { host: 5, pidSpace: 5, started: 5 }])
      expect(parseOwner(JSON.stringify({ ...little, ...more }))).toStrictEqual({ host: '', ...little });
  });
});

describe('an owner is dead', () => {
  const other = (more: Partial<LockOwner> = {}): LockOwner => ({ ...here, domain: 'elsewhere', ...more });
  const own: LockOwner = { host: 'h', pid: 1, domain: 'here', pidSpace: 'here', started: '1', token: 'own' };
  /** A pid that no process has: above the largest of Linux, macOS and Windows. */
  const NOBODY = 2 ** 30;

  test.each<[string, string, string | undefined, 'alive' | 'dead' | undefined]>([
    ['R', 'node', '4711', 'alive'],
    ['T', 'node', '4711', 'alive'],
    ['S', 'a) Z 5 (b', '4711', 'alive'],
    ['Z', 'node', '4711', 'dead'],
    ['Z', 'a) S 5 (b', '4711', 'dead'],
    ['R', 'node', '4712', 'dead'],
    ['R', 'node', '99', 'dead'],
    ['R', 'node', undefined, undefined],
    ['Z', 'node', undefined, undefined],
  ])(
    'or not, where its process is in state %s, is called %j and it began at %s: %s',
    (state, name, started, life) => {
      putStat(NOBODY, state, name);
      const { started: _, ...owner } = { ...own, pid: NOBODY, domain: 'elsewhere' };
      expect(lifeOf(started === undefined ? owner : { ...owner, started }, own, proc)).toBe(life);
    },
  );

  test('where nothing tells of its process and there is none; one that is there is not ended by the question', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const of = (pid: number) => lifeOf({ ...own, pid, domain: 'elsewhere' }, own, proc);
    expect([of(NOBODY), of(child.pid as number)]).toStrictEqual(['dead', undefined]);
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[1]).toBe('SIGTERM');
  });

  test('not because its file is cut off', () => {
    mkdirSync(path.join(proc, String(process.pid)));
    for (const text of ['', `${process.pid} (node) R 5 6`]) {
      writeFileSync(path.join(proc, `${process.pid}/stat`), text);
      expect(lifeOf({ ...own, pid: process.pid, domain: 'elsewhere' }, own, proc)).toBeUndefined();
    }
  });

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
