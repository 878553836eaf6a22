import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { home } from '../support/test-home.js';

test('a hook that was taken for dead while it slept sends and writes no more: another machine has gone on', async () => {
  const thread = home.thread();
  const turns = [thread.turn(), thread.turn(), thread.turn()];
  const stateFile = path.join(home.stateDir, 'threads', `${thread.threadId}.json`);
  let written = '';
  home.receiver.answerWith(() => {
    const locks = path.join(home.stateDir, 'locks');
    for (const name of readdirSync(locks)) {
      writeFileSync(path.join(locks, name), '{"token":"other","domain":"another machine","pid":1}\n');
    }
    written = readFileSync(stateFile, 'utf8');
    return {};
  });
  await home.hook(thread.payload(turns[0] ?? ''));
  expect(home.receiver.requests).toHaveLength(1);
  expect(readFileSync(stateFile, 'utf8')).toBe(written);
  // The other machine has its lock as before; once that is gone, all goes on.
  const locks = path.join(home.stateDir, 'locks');
  expect(readdirSync(locks)).toHaveLength(1);
  rmSync(locks, { recursive: true });
  home.receiver.answerWith({});
  await home.hook(thread.payload(turns[2] ?? ''));
  expect([...new Set(home.arrived())]).toEqual(turns);
});
