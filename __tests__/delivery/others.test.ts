import { existsSync, readdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { catchUp } from '../../src/delivery/pass/catch-up.js';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import type { RunOptions } from '../../src/delivery/run/delivery-run.js';
import { putAnnouncement } from '../../src/delivery/store/inbox.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { home } from '../support/test-home.js';

/** What a hook does for threads that are not its own. */

/** With so little time the exporter does not try again by itself. */
const SHORT = { requestTimeoutMs: 1000 };

async function hookOf(thread: ThreadFile, options: Partial<RunOptions> = {}): Promise<string> {
  const turn = thread.turn();
  await home.hook(thread.payload(turn), options);
  return turn;
}

const pending = () => readdirSync(path.join(home.stateDir, 'inbox'));

describe('after a long outage', () => {
  it('one hook sends what sixty threads have pending, those that waited longest first', async () => {
    home.sendTo('http://127.0.0.1:9');
    const turns: string[] = [];
    for (let i = 0; i < 60; i++) turns.push(await hookOf(home.thread(), SHORT));
    expect(pending()).toHaveLength(60);
    home.sendTo(home.receiver.url);
    const last = await hookOf(home.thread());
    expect(home.arrived()).toEqual([last, ...turns]);
    expect(pending()).toEqual([]);
  });

  it('a server that answers 503 ten times gets all eleven turns once, oldest first', async () => {
    const thread = home.thread();
    home.answer(503);
    const turns: string[] = [];
    for (let i = 0; i < 10; i++) {
      turns.push(thread.turn());
      await home.hook(thread.payload(turns.at(-1) ?? ''), SHORT);
    }
    home.receiver.answerWith({});
    turns.push(await hookOf(thread));
    expect(home.arrived()).toEqual(turns);
  });

  it('a server that stumbles is asked twice a hook, whatever is pending', async () => {
    home.answer(500);
    for (let i = 0; i < 5; i++) await hookOf(home.thread());
    const before = home.receiver.requests.length;
    await hookOf(home.thread());
    expect(home.receiver.requests.length - before).toBe(2);
  });
});

describe('threads that a server keeps failing over', () => {
  it('do not keep better ones waiting, hook after hook', async () => {
    const bad = home.thread();
    const badTurns = [bad.turn(), bad.turn(), bad.turn(), bad.turn()];
    home.receiver.answerWith((request) =>
      request.spans.some((span) => badTurns.includes(String(span.attributes['codex.turn.id'])))
        ? { status: 500 }
        : {},
    );
    for (let i = 0; i < 14; i++) await home.hook(bad.payload(badTurns[0] ?? ''));
    const good = home.thread();
    const first = await hookOf(good);
    const interrupted = good.turn('aborted');
    const quiet = Date.now() / 1000 - 60;
    utimesSync(good.path, quiet, quiet);
    const other = await hookOf(home.thread());
    expect(home.arrived()).toEqual([first, other, interrupted]);
    home.receiver.answerWith({});
    await hookOf(home.thread());
    for (const turn of badTurns) expect(home.arrived().filter((id) => id === turn)).toHaveLength(1);
  });
});

describe('a hook that finds a thread in another’s hands', () => {
  it.each(['another thread’s hook', 'sync'])(
    'leaves its turn to that one, also where it is %s',
    async (who) => {
      const thread = home.thread();
      const first = thread.turn();
      putAnnouncement(home.stateDir, {
        threadId: thread.threadId,
        turnId: first,
        atMs: Date.now(),
        cwd: '/',
      });
      let second = '';
      let meanwhile: Promise<unknown> | undefined;
      home.receiver.answerWith((_, n) => {
        // While the first turn is under way its thread goes on, and announces.
        if (n === 0) {
          second = thread.turn();
          meanwhile = home.hook(thread.payload(second));
        }
        return n === 0 ? { delayMs: 300 } : {};
      });
      const run = home.run();
      if (who === 'sync') await drainThread(run, thread.threadId);
      else await catchUp(run, 'another');
      run.close();
      expect(await meanwhile).toMatchObject({
        outcome: 'pending',
        detail: 'left to another hook at work on this thread',
      });
      expect(home.arrived()).toEqual([first, second]);
      expect(readdirSync(path.join(home.stateDir, 'inbox'))).toEqual([]);
    },
  );
});

describe('clocks that were put back', () => {
  it('keep no unannounced turn back: its recording is of the future', async () => {
    const thread = home.thread();
    const first = await hookOf(thread);
    const interrupted = thread.turn('aborted');
    const future = Date.now() / 1000 + 86_400;
    utimesSync(thread.path, future, future);
    const other = await hookOf(home.thread());
    expect(home.arrived()).toEqual([first, other, interrupted]);
  });

  it('keep no dead turn back: its last line is of the future, its recording is not', async () => {
    const thread = home.thread(Date.now() + 30 * 86_400_000);
    const turn = thread.begin();
    const then = Date.now() / 1000 - 3600;
    utimesSync(thread.path, then, then);
    await home.hook(thread.payload(turn));
    expect(home.arrived()).toEqual([turn]);
    expect(home.receiver.spans()[0]?.attributes['codex.turn.outcome']).toBe('incomplete');
  });
});

describe('Retry-After', () => {
  it('holds a server for all its experiments, and no other server', async () => {
    const elsewhere = await startOtlpReceiver();
    home.answer(429, { 'retry-after': '120' });
    const turn = await hookOf(home.thread());
    home.receiver.answerWith({});
    const env = { MLFLOW_EXPERIMENT_ID: '7' };
    const before = home.receiver.requests.length;
    const thread = home.thread();
    expect(await home.hook(thread.payload(thread.turn()), { env })).toMatchObject({
      detail: 'the server asked to wait',
    });
    expect(home.receiver.requests).toHaveLength(before);
    const other = home.thread();
    await home.hook(other.payload(other.turn()), { env: { MLFLOW_TRACKING_URI: elsewhere.url } });
    expect(elsewhere.spans().length).toBeGreaterThan(0);
    expect(home.arrived()).not.toContain(turn);
    await elsewhere.close();
  });
});

describe('a thread’s mark', () => {
  it('is there while its hook is at work, so that one that is killed is found', async () => {
    const thread = home.thread();
    const mark = path.join(home.stateDir, 'inbox', `${thread.threadId}.pending.json`);
    let during = false;
    home.receiver.answerWith(() => {
      during = existsSync(mark);
      return {};
    });
    await hookOf(thread);
    expect(during).toBe(true);
    expect(existsSync(mark)).toBe(false);
  });
});
