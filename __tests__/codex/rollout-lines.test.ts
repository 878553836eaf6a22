import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type LocatedEvent,
  readChunks,
  readEventsBackwards,
  readEventsForwards,
} from '../../src/codex/recordings/rollout-lines.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-lines-'));
  file = path.join(folder, 'rollout.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (n: number, text = '') =>
  `{"timestamp":"2026-11-25T02:00:00.${String(n).padStart(3, '0')}Z","type":"world_state","payload":{"text":${JSON.stringify(text)}}}`;

async function forwards(descriptor: number): Promise<LocatedEvent[]> {
  const events = [];
  for await (const event of readEventsForwards(readChunks(descriptor))) events.push(event);
  return events;
}

async function backwards(descriptor: number): Promise<LocatedEvent[]> {
  const events = [];
  for await (const event of readEventsBackwards(descriptor)) events.push(event);
  return events;
}

async function bothWays(content: string | Buffer): Promise<LocatedEvent[]> {
  writeFileSync(file, content);
  const descriptor = openSync(file, 'r');
  try {
    const there = await forwards(descriptor);
    expect((await backwards(descriptor)).reverse()).toEqual(there);
    return there;
  } finally {
    closeSync(descriptor);
  }
}

describe('lines', () => {
  test('are read from both ends alike, each with its place in bytes', async () => {
    const first = line(1, 'Grüße €😀');
    const events = await bothWays(`${first}\n${line(2)}\n`);
    const firstEnd = Buffer.byteLength(first) + 1;
    expect(events).toMatchObject([
      { event: { kind: 'ignored' }, start: 0, end: firstEnd },
      { event: { kind: 'ignored' }, start: firstEnd, end: firstEnd + Buffer.byteLength(line(2)) + 1 },
    ]);
  });

  test('are read alike for any lengths, around the size of a chunk too', async () => {
    const lengths = fc.array(
      fc.oneof(
        fc.nat(200),
        fc.integer({ min: 16_200, max: 16_500 }),
        fc.integer({ min: 65_400, max: 65_700 }),
      ),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(lengths, async (all) => {
        const events = await bothWays(
          all.map((length, n) => `${line(n, 'é'.repeat(length / 2))}\n`).join(''),
        );
        expect(events.map(({ event }) => event.timeMs % 1000)).toEqual(all.map((_, n) => n));
      }),
      { numRuns: 40 },
    );
  });

  test('a last line without its newline is half written, and left out', async () => {
    expect(await bothWays(`${line(1)}\n${line(2).slice(0, 30)}`)).toHaveLength(1);
    expect(await bothWays(line(1))).toHaveLength(0);
  });

  test('an empty file has none, nor have empty lines', async () => {
    expect(await bothWays('')).toEqual([]);
    expect(await bothWays(`\n\n${line(1)}\n\n`)).toHaveLength(1);
  });

  test('zero bytes, as a crash leaves them, are a line that cannot be read', async () => {
    const events = await bothWays(
      Buffer.concat([Buffer.from(`${line(1)}\n`), Buffer.alloc(5000), Buffer.from(`\n${line(2)}\n`)]),
    );
    expect(events.map(({ event }) => event.kind)).toEqual(['ignored', 'skipped', 'ignored']);
  });

  test('bytes that are no UTF-8 do no harm to their neighbours', async () => {
    const events = await bothWays(
      Buffer.concat([
        Buffer.from(`${line(1)}\n"`),
        Buffer.from([0xff, 0xfe, 0xc3]),
        Buffer.from(`"\n${line(2)}\n`),
      ]),
    );
    expect(events.map(({ event }) => event.kind)).toEqual(['ignored', 'skipped', 'ignored']);
  });

  test('what is appended meanwhile is not read backwards', async () => {
    writeFileSync(file, `${line(1)}\n`);
    const descriptor = openSync(file, 'r');
    const found: number[] = [];
    for await (const { start } of readEventsBackwards(descriptor)) {
      found.push(start);
      writeFileSync(file, `${line(2)}\n`, { flag: 'a' });
    }
    expect(found).toEqual([0]);
    closeSync(descriptor);
  });
});

/** Linux alone tells how much a process has read, and how much memory it had at most. */
const onLinux = process.platform === 'linux' ? test : test.skip;

describe('a search backwards that is bounded', () => {
  test('gives the lines that are whole after the bound', async () => {
    writeFileSync(file, `${line(1)}\n${'x'.repeat(5000)}\n${line(2)}\n${line(3)}\n`);
    expect(await lastLines(1000)).toEqual([3, 2]);
  });

  onLinux('reads nothing before it', async () => {
    const gap = 2 * 1024 * 1024;
    writeFileSync(file, `${line(1)}\n${'x'.repeat(gap)}\n${line(2)}\n${line(3)}\n`);
    const before = bytesRead();
    await lastLines(1000);
    expect(bytesRead() - before).toBeLessThan(gap);
  });

  async function lastLines(bytes: number): Promise<number[]> {
    const descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const found = [];
    for await (const { event } of readEventsBackwards(descriptor, size, size - bytes))
      found.push(event.timeMs % 1000);
    closeSync(descriptor);
    return found;
  }

  const bytesRead = () => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
});

describe('a long file', () => {
  test.each([
    ['forwards', forwards],
    ['backwards', backwards],
  ])('lets timers come to their turn while it is read %s', async (_, read) => {
    writeFileSync(file, `${line(1, 'x'.repeat(1024 * 1024))}\n`.repeat(20));
    const descriptor = openSync(file, 'r');
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await read(descriptor);
    clearInterval(timer);
    closeSync(descriptor);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('a line of 200 MB', () => {
  const pad = Buffer.alloc(1 << 20, 'x');
  beforeEach(() => {
    const descriptor = openSync(file, 'w');
    writeSync(descriptor, `${line(1)}\n{"type":"compacted","payload":"`);
    for (let mb = 0; mb < 200; mb++) writeSync(descriptor, pad);
    writeSync(descriptor, `"}\n${line(2)}\n`);
    closeSync(descriptor);
  });

  test.each([
    ['forwards', forwards],
    ['backwards', backwards],
  ])('is skipped %s', async (_, read) => {
    const descriptor = openSync(file, 'r');
    const events = await read(descriptor);
    closeSync(descriptor);
    expect(events.map(({ event }) => event.kind).sort()).toEqual(['ignored', 'ignored', 'skipped']);
    expect(events.map(({ event }) => (event.kind === 'skipped' ? event.reason : ''))).toContain('too long');
  });

  onLinux.each([
    ['forwards', forwards],
    ['backwards', backwards],
  ])('takes less than 150 MB of memory %s', async (_, read) => {
    const descriptor = openSync(file, 'r');
    // Lets the highest mark begin anew (proc(5)).
    writeFileSync('/proc/self/clear_refs', '5');
    const before = memoryMB('VmHWM');
    await read(descriptor);
    closeSync(descriptor);
    expect(memoryMB('VmHWM') - before).toBeLessThan(150);
  });

  const memoryMB = (mark: string) =>
    Number(new RegExp(`^${mark}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) /
    1024;
});
