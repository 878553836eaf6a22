import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import { home } from '../support/test-home.js';

/** Turns whose recording, or whose state, is not there to be read when they are announced. */

const prompt = { 'input-messages': ['a prompt'], 'last-assistant-message': 'an answer' };

/** What the hook's process writes down of a turn. */
function logSent(thread: string, turn: string): void {
  const entry = { time: new Date().toISOString(), thread, turn, outcome: 'sent', ms: 1 };
  mkdirSync(home.stateDir, { recursive: true });
  writeFileSync(path.join(home.stateDir, 'hook.log'), `${JSON.stringify(entry)}\n`);
}

/** What `sync --all` does with a thread. */
async function sync(threadId: string): Promise<unknown> {
  const run = home.run();
  try {
    return await drainThread(run, threadId, { whole: true });
  } finally {
    run.close();
  }
}

/** Puts a folder aside. @returns brings it back */
function putAside(folder: string): () => void {
  renameSync(folder, `${folder}-aside`);
  return () => renameSync(`${folder}-aside`, folder);
}

describe('a turn whose recordings cannot be looked for', () => {
  it.each([
    ['the sessions folder', ['sessions']],
    ['the folder of the year', ['sessions', 'YEAR']],
  ])('waits while a file is in the place of %s, and is sent once', async (_, parts) => {
    const thread = home.thread();
    const year = path.relative(home.codexHome, thread.path).split(path.sep)[1] ?? '';
    const hidden = path.join(home.codexHome, ...parts.map((part) => part.replace('YEAR', year)));
    const turn = thread.turn();
    const bringBack = putAside(hidden);
    writeFileSync(hidden, '');
    expect(await home.hook(thread.payload(turn, prompt))).toEqual({
      outcome: 'pending',
      detail: `${hidden} cannot be read (ENOTDIR)`,
    });
    expect(home.arrived()).toEqual([]);
    expect(await sync(thread.threadId)).toMatchObject({ kind: 'failed', file: hidden });
    renameSync(hidden, `${hidden}-file`);
    bringBack();
    const later = home.thread();
    const next = later.turn();
    await home.hook(later.payload(next));
    expect(home.arrived().sort()).toEqual([turn, next].sort());
  });

  it('is an ephemeral one where there are no sessions at all', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    putAside(path.join(home.codexHome, 'sessions'));
    expect(await home.hook(thread.payload(turn, prompt))).toMatchObject({
      outcome: 'sent',
      detail: expect.stringContaining('--ephemeral'),
    });
  });
});

describe('a turn that the log names as sent', () => {
  it('is not sent again with its recording, where it was sent from its announcement', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    const bringBack = putAside(path.join(home.codexHome, 'sessions'));
    expect(await home.hook(thread.payload(turn, prompt))).toMatchObject({ outcome: 'sent' });
    logSent(thread.threadId, turn);
    bringBack();
    expect(await sync(thread.threadId)).toMatchObject({ kind: 'drained', sent: 0 });
    const next = thread.turn();
    expect(await home.hook(thread.payload(next))).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual([turn, next]);
  });

  it('is sent once, ephemeral and announced twice', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    putAside(path.join(home.codexHome, 'sessions'));
    await home.hook(thread.payload(turn, prompt));
    logSent(thread.threadId, turn);
    expect(await home.hook(thread.payload(turn, prompt))).toEqual({ outcome: 'sent', detail: 'sent before' });
    expect(home.arrived()).toEqual([turn]);
  });

  it('is not sent again where its thread’s state is gone, and what came before it is not either', async () => {
    const thread = home.thread();
    thread.turn();
    const turn = thread.turn();
    await home.hook(thread.payload(turn));
    logSent(thread.threadId, turn);
    renameSync(path.join(home.stateDir, 'threads'), path.join(home.stateDir, 'aside'));
    expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent', detail: 'sent before' });
    expect(home.arrived()).toEqual([turn]);
  });

  it('says nothing of another thread, which begins with its announced turn', async () => {
    const [sent, thread] = [home.thread(), home.thread()];
    logSent(sent.threadId, sent.turn());
    thread.turn();
    const turn = thread.turn();
    expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual([turn]);
  });
});
