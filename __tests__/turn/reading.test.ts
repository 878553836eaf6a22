import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../src/codex/lines/rollout-event.js';
import {
  isUsableTurnId,
  type RecordedTurn,
  readTurn,
  readTurns,
} from '../../src/codex/reading/read-turns.js';
import { readEventsForwards } from '../../src/codex/recordings/rollout-lines.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import type { TurnSegment } from '../../src/codex/segments/turn-segment.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import type { Turn } from '../../src/turn/turn.js';
import { recordings } from './recordings.js';

/** However a recording is read, its turns are the same. */
const recorded = recordings().filter(({ rollouts }) => rollouts.length > 0);

describe.each(recorded.map((recording) => [recording.name, recording] as const))('%s', (_, recording) => {
  test('one by one from the end gives what reading it whole does', async () => {
    for (const rollout of recording.rollouts) {
      for (const whole of await all(rollout)) {
        const { turnId } = whole.segment;
        if (!isUsableTurnId(turnId)) continue;
        const alone = await readTurn(rollout, { turnId });
        expect(alone && assembleTurn(alone.segment, alone.meta)).toEqual(assembled(whole));
      }
    }
  });

  test('the turn that was announced is found, by its words where it has no id', async () => {
    for (const payload of recording.notify) {
      // A thread that was rewound goes on in a second file.
      const rollouts = recording.rollouts.filter((file) => file.includes(String(payload['thread-id'])));
      const prompt = (payload['input-messages'] as string[]).at(-1);
      const answer = payload['last-assistant-message'] as string | null;
      const wanted = {
        turnId: String(payload['turn-id']),
        ...(prompt === undefined ? {} : { prompt }),
        ...(answer ? { answer } : {}),
      };
      const found = await Promise.all(rollouts.map((file) => readTurn(file, wanted)));
      const turns = found.flatMap((turn) => (turn ? [assembled(turn)] : []));
      const whole = (await Promise.all(rollouts.map(all))).flat().map(assembled);
      expect(turns).toHaveLength(1);
      expect(whole).toContainEqual(turns[0]);
      expect(turns[0]?.answer ?? '').toContain(answer ?? '');
    }
  });

  test('a growing file only ever adds to its last turn, or begins another', async () => {
    for (const rollout of recording.rollouts) {
      const events = await eventsOf(rollout);
      const whole = splitTurns(events).segments;
      for (let lines = 1; lines < events.length; lines++) {
        const { segments } = splitTurns(events.slice(0, lines));
        segments.slice(0, -1).forEach((segment, index) => {
          expect(namesOf(segment)).toEqual(namesOf(whole[index]));
        });
        expect(segments.length).toBeLessThanOrEqual(whole.length);
      }
    }
  });

  test('in pieces of any size the events are the same', async () => {
    for (const rollout of recording.rollouts) {
      const bytes = readFileSync(rollout);
      const expected = await eventsOf(rollout);
      for (const size of [61, 4096]) {
        const events = [];
        for await (const { event } of readEventsForwards(pieces(bytes, size))) events.push(event);
        expect(events).toEqual(expected);
      }
    }
  });
});

describe('a file whose beginning is gone', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-reading-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['0.60.1-classic', '0.101.0-classic', '0.140.0-classic', '0.169.0-code-mode'])(
    'gives what is left of the turn it begins in (%s)',
    async (version) => {
      const recording = recorded.find(({ name }) => name === `${version}/parallel`);
      const text = readFileSync(recording?.rollouts[0] ?? '', 'utf8');
      const lines = text.split('\n');
      const call = lines.findIndex((line) => line.includes('_call_output"'));
      const file = path.join(folder, `rollout-${version}.jsonl`);
      writeFileSync(file, lines.slice(call).join('\n'));
      const turns = (await all(file)).map(assembled);
      expect(turns).toHaveLength(1);
      expect(turns[0]).toMatchObject({
        answer: 'A, B, C and second-round.',
        prompts: [],
        outcome: 'completed',
      });
      expect(turns[0]?.toolCalls.length).toBeGreaterThanOrEqual(2);
      expect(turns[0]?.modelCalls.at(-1)?.usage?.totalTokens).toBe(1252);
    },
  );
});

async function all(rollout: string): Promise<RecordedTurn[]> {
  const turns = [];
  for await (const turn of readTurns(rollout)) turns.push(turn);
  return turns;
}

function assembled({ segment, meta }: RecordedTurn): Turn {
  return assembleTurn(segment, meta);
}

async function eventsOf(rollout: string): Promise<RolloutEvent[]> {
  const events = [];
  for await (const { event } of readEventsForwards(pieces(readFileSync(rollout), 1 << 20)))
    events.push(event);
  return events;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function namesOf(segment: TurnSegment | undefined): string[] | undefined {
  return segment?.events.map((event) => `${event.kind} ${event.timeMs}`);
}
