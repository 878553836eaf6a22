import { utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Choice, type ChosenThread, chooseThreads } from '../../../src/commands/sync/choose-threads.js';
import { putAnnouncement } from '../../../src/delivery/store/inbox.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { home } from '../../support/test-home.js';

const DAY_MS = 86_400_000;
const choose = (choice: Partial<Choice> = {}) =>
  chooseThreads(home.run(), { named: [], cwd: home.codexHome, all: false, ...choice });
const whole = ({ threadId }: ThreadFile): ChosenThread => ({ threadId, whole: true });

/** A thread of a turn, last written to some days ago. */
function recorded(days = 0): ThreadFile {
  const thread = home.thread(Date.now() - days * DAY_MS - 60_000);
  thread.turn();
  const seconds = Math.floor((Date.now() - days * DAY_MS) / 1000);
  utimesSync(thread.path, seconds, seconds);
  return thread;
}

/** A thread that a hook has sent a turn of. */
async function known(cwd?: string): Promise<ThreadFile> {
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn(), cwd === undefined ? {} : { cwd }));
  return thread;
}

/** A thread that Codex began for another one. */
function childOf(parentId: string): ThreadFile {
  const child = home.thread();
  const source = { subagent: { thread_spawn: { parent_thread_id: parentId, depth: 1 } } };
  writeFileSync(child.path, child.text().replace('"source":"exec"', `"source":${JSON.stringify(source)}`));
  child.turn();
  return child;
}

describe('sync is about', () => {
  it('the threads and files that are named, in that order, whole', async () => {
    const [first, second] = [recorded(), recorded()];
    expect(await choose({ named: [second.threadId, first.path], all: true })).toStrictEqual(
      [second, first].map((thread) => ({
        ...whole(thread),
        threadId: thread.threadId,
        recordings: [{ key: thread.threadId, path: thread.path }],
      })),
    );
  });

  it('without a name what is known, and what is young and was told to nobody, oldest first', async () => {
    recorded(4);
    const young = recorded(1);
    const announced = recorded(4);
    const told = await known();
    putAnnouncement(home.stateDir, { threadId: announced.threadId, turnId: 'u', atMs: 1 });
    expect(await choose()).toStrictEqual([
      { threadId: announced.threadId, whole: false },
      whole(young),
      { threadId: told.threadId, whole: false },
    ]);
  });

  it('of a young thread’s children those of a known one, to be sent where that one goes', async () => {
    const parent = await known(home.codexHome);
    const child = childOf(parent.threadId);
    childOf(recorded(4).threadId);
    const chosen = await choose();
    const cwd = home.state(parent.threadId).cwd;
    expect(cwd).toBeDefined();
    expect(chosen).toStrictEqual([
      { threadId: parent.threadId, whole: false },
      { threadId: child.threadId, whole: true, cwd },
    ]);
  });

  it('with --all every one, whole, oldest first', async () => {
    const threads = [recorded(9), recorded(4), await known()];
    expect(await choose({ all: true })).toStrictEqual(threads.map(whole));
  });

  it('with --since those that were written to since then, to the moment', async () => {
    recorded(9);
    const [edge, young] = [recorded(4), recorded(1)];
    const sinceMs = Math.floor((Date.now() - 4 * DAY_MS) / 1000) * 1000;
    utimesSync(edge.path, sinceMs / 1000, sinceMs / 1000);
    expect(await choose({ sinceMs })).toStrictEqual([edge, young].map(whole));
    expect(await choose({ sinceMs: sinceMs + 1 })).toStrictEqual([whole(young)]);
  });
});
