import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../../scripts/lab/otlp-receiver.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import type { ThreadFile, TurnEnd } from '../support/delivery-thread.js';
import { installProgram } from '../support/installed-program.js';

/** Long runs, for `npm run test:soak`: their figures are printed as well as tested. */
let program: string;
let home: DeliveryHome;
const figures: string[] = [];
beforeAll(async () => {
  program = await installProgram(await makeTemporaryFolder());
});
beforeEach(async () => {
  home = await DeliveryHome.make();
});
afterEach(() => home.close());
afterAll(() => {
  process.stderr.write(`\n${figures.join('\n')}\n`);
});

/** The turns that arrived with the ids of their roots, and how many came more than once. */
function arrivals(): { ids: Map<unknown, Set<string>>; doubled: number } {
  const roots = home.receiver.spans().filter((span) => span.attributes['codex.turn.id'] !== undefined);
  const ids = new Map<unknown, Set<string>>();
  for (const span of roots) {
    const turn = span.attributes['codex.turn.id'];
    ids.set(turn, (ids.get(turn) ?? new Set()).add(`${span.traceId}${span.spanId}`));
  }
  return { ids, doubled: roots.length - ids.size };
}

interface Run {
  code: number | null;
  ms: number;
  memoryMb: number;
  killed: boolean;
}

let runs = 0;
function run(args: string[], killAfterMs?: number): Promise<Run> {
  const report = path.join(home.codexHome, `memory-${++runs}`);
  const env = {
    PATH: process.env.PATH,
    HOME: home.codexHome,
    CODEX_HOME: home.codexHome,
    MEMORY_REPORT: report,
  };
  const startedMs = Date.now();
  const preload = path.resolve('scripts/lab/report-memory.cjs');
  const child = spawn(process.execPath, ['--require', preload, program, ...args], { env, stdio: 'ignore' });
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const killed = signal === 'SIGKILL';
      const memoryMb = !killed ? Number(readFileSync(report, 'utf8')) : 0;
      resolve({ code, ms: Date.now() - startedMs, memoryMb, killed });
    });
  });
}

describe('a hook killed 200 times at random moments', () => {
  it('loses nothing, and doubles at most with the same ids', async () => {
    const thread = home.thread();
    const turns = [thread.turn()];
    await run(['notify-hook', thread.payload(turns[0] ?? '')]);
    let killed = 0;
    let hooks = 0;
    // The answer takes a moment, so that some are killed before it, some after it, some while they note it.
    home.receiver.answerWith(() => ({ delayMs: Math.floor(Math.random() * 15) }));
    for (; killed < 200; hooks++) {
      turns.push(thread.turn());
      const limit = Math.floor(Math.random() * 90);
      if ((await run(['notify-hook', thread.payload(turns.at(-1) ?? '')], limit)).killed) killed++;
    }
    turns.push(thread.turn());
    await run(['notify-hook', thread.payload(turns.at(-1) ?? '')]);
    const { ids, doubled } = arrivals();
    figures.push(
      `kills: ${killed} of ${hooks} hooks, ${turns.length} turns; ${turns.length - ids.size} lost, ${doubled} doubled`,
    );
    expect(new Set(ids.keys())).toEqual(new Set(turns));
    expect([...ids.values()].every((set) => set.size === 1)).toBe(true);
  }, 300_000);
});

