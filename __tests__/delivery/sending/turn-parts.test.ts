import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { partsOf, SentSpans } from '../../../src/delivery/sending/turn-parts.js';
import type { SpanSpec } from '../../../src/spans/span-spec.js';

/** A span of so many characters. */
const span = (spanId: string, length = 1) =>
  ({ spanId, attributes: { text: 'x'.repeat(length) } }) as unknown as SpanSpec;
const spans = (count: number) => Array.from({ length: count }, (_, index) => span(String(index)));

/** The parts by their spans' ids, and whether each is said to be the last. */
async function parts(all: Iterable<SpanSpec>): Promise<[ids: string[], isLast: boolean][]> {
  const found: [string[], boolean][] = [];
  for await (const { specs, isLast } of partsOf(all)) found.push([specs.map(({ spanId }) => spanId), isLast]);
  return found;
}

describe('a turn’s spans', () => {
  test('go in one request, its AGENT first, up to 500', async () => {
    expect(await parts(spans(3))).toStrictEqual([[['2', '0', '1'], true]]);
    const [[ids = [], isLast] = [], ...more] = await parts(spans(500));
    expect([ids.length, ids[0], ids[1], ids[499], isLast, more]).toStrictEqual([
      500,
      '499',
      '0',
      '498',
      true,
      [],
    ]);
  });

  test('are none where there are none', async () => {
    expect(await parts([])).toStrictEqual([]);
  });

  test('go 500 at a time where there are more, the AGENT with the last', async () => {
    const found = await parts(spans(1002));
    expect(found.map(([ids, isLast]) => [ids.length, ids[0], ids[1], isLast])).toStrictEqual([
      [500, '0', '1', false],
      [500, '500', '501', false],
      [2, '1001', '1000', true],
    ]);
  });

  const MIB = 1024 * 1024;
  test.each<[string, number[], string[][]]>([
    ['of 1 MiB together in one', [MIB - 1, 1], [['1', '0']]],
    ['of a character more in two', [MIB - 1, 2], [['0'], ['1']]],
    ['of which one is larger alone', [MIB + 1, MIB + 1], [['0'], ['1']]],
    [
      'of which the later ones have room beside each other in two',
      [600_000, 600_000, 300_000],
      [['0'], ['2', '1']],
    ],
    [
      'of which each has room beside the next but one alone',
      [600_000, 600_000, 600_000],
      [['0'], ['1'], ['2']],
    ],
    [
      'of which many make a MiB',
      [400_000, 400_000, 400_000, 1],
      [
        ['0', '1'],
        ['3', '2'],
      ],
    ],
  ])('go %s', async (_, lengths, expected) => {
    const all = lengths.map((length, index) => span(String(index), length));
    const last = expected.length - 1;
    expect(await parts(all)).toStrictEqual(expected.map((ids, index) => [ids, index === last]));
  });

  test('let others have their turn after every 25, so that the end of a run’s time is seen', async () => {
    let turns = 0;
    let isOver = false;
    const others = () => {
      turns++;
      if (!isOver) setImmediate(others);
    };
    setImmediate(others);
    const seen: number[] = [];
    function* made() {
      for (const spec of spans(80)) {
        seen.push(turns);
        yield spec;
      }
    }
    await parts(made());
    isOver = true;
    const changes = seen.flatMap((now, index) => (index > 0 && now !== seen[index - 1] ? [index] : []));
    expect(changes).toStrictEqual([25, 50, 75]);
  });

  test('are not made before they are asked for', async () => {
    let made = 0;
    function* all() {
      for (const spec of spans(1500)) {
        made++;
        yield spec;
      }
    }
    for await (const { isLast } of partsOf(all())) {
      expect([made, isLast]).toStrictEqual([501, false]);
      break;
    }
  });
});

describe('what a server has of a turn', () => {
  const digestOf = (ids: string) => createHash('sha256').update(ids).digest('hex').slice(0, 16);
  const after = (sent: { spans: number; digest: string } | undefined) => {
    const { rest, has } = SentSpans.after(sent, () => spans(4));
    return { rest: [...rest].map(({ spanId }) => spanId), part: has.part };
  };

  test('is nothing at first, then what was added, told by the ids in their order', () => {
    const has = new SentSpans();
    expect(has.part).toBeUndefined();
    has.add([]);
    expect(has.part).toBeUndefined();
    has.add(spans(2));
    // SHA-256 over '01': states of earlier versions hold it.
    expect(has.part).toStrictEqual({ spans: 2, digest: '938db8c9f82c8cb5' });
    has.add([span('7')]);
    expect(has.part).toStrictEqual({ spans: 3, digest: digestOf('017') });
  });

  test.each<[string, { spans: number; digest: string } | undefined, string[], object | undefined]>([
    ['nothing is known of', undefined, ['0', '1', '2', '3'], undefined],
    [
      'has its first two spans',
      { spans: 2, digest: digestOf('01') },
      ['2', '3'],
      { spans: 2, digest: digestOf('01') },
    ],
    ['has all', { spans: 4, digest: digestOf('0123') }, [], { spans: 4, digest: digestOf('0123') }],
    ['has other spans', { spans: 2, digest: digestOf('02') }, ['0', '1', '2', '3'], undefined],
    ['has more than there are', { spans: 5, digest: digestOf('01234') }, ['0', '1', '2', '3'], undefined],
    ['has none', { spans: 0, digest: digestOf('') }, ['0', '1', '2', '3'], undefined],
  ])('that %s: the rest is sent', (_, sent, rest, part) => {
    expect(after(sent)).toStrictEqual({ rest, part });
  });
});
