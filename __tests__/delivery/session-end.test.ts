import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readAnnouncements } from '../../src/delivery/store/inbox.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { home } from '../support/test-home.js';

/** Codex's SessionEnd names no turn: what neither `notify` nor Stop told of is sent then. */

const ended = (thread: ThreadFile, more: object = {}) =>
  JSON.stringify({
    type: 'session-end',
    'thread-id': thread.threadId,
    cwd: home.codexHome,
    'transcript-path': thread.path,
    ...more,
  });
const leftOf = (thread: ThreadFile) => readAnnouncements(home.stateDir, thread.threadId);

describe('the end of a session', () => {
  it.each(['failed', 'aborted'] as const)('sends a thread’s only turn, which %s', async (how) => {
    const thread = home.thread();
    const turn = thread.turn(how);
    expect(await home.hook(ended(thread))).toMatchObject({ outcome: 'ignored' });
    expect(home.arrived()).toEqual([turn]);
    expect(leftOf(thread)).toEqual([]);
  });

  it('sends what came after the last turn of a known thread, each once', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await home.hook(thread.payload(first));
    const rest = [thread.turn('failed'), thread.turn('aborted')];
    await home.hook(ended(thread));
    await home.hook(ended(thread));
    expect(home.arrived()).toEqual([first, ...rest]);
    expect(home.state(thread.threadId).turns).toEqual([]);
  });

  it('leaves a thread’s past alone: of one that nothing is known of, only the turns that no hook told of', async () => {
    const thread = home.thread();
    thread.turn('failed');
    thread.turn();
    const untold = [thread.turn('aborted'), thread.turn('failed')];
    await home.hook(ended(thread));
    expect(home.arrived()).toEqual(untold);
  });

  it('sends nothing, and leaves nothing behind, where the last turn ended well: its own hook tells of it', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await home.hook(ended(thread))).toMatchObject({ outcome: 'ignored' });
    expect(home.arrived()).toEqual([]);
    expect(home.hasState(thread.threadId)).toBe(false);
    expect(leftOf(thread)).toEqual([]);
    await home.hook(thread.payload(turn));
    expect(home.arrived()).toEqual([turn]);
  });

  it('sends the last turn of a resumed thread with its run’s tags, where it comes before the turn’s own hook', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    const turn = thread.turn();
    const env = { MLFLOW_CODEX_TAGS: 'job=7' };
    await home.hook(ended(thread), { env });
    await home.hook(thread.payload(turn), { env });
    expect(home.arrived().filter((id) => id === turn)).toEqual([turn]);
    expect(tagOf(turn)).toBe('7');
  });

  it('owes what no server takes, and the next hook sends it', async () => {
    home.answer(401);
    const thread = home.thread();
    const turn = thread.turn('failed');
    expect(await home.hook(ended(thread))).toMatchObject({ outcome: 'pending' });
    home.answer(200);
    const other = home.thread();
    const next = other.turn();
    await home.hook(other.payload(next));
    expect(home.arrived().sort()).toEqual([turn, next].sort());
  });

  it('finds the turns of a rewound thread in its newest file', async () => {
    const thread = home.thread();
    thread.turn();
    thread.rewind();
    const turn = thread.turn('failed');
    await home.hook(ended(thread));
    expect(home.arrived()).toEqual([turn]);
  });

  it('is nothing in a folder that is not traced, nor where there is no recording', async () => {
    const thread = home.thread();
    thread.turn('failed');
    expect(await home.hook(ended(thread, { 'transcript-path': '/no/such/file.jsonl' }))).toMatchObject({
      outcome: 'ignored',
    });
    const off = path.join(home.codexHome, 'off');
    mkdirSync(path.join(off, '.codex'), { recursive: true });
    writeFileSync(path.join(off, '.codex', 'mlflow-tracing.json'), '{"enabled": false}');
    expect(await home.hook(ended(thread, { cwd: off }))).toMatchObject({ outcome: 'disabled' });
    expect(home.arrived()).toEqual([]);
    expect(home.hasStateDir()).toBe(false);
  });
});

function tagOf(turnId: string): unknown {
  const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === turnId);
  return root?.attributes['mlflow.traceTag.job'];
}
