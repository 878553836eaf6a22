import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { drainApart, drainThread } from '../../src/delivery/pass/drain-thread.js';
import { JoinedDelivery } from '../../src/delivery/pass/joined-delivery.js';
import { TurnDelivery } from '../../src/delivery/pass/turn-delivery.js';
import { CodexRecording } from '../../src/delivery/recording/codex-recording.js';
import { oneTurnOf } from '../../src/delivery/recording/one-turn.js';
import type { ThreadRecording } from '../../src/delivery/recording/recording-port.js';
import type { TurnReport } from '../../src/delivery/run/turn-report.js';
import { MemoryStore } from '../../src/delivery/store/thread-store.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { home } from '../support/test-home.js';

/** Small turns of a thread that `sync` sends together. */

const reports: TurnReport[] = [];

function joining(options: Parameters<typeof home.run>[0] = {}) {
  reports.length = 0;
  return home.run({
    deadlineMs: Number.POSITIVE_INFINITY,
    deliveryOf: (run, state) => new JoinedDelivery(run, state),
    onTurn: (report) => reports.push(report),
    ...options,
  });
}

async function send(thread: ThreadFile, options: Parameters<typeof home.run>[0] = {}) {
  const run = joining(options);
  try {
    return await drainThread(run, thread.threadId, { whole: true });
  } finally {
    run.close();
  }
}

const turnsOf = (thread: ThreadFile, count: number) => Array.from({ length: count }, () => thread.turn());
const turnIdOf = (attributes: { readonly [key: string]: unknown }) => attributes['codex.turn.id'];
/** The turns that each request held, whatever it was answered. */
const requests = () =>
  home.receiver.requests.map(({ spans }) => spans.map((span) => turnIdOf(span.attributes)).filter(Boolean));

describe('small turns of a thread', () => {
  it('go together, up to twenty in one request, each a trace of its own and each told of', async () => {
    const thread = home.thread();
    const turns = turnsOf(thread, 45);
    expect(await send(thread)).toMatchObject({ kind: 'drained', sent: 45 });
    expect(requests()).toEqual([turns.slice(0, 20), turns.slice(20, 40), turns.slice(40)]);
    expect(new Set(home.receiver.spans().map(({ traceId }) => traceId)).size).toBe(45);
    expect(home.state(thread.threadId)).toMatchObject({ delivered: 45, turns: [] });
    expect(reports.map(({ turnId, outcome }) => [turnId, outcome])).toEqual(
      turns.map((turn) => [turn, 'sent']),
    );
    await send(thread);
    expect(requests()).toHaveLength(3);
  });

  it('are the same spans as one by one', async () => {
    const thread = home.thread();
    turnsOf(thread, 3);
    await send(thread);
    const joined = home.receiver.spans();
    rmSync(path.join(home.stateDir, 'threads'), { recursive: true });
    await send(thread, { deliveryOf: (run, state) => new TurnDelivery(run, state) });
    expect(requests()).toHaveLength(4);
    expect(home.receiver.spans().slice(joined.length)).toEqual(joined);
  });

  it('go each by itself where the request of all is refused: the one that is meant is set aside', async () => {
    const thread = home.thread();
    const turns = turnsOf(thread, 6);
    home.receiver.answerWith(({ spans }) =>
      spans.some((span) => turnIdOf(span.attributes) === turns[2]) ? { status: 422 } : {},
    );
    expect(await send(thread)).toMatchObject({ sent: 5, rejected: 1 });
    expect(home.arrived()).toEqual(turns.filter((turn) => turn !== turns[2]));
    expect(home.turns(thread.threadId, 'rejected')).toMatchObject([{ turnId: turns[2] }]);
  });

  it.each([
    [503, 2],
    [401, 2],
    [429, 2],
  ])('stay pending with %d, after %d requests at most, and come once later', async (status, most) => {
    const thread = home.thread();
    const turns = turnsOf(thread, 6);
    home.answer(status);
    expect(await send(thread)).toMatchObject({ sent: 0, pending: expect.stringContaining(String(status)) });
    expect(home.receiver.requests.length).toBeLessThanOrEqual(most);
    home.receiver.answerWith({});
    expect(await send(thread)).toMatchObject({ sent: 6 });
    expect(home.arrived()).toEqual(turns);
  });

  it('wait for none that is large, goes elsewhere or is still going on', async () => {
    const thread = home.thread();
    const small = turnsOf(thread, 2);
    const large = thread.turn('complete', 100_000);
    const after = turnsOf(thread, 2);
    const elsewhere = path.join(home.codexHome, 'not', 'traced');
    home.sendTo(home.receiver.url, { experimentId: '0', exclude: [elsewhere] });
    thread.turnIn(elsewhere);
    const last = turnsOf(thread, 2);
    thread.begin();
    expect(await send(thread, { abandonedMs: 3_600_000 })).toMatchObject({ sent: 7, isLive: true });
    expect(requests()).toEqual([small, [large], after, last]);
  });

  it('are not passed over with one among them that is', async () => {
    const thread = home.thread();
    const turns = turnsOf(thread, 5);
    home.answer(401);
    await send(thread);
    const state = home.state(thread.threadId);
    const { recording } = CodexRecording.find(home.codexHome, thread.threadId);
    const third = await recording?.turnById(turns[2] ?? '');
    if (!third) throw new Error('no such turn');
    const skipped = { file: third.file, start: third.start, status: 'skipped' };
    const file = path.join(home.stateDir, 'threads', `${thread.threadId}.json`);
    writeFileSync(file, JSON.stringify({ ...state, turns: [skipped] }));
    await send(thread);
    home.receiver.answerWith({});
    await send(thread);
    expect(home.arrived()).toEqual(turns.filter((turn) => turn !== turns[2]));
  });

  it('are sent up to a place that cannot be read', async () => {
    const thread = home.thread();
    const turns = turnsOf(thread, 4);
    const { recording: whole } = CodexRecording.find(home.codexHome, thread.threadId);
    if (!whole) throw new Error('no recording');
    const broken: ThreadRecording = {
      ...oneTurnOf(whole, { file: '', start: 0 }),
      locate: (announced, state) => whole.locate(announced, state),
      async *turns(cursorIn: Parameters<ThreadRecording['turns']>[0]) {
        let left = 3;
        for await (const turn of whole.turns(cursorIn)) {
          if (left-- === 0) throw Object.assign(new Error('read'), { code: 'EIO' });
          yield turn;
        }
      },
    };
    const run = joining();
    const mail = [
      { file: '', announcement: { threadId: thread.threadId, turnId: turns[0], cwd: home.codexHome } },
    ] as never;
    await drainApart(run, { recording: broken, store: new MemoryStore(), mail });
    run.close();
    expect(home.arrived()).toEqual(turns.slice(0, 3));
  });

  it('of another version of Codex are no part of the same request', async () => {
    const thread = home.thread();
    const turns = turnsOf(thread, 2);
    thread.rewind();
    writeFileSync(thread.path, thread.text().replace('0.169.0', '0.170.0'));
    turns.push(...turnsOf(thread, 2));
    await send(thread);
    expect(requests()).toEqual([turns.slice(0, 2), turns.slice(2)]);
  });
});