describe('a storm: hooks by threes on eight threads, killed one in three, to a server that fails one in three', () => {
  it('ends with every turn there, doubled at most with the same ids', async () => {
    const threads = Array.from({ length: 8 }, () => home.thread());
    const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
    const bad: Answer[] = [
      ...[500, 503, 429, 401].map((status) => ({ status })),
      ...(['reset', 'garbage'] as const).map((instead) => ({ instead })),
      { status: 503, headers: { 'retry-after': '1' } },
    ];
    home.receiver.answerWith(() =>
      Math.random() < 1 / 3 ? pick(bad) : { delayMs: Math.floor(Math.random() * 15) },
    );
    const turns: string[] = [];
    const known = new Set<ThreadFile>();
    let killed = 0;
    for (let round = 0; round < 120; round++) {
      const hooks = [0, 1, 2].map(() => {
        const thread = pick(threads);
        // A thread begins with the first turn it is known by: before that, each one is announced.
        const kind = known.has(thread)
          ? pick<TurnEnd>(['complete', 'complete', 'aborted', 'failed'])
          : 'complete';
        const turn = thread.turn(kind);
        turns.push(turn);
        const isKilled = known.has(thread) && Math.random() < 1 / 3;
        known.add(thread);
        if (kind !== 'complete') return undefined;
        return run(
          ['notify-hook', thread.payload(turn)],
          isKilled ? Math.floor(Math.random() * 90) : undefined,
        );
      });
      for (const hook of hooks) if ((await hook)?.killed) killed++;
    }
    home.receiver.answerWith({});
    // Longer than the server's wish and what is drawn on top of it.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const { code } = await run(['sync']);
    const { ids, doubled } = arrivals();
    figures.push(
      `storm: ${turns.length} turns, ${killed} kills, ${home.receiver.requests.length} requests; ` +
        `${turns.length - ids.size} lost, ${doubled} doubled`,
    );
    expect(code).toBe(0);
    expect(turns.filter((turn) => !ids.has(turn))).toEqual([]);
    expect([...ids.values()].every((set) => set.size === 1)).toBe(true);
  }, 600_000);
});

describe('a recording of 2 GB', () => {
  it('costs the hook no more time or memory than a small one', async () => {
    const thread = home.thread();
    const first = thread.turn();
    const small = await run(['notify-hook', thread.payload(first)]);
    truncateSync(thread.path, 2 * 1024 ** 3);
    appendFileSync(thread.path, '\n');
    const second = thread.turn();
    const known = await run(['notify-hook', thread.payload(second)]);
    const third = thread.turn();
    const after = await run(['notify-hook', thread.payload(third)]);
    figures.push(
      `2 GB (${statSync(thread.path).size} bytes): small ${show(small)}, over the gap ${show(known)}, after it ${show(after)}`,
    );
    expect(home.arrived()).toEqual([first, second, third]);
    expect(known.ms).toBeLessThan(15_000);
    expect(known.memoryMb).toBeLessThan(small.memoryMb + 150);
    expect(after.memoryMb).toBeLessThan(small.memoryMb + 60);
  }, 120_000);

  it('is read by a hook that does not know the thread from its end alone', async () => {
    const thread = home.thread();
    thread.turn();
    truncateSync(thread.path, 2 * 1024 ** 3);
    appendFileSync(thread.path, '\n');
    const turn = thread.turn();
    const result = await run(['notify-hook', thread.payload(turn)]);
    figures.push(`2 GB, unknown thread: ${show(result)}`);
    expect(home.arrived()).toEqual([turn]);
    expect(result.memoryMb).toBeLessThan(250);
  }, 120_000);
});

describe('a line of 100 MB', () => {
  it('is skipped and counted, in bounded memory', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await run(['notify-hook', thread.payload(first)]);
    const turn = thread.begin();
    thread.raw(`{"timestamp":"2026-11-22T17:25:03.223Z","type":"response_item","payload":{"x":"`);
    for (let i = 0; i < 100; i++) thread.raw(Buffer.alloc(1024 * 1024, 'x'));
    thread.raw('"}}\n');
    thread.end(turn, 'complete');
    const result = await run(['notify-hook', thread.payload(turn)]);
    figures.push(`a line of 100 MB: ${show(result)}`);
    const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === turn);
    expect(root?.attributes['codex.lines.skipped']).toBe(1);
    expect(result.memoryMb).toBeLessThan(300);
  }, 120_000);
});

describe('sync --all over 2,000 turns in 200 threads', () => {
  it('sends each once, in bounded memory, and nothing the second time', async () => {
    for (let i = 0; i < 200; i++) {
      const thread = home.thread();
      for (let j = 0; j < 10; j++) thread.turn('complete', 20_000);
    }
    const first = await run(['sync', '--all']);
    const second = await run(['sync', '--all']);
    figures.push(`sync of 2,000 turns (40 MB): ${show(first)}; again: ${show(second)}`);
    const arrived = home.arrived();
    expect(arrived).toHaveLength(2000);
    expect(new Set(arrived).size).toBe(2000);
    expect(first.memoryMb).toBeLessThan(400);
  }, 600_000);
});

function show({ ms, memoryMb }: Run): string {
  return `${ms} ms, ${Math.round(memoryMb)} MB`;
}
