import { expect, test } from '@jest/globals';
import { type NotifyPayload, parseNotifyPayload } from '../../../src/codex/notify-payload.js';
import { outOfTime } from '../../../src/commands/notify-hook/in-time.js';
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
