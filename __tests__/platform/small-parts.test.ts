import { describe, expect, test } from '@jest/globals';
import { repositoryUrl } from '../../src/platform/files/repository.js';
import { once } from '../../src/platform/once.js';
import { poll } from '../../src/platform/poll.js';
import { currentUser } from '../../src/platform/process/current-user.js';
import { keepHeapLean, keepYoungHeapSmall } from '../../src/platform/process/lean-heap.js';
import { PACKAGE_NAME, packageVersion } from '../../src/platform/process/package-version.js';
import { sha256 } from '../../src/platform/sha256.js';

describe('a question that is asked again and again', () => {
  const inAnHour = () => Date.now() + 3_600_000;

  test('has the first answer that there is', async () => {
    const answers = [undefined, undefined, 0, 1];
    expect(await poll(async () => answers.shift(), { everyMs: 1, untilMs: inAnHour() })).toBe(0);
    expect(answers).toEqual([1]);
  });

  test('is asked once where the time is over, and may have its answer then', async () => {
    let asked = 0;
    const ask = (answer?: string) => async () => {
      asked += 1;
      return answer;
    };
    expect(await poll(ask(), { everyMs: 1, untilMs: 0 })).toBeUndefined();
    expect(await poll(ask('now'), { everyMs: 1, untilMs: 0 })).toBe('now');
    expect(asked).toBe(2);
  });
});

test('what is made once is made when it is first asked for, though it may be nothing', () => {
  let made = 0;
  const ask = once<undefined>(() => {
    made += 1;
    return undefined;
  });
  expect(made).toBe(0);
  expect([ask(), ask()]).toEqual([undefined, undefined]);
  expect(made).toBe(1);
});

test('the digest of a text is that of its UTF-8', () => {
  // printf 'é' | sha256sum
  expect(sha256('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
});

describe('the user', () => {
  const withoutEntry = () => {
    throw new Error('no entry for this uid');
  };

  test.each([
    [{ USER: 'ada', USERNAME: 'bob' }, 'ada'],
    [{ USERNAME: 'bob' }, 'bob'],
    [{}, 'unknown'],
  ])('is, where the system knows no name, by %j', (env, expected) => {
    expect(currentUser(env, withoutEntry)).toBe(expected);
  });

  test('is whom the system names, whatever a variable says', () => {
    expect(currentUser({ USER: 'bob' }, () => ({ username: 'ada' }))).toBe('ada');
    expect(currentUser({ USER: 'nobody of this name' })).not.toBe('nobody of this name');
  });
});

test('V8 is told once of each thing, however often it is asked for', () => {
  const told: string[] = [];
  const tell = (flag: string) => void told.push(flag);
  for (const keep of [keepHeapLean, keepYoungHeapSmall, keepHeapLean, keepYoungHeapSmall]) keep(tell);
  expect(told).toEqual(['--heap-growing-percent=33', '--semi-space-growth-factor=1']);
});

test('the bundler puts in our version and our pages; the sources have others of their own', () => {
  expect([PACKAGE_NAME, packageVersion(), repositoryUrl()]).toEqual([
    '@mlflow/codex',
    '0.0.0',
    'https://example.org/mlflow-codex',
  ]);
  Object.assign(globalThis, { PACKAGE_VERSION: '1.2.3', REPOSITORY_URL: 'https://x.test/y' });
  try {
    expect([packageVersion(), repositoryUrl()]).toEqual(['1.2.3', 'https://x.test/y']);
  } finally {
    for (const name of ['PACKAGE_VERSION', 'REPOSITORY_URL']) Reflect.deleteProperty(globalThis, name);
  }
});
