import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { appendLog, appendTurn, type LogEntry, readLog } from '../../../src/delivery/store/journal.js';

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (thread: string): LogEntry => ({
  time: '2026-11-25T00:00:00.000Z',
  thread,
  ms: 1,
  outcome: 'sent',
});
const file = (name = 'hook.log') => path.join(folder, name);

describe('the log', () => {
  test('is one line an entry, for the user alone', () => {
    appendLog(folder, entry('a'));
    appendLog(folder, entry('b'));
    expect(readFileSync(file(), 'utf8')).toBe(
      `${JSON.stringify(entry('a'))}\n${JSON.stringify(entry('b'))}\n`,
    );
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readLog(folder)).toEqual([entry('a'), entry('b')]);
  });

  test('is read oldest first, the files before it included', () => {
    for (const [name, thread] of [
      ['hook.log', 'c'],
      ['hook.log.1', 'b'],
      ['hook.log.2', 'a'],
    ] as const)
      writeFileSync(file(name), `${JSON.stringify(entry(thread))}\n`);
    expect(readLog(folder).map(({ thread }) => thread)).toEqual(['a', 'b', 'c']);
  });

  test('is read without lines that are none of ours', () => {
    appendLog(folder, entry('a'));
    for (const line of [
      '{"time":"x"}',
      '{"outcome":"sent"}',
      '{"time":1,"outcome":"sent"}',
      'no JSON',
      '{"time":"x","outcome":1}',
    ])
      appendFileSync(file(), `${line}\n`);
    appendLog(folder, entry('b'));
    expect(readLog(folder).map(({ thread }) => thread)).toEqual(['a', 'b']);
  });

  test('is none where there is no folder, and nothing can be written there', () => {
    expect(readLog(path.join(folder, 'none'))).toEqual([]);
    writeFileSync(file('place'), '');
    expect(() => appendLog(file('place'), entry('a'))).not.toThrow();
  });

  test('begins anew when it is long, and keeps the two before', () => {
    for (const thread of ['a', 'b', 'c', 'd']) {
      appendFileSync(file(), `${'x'.repeat(2 * 1024 * 1024)}\n`);
      appendLog(folder, entry(thread));
    }
    expect(readdirSync(folder).sort()).toEqual(['hook.log', 'hook.log.1', 'hook.log.2']);
    expect(readLog(folder).map(({ thread }) => thread)).toEqual(['b', 'c', 'd']);
  });

  test('says of a turn that was not announced who tried it, and with what result', () => {
    const turn = { threadId: 't', outcome: 'pending', ms: 5 } as const;
    appendTurn(folder, { ...turn, turnId: 'u', detail: '503', isReduced: true }, 'sync');
    appendTurn(folder, turn, 'sync');
    const common = { time: expect.stringMatching(/^20\d\d-.*Z$/), thread: 't', outcome: 'pending', ms: 5 };
    expect(readLog(folder)).toStrictEqual([
      { ...common, turn: 'u', detail: 'sync: 503', isReduced: true },
      { ...common, detail: 'sync' },
    ]);
  });

  test('makes its folder, for the user alone', () => {
    const made = path.join(folder, 'a', 'b');
    appendLog(made, entry('a'));
    expect(readLog(made)).toEqual([entry('a')]);
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  test.each([
    [1024 * 1024, ['hook.log']],
    [1024 * 1024 + 1, ['hook.log', 'hook.log.1']],
  ])('of %i bytes goes on in %j', (size, files) => {
    writeFileSync(file(), 'x'.repeat(size));
    appendLog(folder, entry('a'));
    expect(readdirSync(folder).sort()).toEqual(files);
  });

  test('does not write where a link stands in its place', () => {
    writeFileSync(file('victim'), '');
    symlinkSync(file('victim'), file());
    appendLog(folder, entry('a'));
    expect(readFileSync(file('victim'), 'utf8')).toBe('');
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;

  onLinux('leaves no file open, however often it is written', () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 50; i++) appendLog(folder, entry('a'));
    expect(open()).toBeLessThan(before + 25);
  });
});
