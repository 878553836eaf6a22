import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkLive } from '../../../src/commands/status/check-live.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';
import { WATCH_LOCK } from '../../../src/commands/watch/leave-watcher.js';
import { type LiveRecord, saveLiveRecord } from '../../../src/delivery/store/live-records.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { findingText } from '../../../src/terminal/finding-texts.js';
import { DeliveryHome } from '../../support/delivery-home.js';

let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
});
afterEach(() => home.close());

const NOW = Date.parse('2026-11-28T12:00:00Z');

function shown(turnId: string, more: Partial<LiveRecord>): void {
  const record = { threadId: 't', turnId, file: 't', start: 0, cwd: '/', requests: 1, spans: 2, seenMs: NOW };
  saveLiveRecord(home.stateDir, { ...record, countsOnce: true, ...more });
}

async function words(settings: object): Promise<string[]> {
  const found = { kind: 'settings', settings: { trackingUri: home.receiver.url, ...settings } };
  const context = { settings: found, stateDir: home.stateDir, nowMs: NOW } as unknown as StatusContext;
  const findings = await checkLive(context);
  return findings.map((finding) => `${finding.level}: ${findingText(finding).text}`);
}

test('where live is off there is nothing to say', async () => {
  expect(await words({})).toEqual([]);
  expect(await words({ live: false })).toEqual([]);
});

test('whether a watcher is at work', async () => {
  expect(await words({ live: true })).toEqual([
    'info: Turns are shown while they go on ("live"): the next hook leaves a watcher behind',
  ]);
  const lock = await tryLock(home.stateDir, WATCH_LOCK);
  expect(await words({ live: true })).toEqual([
    'info: Turns are shown while they go on ("live"): a watcher is at work',
  ]);
  await lock?.release();
});

test('a Databricks workspace is said to take turns whole', async () => {
  expect(await words({ live: true, trackingUri: 'databricks' })).toEqual([
    'info: "live" is on; a Databricks workspace takes a turn whole, so nothing is shown before',
  ]);
});

test('turns that are shown, those that their watcher has left, and those that go once more', async () => {
  shown('a', {});
  shown('b', { seenMs: NOW - 3_600_000 });
  shown('c', { seenMs: NOW - 3_600_000 });
  shown('d', { unclearMs: NOW - 1000, whole: { atMs: NOW } });
  expect(await words({})).toEqual([
    'info: 1 turn shown while it goes on',
    'warning: 2 turns shown and not sent whole, with no watcher: MLflow says IN_PROGRESS of them',
    'info: 1 turn sent, and once more with the next hook: a live request had no clear answer',
  ]);
});
