import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { namedRecording } from '../../src/codex/named-recording.js';
import { UserError } from '../../src/platform/problems/user-error.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => rmSync(home, { recursive: true }));

const threadId = (n: number) => `01a21080-0000-7000-8000-00000000000${n}`;

/** A recording with nothing but its first line. */
function put(
  id: string,
  more = '',
  folder = 'sessions/2026/11/25',
  timestamp = '2026-11-25T00:00:00.000Z',
): string {
  const dir = path.join(home, folder);
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, `rollout-2026-11-25T00-00-00-${id}${more}.jsonl`);
  writeFileSync(file, `${JSON.stringify({ timestamp, type: 'session_meta', payload: { id } })}\n`);
  return file;
}

const named = (name: string) => namedRecording(name, home, home);
async function refusal(name: string): Promise<UserError> {
  const error = await named(name).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error('it was found');
  return error;
}

describe('a thread that a person names', () => {
  test('is found by its id and by a beginning that no other has', async () => {
    const [first] = [put(threadId(1)), put(threadId(2))];
    const thread = { threadId: threadId(1), recordings: [{ key: threadId(1), path: first }] };
    expect(await named(threadId(1))).toEqual(thread);
    rmSync(put(threadId(2)));
    expect(await named('01a2')).toEqual(thread);
  });

  test('is asked for again where several begin so, the first five by name', async () => {
    for (const n of [1, 2, 3, 4, 5]) put(threadId(n));
    const five = await refusal('01a2');
    expect(five.message).toBe('5 threads begin with 01a2');
    expect(five.hint).toBe(`Name more of the id:\n${[1, 2, 3, 4, 5].map(threadId).join('\n')}`);
    for (const n of [6, 7]) put(threadId(n));
    const seven = await refusal('01a2');
    expect(seven.message).toBe('7 threads begin with 01a2');
    expect(seven.hint).toMatch(/0005\n… and 2 more$/);
  });

  test('that is not there is said so, with where to look', async () => {
    for (const name of ['none', threadId(9)]) {
      const error = await refusal(name);
      expect(error.message).toBe(`there is no recording of thread ${name} below ${home}`);
      expect(error.hint).toContain('CODEX_HOME');
    }
    expect((await refusal('no/such file')).message).toBe(`${path.join(home, 'no/such file')} is not a file`);
  });
});

describe('a file that a person names', () => {
  test('stands for its thread, with the thread’s other files, oldest first', async () => {
    const first = put(threadId(1));
    const second = put(threadId(1), `_${threadId(5)}`);
    const found = await named(second);
    expect(found.threadId).toBe(threadId(1));
    expect(found.recordings.map((recording) => recording.path)).toEqual([first, second]);
    expect(found.file?.path).toBe(second);
  });

  test('takes the place of the file of which it is a copy, whatever its name', async () => {
    const first = put(threadId(1));
    const second = put(threadId(1), `_${threadId(5)}`, 'sessions/2026/11/25', '2026-11-25T01:00:00.000Z');
    const copy = path.join(home, 'copy.jsonl');
    const text = {
      timestamp: '2026-11-25T01:00:00.000Z',
      type: 'session_meta',
      payload: { id: threadId(1) },
    };
    writeFileSync(copy, `${JSON.stringify(text)}\n`);
    const { recordings } = await named('copy.jsonl');
    expect(recordings.map((recording) => recording.path)).toEqual([first, copy]);
    expect(second).not.toBe(copy);
  });

  test('that is no recording is refused', async () => {
    writeFileSync(path.join(home, 'other.jsonl'), '{}\n');
    expect((await refusal('other.jsonl')).message).toContain('its first line is no session_meta');
  });
});
