import { describe, expect, test } from '@jest/globals';
import { type NotifyPayload, parseNotifyPayload } from '../../../src/codex/notify-payload.js';
import { inTime, outOfTime } from '../../../src/commands/notify-hook/in-time.js';
import { announcementOf } from '../../../src/delivery/announced/announcement.js';
import { putAnnouncement } from '../../../src/delivery/store/inbox.js';
import { home } from '../../support/test-home.js';

/** What a hook says of its turn when its time is over before the work. */

function announced(): NotifyPayload {
  const thread = home.thread();
  const parsed = parseNotifyPayload(thread.payload(thread.turn()));
  if (parsed.kind !== 'turn') throw new Error(parsed.kind);
  return parsed.payload;
}

test('a turn whose announcement is kept is pending', () => {
  const payload = announced();
  putAnnouncement(home.stateDir, announcementOf(payload, {}));
  expect(outOfTime(home.run(), payload)).toEqual({ outcome: 'pending', detail: 'out of time' });
});

test('a turn of which nothing is kept is lost', () => {
  expect(outOfTime(home.run(), announced())).toEqual({
    outcome: 'lost',
    detail: 'out of time, and nothing keeps the turn',
  });
});

test('a turn that a server had answered for is what the answer says', () => {
  const payload = announced();
  const run = home.run();
  const { threadId, turnId = '' } = payload;
  run.report({ threadId, turnId, at: { file: threadId, start: 0 }, outcome: 'sent', ms: 1 });
  expect(outOfTime(run, payload)).toEqual({ outcome: 'sent' });
});

test('a turn of a thread that is known is pending, though no announcement is left', async () => {
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn()));
  const parsed = parseNotifyPayload(thread.payload(thread.turn()));
  if (parsed.kind !== 'turn') throw new Error(parsed.kind);
  expect(outOfTime(home.run(), parsed.payload)).toEqual({ outcome: 'pending', detail: 'out of time' });
});

test('of several answers for a turn the last one counts, and none that was for another turn or thread', () => {
  const payload = announced();
  const run = home.run();
  const { threadId, turnId = '' } = payload;
  const report = (outcome: 'sent' | 'rejected', more: object) =>
    run.report({ threadId, turnId, at: { file: threadId, start: 0 }, outcome, ms: 1, ...more });
  report('sent', { threadId: 'other' });
  report('sent', { turnId: 'other' });
  expect(outOfTime(run, payload).outcome).toBe('lost');
  report('sent', {});
  report('rejected', { detail: '413' });
  report('sent', { turnId: 'other' });
  expect(outOfTime(run, payload)).toEqual({ outcome: 'rejected', detail: '413' });
});

describe('a hook waits for its work', () => {
  const later = <T>(ms: number, value: T) =>
    new Promise<T>((resolve) => {
      setTimeout(() => resolve(value), ms);
    });
  const inMs = <T>(ms: number, work: Promise<T>) => inTime({ remainingMs: () => ms }, work);

  test('as long as it has time, but for a tenth of a second for its last words', async () => {
    expect(await inMs(400, later(250, 'done'))).toBe('done');
    expect(await inMs(60, later(100, 'done'))).toBeUndefined();
    expect(await inMs(60_000, Promise.resolve('done'))).toBe('done');
  });

  test('and leaves no timer behind that would keep the process', async () => {
    // Node 17.3; the type definitions of 18 lack it.
    const { getActiveResourcesInfo } = process as unknown as { getActiveResourcesInfo: () => string[] };
    const timers = () => getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await inMs(60_000, Promise.resolve('done'));
    expect(timers()).toBe(before);
  });
});
