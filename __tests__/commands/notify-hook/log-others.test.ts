import { expect, test } from '@jest/globals';
import { logOthers } from '../../../src/commands/notify-hook/log-others.js';
import type { TurnReport } from '../../../src/delivery/run/turn-report.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { home } from '../../support/test-home.js';

const report = (threadId: string, turnId?: string): TurnReport => ({
  threadId,
  ...(turnId !== undefined && { turnId }),
  at: { file: threadId, start: 0 },
  outcome: 'sent',
  ms: 1,
});
const REPORTS = [
  report('own', 'u1'),
  report('own', 'u2'),
  report('own'),
  report('other', 'u1'),
  report('other', 'v'),
];

test.each([
  ['its own turn', { threadId: 'own', turnId: 'u1' }, ['own u2', 'own ', 'other u1', 'other v']],
  // Codex up to 0.80 tells no turn's id: which of the thread's turns was meant, its line says.
  ['one of its thread, "0",', { threadId: 'own', turnId: '0' }, ['other u1', 'other v']],
  ['one of its thread', { threadId: 'own' }, ['other u1', 'other v']],
])('a hook that was told of %s has a line for each other turn', (_, payload, lines) => {
  logOthers(home.stateDir, payload, REPORTS);
  const logged = readLog(home.stateDir);
  expect(logged.map(({ thread, turn = '' }) => `${thread} ${turn}`)).toEqual(lines);
  expect(new Set(logged.map(({ detail }) => detail))).toEqual(new Set(['caught up with by another turn']));
});

test('a hook of a session’s end has a line for every turn, also for the one that it names', () => {
  logOthers(home.stateDir, { threadId: 'own', turnId: 'u1', isSessionEnd: true }, REPORTS);
  const logged = readLog(home.stateDir);
  expect(logged).toHaveLength(REPORTS.length);
  expect(new Set(logged.map(({ detail }) => detail))).toEqual(new Set(['when the session ended']));
});
