import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { home } from '../support/test-home.js';

/** A thread of many turns that are sent in one pass: what its state's file says between two answers. */

const TURNS = 20;

const stateFile = (thread: ThreadFile) => path.join(home.stateDir, 'threads', `${thread.threadId}.json`);

async function sendAll(thread: ThreadFile): Promise<unknown> {
  const run = home.run({ deadlineMs: Number.POSITIVE_INFINITY });
  try {
    return await drainThread(run, thread.threadId, { whole: true });
  } finally {
    run.close();
  }
}

/** Sends all turns. @returns what the file held when each request came, as a kill at that moment would leave it */
async function textsAtRequests(thread: ThreadFile): Promise<string[]> {
  const texts: string[] = [];
  home.receiver.answerWith(() => {
    texts.push(readFileSync(stateFile(thread), 'utf8'));
    return {};
  });
  expect(await sendAll(thread)).toMatchObject({ kind: 'drained', sent: TURNS });
  home.receiver.answerWith({});
  return texts;
}

describe('a pass of many turns', () => {
  let thread: ThreadFile;
  let turns: string[];
  let texts: string[];
  /** Sends again what a process left that was killed with such a state. @returns the turns that came */
  const sentAfter = async (text: string) => {
    writeFileSync(stateFile(thread), text);
    const before = home.arrived().length;
    await sendAll(thread);
    return home.arrived().slice(before);
  };

  it('remembers each turn before the next one is sent, and leaves its state in one piece', async () => {
    thread = home.thread();
    turns = Array.from({ length: TURNS }, () => thread.turn());
    texts = await textsAtRequests(thread);
    expect(texts.at(-1)?.split('\n')).toHaveLength(TURNS - 1);
    expect(JSON.parse(readFileSync(stateFile(thread), 'utf8'))).toMatchObject({
      delivered: TURNS,
      turns: [],
    });
    for (const sent of [0, 1, 2, 3, TURNS - 1])
      expect(await sentAfter(texts[sent] ?? '')).toEqual(turns.slice(sent));
  });

  it('that was killed while it wrote goes on from what it had written before', async () => {
    thread = home.thread();
    turns = Array.from({ length: TURNS }, () => thread.turn());
    texts = await textsAtRequests(thread);
    const [text = ''] = texts.slice(10, 11);
    for (const missing of [1, 20, 200]) {
      expect(await sentAfter(text.slice(0, -missing))).toEqual(turns.slice(9));
      expect(JSON.parse(readFileSync(stateFile(thread), 'utf8'))).toMatchObject({ delivered: TURNS });
    }
  });

  it('goes on with a new file where its own was taken away', async () => {
    thread = home.thread();
    turns = Array.from({ length: 5 }, () => thread.turn());
    home.receiver.answerWith(() => {
      rmSync(stateFile(thread));
      return {};
    });
    await sendAll(thread);
    expect(home.arrived()).toEqual(turns);
    expect(home.state(thread.threadId)).toMatchObject({ delivered: 5, turns: [] });
  });
});
