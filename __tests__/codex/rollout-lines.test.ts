import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type LocatedEvent,
  readChunks,
  readEventsBackwards,
  readEventsForwards,
} from '../../src/codex/rollout-lines.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-lines-'));
  file = path.join(folder, 'rollout.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (n: number, text = '') =>
  `{"timestamp":"2026-11-25T02:00:00.${String(n).padStart(3, '0')}Z","type":"world_state","payload":{"text":${JSON.stringify(text)}}}`;

async function forwards(handle: FileHandle): Promise<LocatedEvent[]> {
  const events = [];
  for await (const event of readEventsForwards(readChunks(handle))) events.push(event);
  return events;
}

async function backwards(handle: FileHandle): Promise<LocatedEvent[]> {
  const events = [];
  for await (const event of readEventsBackwards(handle)) events.push(event);
  return events;
}

async function bothWays(content: string | Buffer): Promise<LocatedEvent[]> {
  writeFileSync(file, content);
  const handle = await open(file, 'r');
  try {
    const there = await forwards(handle);
    expect((await backwards(handle)).reverse()).toEqual(there);
    return there;
  } finally {
    await handle.close();
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
    const handle = await open(file, 'r');
    const reading = readEventsBackwards(handle);
    const first = await reading.next();
    writeFileSync(file, `${line(2)}\n`, { flag: 'a' });
    expect(first.value).toMatchObject({ start: 0 });
    expect((await reading.next()).done).toBe(true);
    await handle.close();
  });
});

describe('a search backwards that is bounded', () => {
  test('gives the lines that are whole after the bound, and reads nothing before it', async () => {
    const gap = 2 * 1024 * 1024;
    writeFileSync(file, `${line(1)}\n${'x'.repeat(gap)}\n${line(2)}\n${line(3)}\n`);
    const handle = await open(file, 'r');
    let readFrom = Number.POSITIVE_INFINITY;
    const watched = new Proxy(handle, {
      get: (target, key) => {
        if (key !== 'read') return Reflect.get(target, key).bind(target);
        return (buffer: Buffer, offset: number, size: number, position: number) => {
          readFrom = Math.min(readFrom, position);
          return target.read(buffer, offset, size, position);
        };
      },
    });
    const { size } = await handle.stat();
    const bound = size - 1000;
    const found = [];
    for await (const { event } of readEventsBackwards(watched, size, bound)) found.push(event.timeMs % 1000);
    await handle.close();
    expect(found).toEqual([3, 2]);
    expect(readFrom).toBe(bound);
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
  ])('is skipped %s, in less than 150 MB of memory', async (_, read) => {
    const handle = await open(file, 'r');
    globalThis.gc?.();
    const before = process.memoryUsage();
    let most = 0;
    const watch = setInterval(() => {
      const now = process.memoryUsage();
      most = Math.max(most, now.arrayBuffers - before.arrayBuffers + now.heapUsed - before.heapUsed);
    }, 5);
    const events = await read(handle);
    clearInterval(watch);
    await handle.close();
    expect(events.map(({ event }) => event.kind).sort()).toEqual(['ignored', 'ignored', 'skipped']);
    expect(events.map(({ event }) => (event.kind === 'skipped' ? event.reason : ''))).toContain('too long');
    expect(most).toBeLessThan(150 << 20);
  });
});
