import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { whatIsLeft } from '../../../src/delivery/announced/deliver-session-end.js';
import type { HookOutcome } from '../../../src/delivery/announced/hook-outcome.js';
import type { ThreadOutcome } from '../../../src/delivery/run/thread-outcome.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { drainedThread } from '../../support/drained-thread.js';
import { home } from '../../support/test-home.js';

/** What the log says of a session's end. */

const ended = (thread: ThreadFile, more: object = {}) =>
  JSON.stringify({
    type: 'session-end',
    'thread-id': thread.threadId,
    cwd: home.codexHome,
    'transcript-path': thread.path,
    ...more,
  });

describe('of the end of a session the log says', () => {
  const drained = drainedThread({ isLive: true });
  const nothing = { outcome: 'ignored', detail: 'nothing is pending' } as const;

  test.each<[ThreadOutcome, HookOutcome]>([
    [drained, nothing],
    [
      { ...drained, pending: '503' },
      { outcome: 'pending', detail: '503' },
    ],
    [
      { kind: 'not saved', reason: 'read-only' },
      { outcome: 'pending', detail: 'read-only' },
    ],
    [
      { kind: 'failed', reason: 'EIO' },
      { outcome: 'problem', detail: 'EIO' },
    ],
    [{ kind: 'busy' }, { outcome: 'ignored', detail: 'left to another hook at work on this thread' }],
    [{ kind: 'unannounced' }, nothing],
    [{ kind: 'segment', threadId: 'x' }, nothing],
    [{ kind: 'no recording' }, nothing],
    [{ kind: 'elsewhere', hasPending: true }, nothing],
    [{ kind: 'skipped', why: 'untraced', reason: 'r', hasPending: true }, nothing],
  ])('%j: %j', (outcome, expected) => {
    expect(whatIsLeft(outcome)).toEqual(expected);
  });

  test('why nothing is sent from its folder', async () => {
    const off = path.join(home.codexHome, 'off');
    const config = path.join(off, '.codex', 'mlflow-tracing.json');
    mkdirSync(path.dirname(config), { recursive: true });
    writeFileSync(config, '{"enabled": false}');
    expect(await home.hook(ended(home.thread(), { cwd: off }))).toEqual({
      outcome: 'disabled',
      detail: config,
    });
  });

  test('that it has no recording', async () => {
    expect(await home.hook(ended(home.thread(), { 'transcript-path': undefined }))).toEqual({
      outcome: 'ignored',
      detail: 'the session has no recording',
    });
    expect(home.hasStateDir()).toBe(false);
  });

  test('that our folder cannot be written, and nothing is sent', async () => {
    const thread = home.thread();
    thread.turn('failed');
    writeFileSync(home.stateDir, '');
    expect(await home.hook(ended(thread))).toEqual({
      outcome: 'problem',
      detail: 'the state folder cannot be written',
    });
    expect(home.arrived()).toEqual([]);
  });

  test('what is sent, by the settings of the folder that the session was in', async () => {
    const thread = home.thread();
    const turn = thread.turn('failed');
    const project = path.join(home.codexHome, 'project');
    mkdirSync(path.join(project, '.codex'), { recursive: true });
    writeFileSync(
      path.join(project, '.codex', 'mlflow-tracing.json'),
      JSON.stringify({ experimentId: '7', trackingUri: home.receiver.url }),
    );
    expect(await home.hook(ended(thread, { cwd: project }))).toEqual(nothing);
    expect(home.arrived()).toEqual([turn]);
    expect(home.state(thread.threadId).cwd).toBe(project);
  });
});
