import path from 'node:path';
import { expect, test } from '@jest/globals';
import { homeOfRecording } from '../../../src/commands/show/home-of-recording.js';

test.each([
  ['/home/ada/.codex/sessions/2026/11/28/rollout-x.jsonl', '/home/ada/.codex'],
  ['/home/ada/.codex/archived_sessions/rollout-x.jsonl', '/home/ada/.codex'],
  ['sessions/2026/11/28/rollout-x.jsonl', process.cwd()],
  ['/home/ada/.codex/sessions/2026/11/rollout-x.jsonl', undefined],
  ['/home/ada/.codex/sessions/2026/11/28/more/rollout-x.jsonl', undefined],
  ['/home/ada/Downloads/rollout-x.jsonl', undefined],
  ['/rollout-x.jsonl', undefined],
])('a recording at %s lies in the home %s', (file, home) => {
  expect(homeOfRecording(file)).toBe(home && path.resolve(home));
});
