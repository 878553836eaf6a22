import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findChildThreads } from '../../../src/codex/family/find-children.js';
import { findParent } from '../../../src/codex/family/find-parent.js';

/** Threads of 2026-11-25, by the time in their ids (UUIDv7). */
const hour = 60 * 60 * 1000;
const dayMs = Date.parse('2026-11-25T12:00:00Z');
const id = (ms: number, n = 1) => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`;
};
const parent = id(dayMs);

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-children-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A recording with this first line, last written at a time. */
function recording(
  threadId: string,
  meta: object,
  more: { writtenMs?: number; folder?: string; lines?: object[] },
) {
  const folder = path.join(home, more.folder ?? 'sessions/2026/11/25');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `rollout-2026-11-25T12-00-00-${threadId}.jsonl`);
  const lines = [{ type: 'session_meta', payload: { id: threadId, ...meta } }, ...(more.lines ?? [])];
  writeFileSync(
    file,
    lines.map((line) => `${JSON.stringify({ timestamp: '2026-11-25T12:00:00Z', ...line })}\n`).join(''),
  );
  const seconds = (more.writtenMs ?? dayMs + hour) / 1000;
  utimesSync(file, seconds, seconds);
}

const guardian = { parent_thread_id: parent, source: { subagent: { other: 'guardian' } } };

describe('the children of a thread', () => {
  test('are those that name it, with their kind, oldest first', async () => {
    recording(parent, {}, {});
    recording(id(dayMs + 3, 3), { parent_thread_id: parent, source: { subagent: 'compact' } }, {});
    recording(id(dayMs + 2, 2), guardian, {});
    recording(id(dayMs + 4, 4), { parent_thread_id: id(dayMs + 2, 2), source: { subagent: 'compact' } }, {});
    recording(id(dayMs + 5, 5), {}, {});
    expect(await findChildThreads(home, parent, 0)).toEqual([
      { threadId: id(dayMs + 2, 2), kind: 'guardian' },
      { threadId: id(dayMs + 3, 3), kind: 'compact' },
    ]);
  });

  test('lie in the folders of later days and in the archive, too', async () => {
    recording(id(dayMs + 20 * hour), guardian, { folder: 'sessions/2026/11/26' });
    recording(id(dayMs + 21 * hour), guardian, { folder: 'archived_sessions' });
    expect(await findChildThreads(home, parent, 0)).toHaveLength(2);
  });

  test('that were last written before the turn are passed over', async () => {
    recording(id(dayMs + 2, 2), guardian, { writtenMs: dayMs + hour });
    recording(id(dayMs + 3, 3), guardian, { writtenMs: dayMs + 3 * hour });
    const found = await findChildThreads(home, parent, dayMs + 2 * hour);
    expect(found.map(({ threadId }) => threadId)).toEqual([id(dayMs + 3, 3)]);
  });

  test('cannot be older than their parent, and a file that cannot be read is none', async () => {
    recording(id(dayMs - hour), guardian, {});
    recording(id(dayMs + 2, 2), guardian, {});
    writeFileSync(
      path.join(home, 'sessions/2026/11/25', `rollout-2026-11-25T12-00-00-${id(dayMs + 6, 6)}.jsonl`),
      '{',
    );
    expect(await findChildThreads(home, parent, 0)).toHaveLength(1);
  });

  test('are none where there is nothing', async () => {
    expect(await findChildThreads(path.join(home, 'nowhere'), parent, 0)).toEqual([]);
  });
});

describe('the parent of a turn', () => {
  const started = (turnId: string) => ({
    type: 'event_msg',
    payload: { type: 'task_started', turn_id: turnId },
  });
  const told = (callId: string, child: string) => [
    {
      type: 'response_item',
      payload: {
        type: 'function_call',
        name: 'send_input',
        call_id: callId,
        arguments: JSON.stringify({ id: child }),
      },
    },
    { type: 'response_item', payload: { type: 'function_call_output', call_id: callId, output: '{}' } },
  ];
  const child = id(dayMs + 2, 2);

  test('is the turn that it names, by the call of that turn and not of a later one', async () => {
    const [first, second] = [id(dayMs + 10), id(dayMs + 20)];
    const lines = [started(first), ...told('call_1', child), started(second), ...told('call_2', child)];
    recording(parent, {}, { lines });
    const look = (parentTurnId: string) =>
      findParent(home, parent, { threadId: child, turnId: 'own', parentTurnId, startMs: dayMs });
    expect(await look(first)).toMatchObject({ turnId: first, callId: 'call_1' });
    expect(await look(second)).toMatchObject({ turnId: second, callId: 'call_2' });
  });

  test('that told the agent nothing names no call of a later turn', async () => {
    const [first, second] = [id(dayMs + 10), id(dayMs + 20)];
    recording(parent, {}, { lines: [started(first), started(second), ...told('call_2', child)] });
    const found = await findParent(home, parent, {
      threadId: child,
      turnId: 'own',
      parentTurnId: first,
      startMs: dayMs,
    });
    expect(found).toMatchObject({ turnId: first });
    expect(found).not.toHaveProperty('callId');
  });

  test('is found in an earlier file of a thread that was rewound', async () => {
    const [first, second] = [id(dayMs + 10), id(dayMs + 20)];
    recording(parent, {}, { lines: [started(first), ...told('call_1', child)] });
    const segment = path.join(
      home,
      'sessions/2026/11/25',
      `rollout-2026-11-25T13-00-00-${parent}_${id(dayMs + 15)}.jsonl`,
    );
    const lines = [{ type: 'session_meta', payload: { id: parent } }, started(second)];
    writeFileSync(
      segment,
      lines.map((line) => `${JSON.stringify({ timestamp: '2026-11-25T13:00:00Z', ...line })}\n`).join(''),
    );
    const found = await findParent(home, parent, {
      threadId: child,
      turnId: 'own',
      parentTurnId: first,
      startMs: dayMs,
    });
    expect(found).toMatchObject({ turnId: first, callId: 'call_1' });
  });
});
