import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
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

interface Run {
  ms: number;
  memoryMb: number;
  killed: boolean;
}

function run(args: string[], killAfterMs?: number): Promise<Run> {
  const report = path.join(home.codexHome, 'memory');
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
    child.on('close', (_, signal) => {
      const killed = signal === 'SIGKILL';
      const memoryMb = !killed ? Number(readFileSync(report, 'utf8')) : 0;
      resolve({ ms: Date.now() - startedMs, memoryMb, killed });
    });
  });
}

describe('a hook killed 200 times at random moments', () => {
  it('loses nothing, and doubles at most with the same ids', async () => {
    const thread = home.thread();
    const turns = [thread.turn()];
    await run(['notify-hook', thread.payload(turns[0] ?? '')]);
    let killed = 0;
    for (let round = 0; round < 200; round++) {
      turns.push(thread.turn());
      const limit = Math.floor(Math.random() * 140);
      if ((await run(['notify-hook', thread.payload(turns.at(-1) ?? '')], limit)).killed) killed++;
    }
    turns.push(thread.turn());
    await run(['notify-hook', thread.payload(turns.at(-1) ?? '')]);
    const roots = home.receiver.spans().filter((span) => span.attributes['codex.turn.id'] !== undefined);
    const ids = new Map<unknown, Set<string>>();
    for (const span of roots) {
      const turn = span.attributes['codex.turn.id'];
      ids.set(turn, (ids.get(turn) ?? new Set()).add(`${span.traceId}${span.spanId}`));
    }
    figures.push(
      `kills: ${killed} of 200 hooks; ${turns.length - ids.size} turns lost, ${roots.length - turns.length} doubled`,
    );
    expect(new Set(ids.keys())).toEqual(new Set(turns));
    expect([...ids.values()].every((set) => set.size === 1)).toBe(true);
  }, 300_000);
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
