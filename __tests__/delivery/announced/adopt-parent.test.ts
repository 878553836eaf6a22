import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { adoptParent } from '../../../src/delivery/announced/adopt-parent.js';
import { putAnnouncement, readAnnouncements } from '../../../src/delivery/store/inbox.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { home } from '../../support/test-home.js';

/** The turn above an announced agent's: its trace has no root without it. */

/** Makes a thread an agent's, whose turns belong to a turn of the parent. */
function makeAgent(child: ThreadFile, parent: ThreadFile, parentTurnId: string, kind = 'thread_spawn'): void {
  const source =
    kind === 'thread_spawn'
      ? { subagent: { thread_spawn: { parent_thread_id: parent.threadId, depth: 1 } } }
      : { subagent: kind };
  const parentId = `"parent_thread_id":"${parent.threadId}","source":${JSON.stringify(source)}`;
  const text = child
    .text()
    .replace('"source":"exec"', parentId)
    .replaceAll(/"root_turn_id":"[^"]+"/g, `"turn_attribution":{"parent_turn_id":"${parentTurnId}"}`);
  writeFileSync(child.path, text);
}

async function adopt(child: ThreadFile, turnId: string | undefined): Promise<void> {
  const run = home.run();
  const announced = { threadId: child.threadId, atMs: Date.now(), cwd: '/project', turnId };
  await adoptParent(run, announced as Parameters<typeof adoptParent>[1]);
  run.close();
}

const announcementsOf = ({ threadId }: ThreadFile) =>
  readAnnouncements(home.stateDir, threadId).map(({ announcement: { atMs, place, ...rest } }) => rest);

/** A parent with two turns, and the agent's one turn that belongs to the first. */
function family(kind?: string) {
  const [parent, child] = [home.thread(), home.thread()];
  const parentTurns = [parent.turn(), parent.turn()] as const;
  const turnId = child.turn();
  makeAgent(child, parent, parentTurns[0], kind);
  return { parent, child, parentTurns, turnId };
}

describe('the turn above an announced agent’s', () => {
  test.each(['thread_spawn', 'review'])('is sent, in the folder that was announced: of %s', async (kind) => {
    const { parent, child, parentTurns, turnId } = family(kind);
    await adopt(child, turnId);
    // From the agent's on, all of its thread is pending.
    expect(home.arrived()).toEqual(parentTurns);
    expect(home.state(parent.threadId)).toMatchObject({ cwd: '/project', turns: [], delivered: 2 });
    expect(announcementsOf(parent)).toEqual([]);
    expect(home.hasState(child.threadId)).toBe(false);
  });

  test('is announced by its own hook where its thread is known, and is no review’s', async () => {
    const { parent, child, turnId } = family();
    await home.hook(parent.payload(parent.turn()));
    const before = home.arrived();
    await adopt(child, turnId);
    expect(home.arrived()).toEqual(before);
  });

  test('is sent where its thread is known and it is a review’s: nothing else announces it', async () => {
    const { parent, child, parentTurns, turnId } = family('review');
    const third = parent.turn();
    await home.hook(parent.payload(third));
    await adopt(child, turnId);
    // With the thread's own turn goes the reviewer's.
    expect(home.arrived()).toEqual([third, turnId, parentTurns[0]]);
  });

  test('keeps the announcement of its own hook, which knows more', async () => {
    const { parent, child, parentTurns, turnId } = family();
    const { threadId } = parent;
    putAnnouncement(home.stateDir, { threadId, turnId: parentTurns[0], atMs: 1, client: 'an-editor' });
    await adopt(child, turnId);
    const [root] = home.receiver
      .spans()
      .filter(({ attributes }) => attributes['codex.turn.id'] === parentTurns[0]);
    expect(root?.attributes['codex.client']).toBe('an-editor');
  });

  test('is waited for where it goes on: it stays pending', async () => {
    const [parent, child] = [home.thread(Date.now()), home.thread(Date.now())];
    const running = parent.begin();
    const turnId = child.turn();
    makeAgent(child, parent, running);
    await adopt(child, turnId);
    expect(home.arrived()).toEqual([]);
    expect(home.turns(parent.threadId, 'enqueued')).toMatchObject([{ turnId: running }]);
  });
});

describe('no turn is looked for above', () => {
  test.each<[string, () => [ThreadFile, string | undefined]]>([
    ['one of the user’s', () => [home.thread(), 'x']],
    ['one whose id tells nothing', () => [family().child, '0']],
    ['one without an id', () => [family().child, undefined]],
    ['one that is not in its recording', () => [family().child, '01a21080-0000-7000-8000-00000000000f']],
    [
      'one that names no turn of its parent',
      () => {
        const { child, turnId } = family();
        writeFileSync(child.path, child.text().replaceAll(/"turn_attribution":\{[^}]+\}/g, '"x":1'));
        return [child, turnId];
      },
    ],
  ])('%s', async (_, scene) => {
    const [child, turnId] = scene();
    await adopt(child, turnId);
    expect(home.arrived()).toEqual([]);
    expect(home.hasStateDir()).toBe(false);
  });

  test('one of a thread that has no recording', async () => {
    const { child, turnId } = family();
    const run = home.run();
    await adoptParent(run, { threadId: `${child.threadId.slice(0, -1)}z`, turnId, atMs: 1, cwd: '/' });
    expect(home.hasStateDir()).toBe(false);
  });
});
