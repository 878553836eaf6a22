import { describe, expect, test } from '@jest/globals';
import { readLateItems, readWholeTurns } from '../../src/codex/reading/late-items.js';
import { type PassedTurn, readTurns } from '../../src/codex/reading/read-turns.js';
import { withLateItems } from '../../src/codex/segments/turn-segment.js';
import { prepareLateItems } from '../../src/delivery/sending/prepared/prepare-late-items.js';
import { placedTurn, prepareTurn } from '../../src/delivery/sending/prepared/prepare-turn.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import { openPolicy, recording, recordings, withCodexHome } from '../turn/recordings.js';

/**
 * What Codex writes of a tool when its turn is over. In `background-outlives` a command of the first
 * turn ends after the second one; in `interrupted-then-on` (in an editor) a killed one does so while
 * the second turn is under way.
 */
const options = { userId: 'dev', tags: {} };
const commands = recordings().filter(({ scenario }) => scenario === 'background-outlives');
const killed = recordings().filter(
  ({ scenario, version }) => scenario === 'interrupted-then-on' && version === '0.169.0',
);

async function all<T>(generated: AsyncIterable<T>): Promise<T[]> {
  const items = [];
  for await (const item of generated) items.push(item);
  return items;
}

async function specsOf(turns: readonly PassedTurn[], home: string): Promise<SpanSpec[]> {
  const prepared = [];
  for (const { segment, meta } of turns) {
    const turn = assembleTurn(segment, meta);
    prepared.push(...(await prepareTurn(turn, meta, home, options, openPolicy)).specs);
  }
  return prepared;
}

test('both kinds have been recorded, in either tool mode', () => {
  expect(commands.map(({ mode }) => mode)).toEqual(['classic', 'code-mode']);
  expect(killed.map(({ mode }) => mode)).toEqual(['classic', 'code-mode']);
});

describe.each([...commands, ...killed].map((one) => [one.name, one] as const))(
  '%s',
  (_, { rollouts, folder }) => {
    const [file = ''] = rollouts;

    test('a late item names the turn that it belongs to', async () => {
      const [first, second] = await all(readTurns(file));
      const late = await all(readLateItems(file));
      expect(late).toHaveLength(1);
      expect(late[0]?.turnId).toBe(first?.segment.turnId);
      expect(late[0]?.start).toBeGreaterThan(second?.segment.startOffset ?? Number.NaN);
    });

    test('a late item is found from wherever reading begins before it, and not again after it', async () => {
      const turns = await all(readTurns(file));
      const [item] = await all(readLateItems(file));
      if (!item) throw new Error('no late item');
      for (const { segment } of turns) {
        for (const offset of [segment.startOffset, segment.endOffset]) {
          if (offset === 0) continue;
          const found = await all(readLateItems(file, offset));
          expect(found).toEqual(offset <= item.start ? [item] : []);
        }
      }
      expect(await all(readLateItems(file, item.end))).toEqual([]);
    });

    test('the turn, sent at its end, and the late item, sent alone, are the whole turn', async () => {
      await withCodexHome(folder, async (home) => {
        const turns = await all(readTurns(file));
        const whole = await specsOf(await all(readWholeTurns(file)), home);
        const late = await all(readLateItems(file));
        const [owner] = turns;
        if (!owner) throw new Error('no turn');
        const turn = assembleTurn(withLateItems(owner.segment, late), owner.meta);
        const ids = late.map(({ item }) => item.id);
        const placed = await placedTurn(turn, owner.meta, home, options, openPolicy);
        const { specs } = prepareLateItems(placed, ids);
        expect(specs).toHaveLength(1);
        const rows = new Map(
          [...(await specsOf(turns, home)), ...specs].map((span) => [`${span.traceId} ${span.spanId}`, span]),
        );
        expect([...rows.keys()].sort()).toEqual(whole.map((span) => `${span.traceId} ${span.spanId}`).sort());
        const own = whole.find(({ spanId }) => spanId === specs[0]?.spanId);
        expect(specs).toEqual([own]);
      });
    });
  },
);

describe('a command that outlives its turn', () => {
  test('stands below the script that started it, with its own times', async () => {
    const { rollouts, folder } = recording('0.171.0-code-mode/background-outlives');
    const [file = ''] = rollouts;
    const whole = await withCodexHome(folder, async (home) => specsOf(await all(readWholeTurns(file)), home));
    const command = whole.find(({ attributes }) =>
      String(attributes['gen_ai.tool.call.id']).startsWith('exec-'),
    );
    const script = whole.find(({ spanId }) => spanId === command?.parentSpanId);
    expect(script?.attributes['gen_ai.tool.name']).toBe('exec');
    expect(command).toMatchObject({ startMs: 1_795_841_942_877, endMs: 1_795_841_945_761 });
    expect(command?.attributes['process.exit.code']).toBe(0);
    expect(command?.endMs).toBeGreaterThan(script?.endMs ?? Number.NaN);
  });

  test.each(commands.map((one) => [one.name, one] as const))(
    'is said to run by the call that started it, until it has ended (%s)',
    async (_, { rollouts, folder }) => {
      const [file = ''] = rollouts;
      await withCodexHome(folder, async (home) => {
        const running = async (turns: readonly PassedTurn[]) =>
          (await specsOf(turns, home))
            .filter(({ attributes }) => attributes['codex.tool.running'])
            .map(({ attributes }) => JSON.parse(String(attributes['mlflow.spanOutputs'])).running);
        expect(await running(await all(readTurns(file)))).toEqual([true]);
        expect(await running(await all(readWholeTurns(file)))).toEqual([]);
      });
    },
  );
});

test('commands that were asked after until they ended are not said to run', async () => {
  const asked = recordings().filter(({ scenario }) => scenario === 'background-shell');
  expect(asked.length).toBeGreaterThan(5);
  for (const { rollouts, folder, name } of asked) {
    await withCodexHome(folder, async (home) => {
      const turns = await all(readTurns(rollouts[0] ?? ''));
      const running = (await specsOf(turns, home)).filter(
        ({ attributes }) => attributes['codex.tool.running'],
      );
      expect([name, running]).toEqual([name, []]);
    });
  }
});
