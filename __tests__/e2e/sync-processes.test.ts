import { spawn } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { arrivedRoots, filesOutside, rootIds, runIn } from '../support/delivery-process.js';
import { home } from '../support/test-home.js';
import { program } from '../support/test-program.js';

/** `sync` as a person or a CI job runs it. */

/** Threads of two turns each. @returns the ids their roots must have */
function makeThreads(count: number): { traceId: string; spanId: string }[] {
  return Array.from({ length: count }, () => home.thread()).flatMap((thread) =>
    [thread.turn(), thread.turn('aborted')].map((turn) => rootIds(thread.threadId, turn)),
  );
}

const sync = (...args: string[]) => runIn(home, [process.execPath, program, 'sync', ...args]);
const inAnyOrder = (list: readonly object[]) => list.map((entry) => JSON.stringify(entry)).sort();

it('ends after Ctrl-C with 130 and what is under way, and goes on from there the next time', async () => {
  const expected = makeThreads(10);
  home.receiver.answerWith({ delayMs: 100 });
  const env = { PATH: process.env['PATH'], HOME: home.codexHome, CODEX_HOME: home.codexHome };
  const child = spawn(process.execPath, [program, 'sync', '--all'], { env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await waitFor('four requests', () => home.receiver.requests.length >= 4);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(said).toMatch(/^\nstopping after the turn that is under way.*\nsync: stopped; (?:8|10) sent/);
  const first = arrivedRoots(home).length;
  // A thread's two turns go in one request.
  expect(said).toContain(
    `\nleft: ${10 - first / 2} threads that were not looked at. The same command goes on`,
  );
  expect(first).toBeLessThan(12);
  const second = await sync('--all');
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining(`sync: ${20 - first} sent`) });
  expect(inAnyOrder(arrivedRoots(home))).toEqual(inAnyOrder(expected));
}, 30_000);

it('ends at once after a second Ctrl-C', async () => {
  makeThreads(1);
  home.receiver.answerWith({ instead: 'hang' });
  const env = { PATH: process.env['PATH'], HOME: home.codexHome, CODEX_HOME: home.codexHome };
  const child = spawn(process.execPath, [program, 'sync', '--all'], { env });
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  child.stdout.resume();
  const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
  await waitFor('a request', () => home.receiver.requests.length >= 1);
  child.kill('SIGINT');
  await waitFor('the first one to be answered', () => said.includes('stopping after'));
  child.kill('SIGINT');
  // The server never answers: were it waited for, the end would be that of its time, and no signal's.
  expect(await ended).toBe('SIGINT');
}, 30_000);

it('runs twice at once without doubling, and beside hooks', async () => {
  const expected = makeThreads(12);
  const thread = home.thread();
  const turn = thread.turn();
  expected.push(rootIds(thread.threadId, turn));
  home.receiver.answerWith({ delayMs: 10 });
  const before = filesOutside(home);
  const ended = await Promise.all([
    sync('--all', '--json'),
    sync('--all', '--json'),
    runIn(home, [process.execPath, program, 'notify-hook', thread.payload(turn)]),
  ]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(ended[2]?.output).toBe('');
  for (const { output } of ended.slice(0, 2)) JSON.parse(output);
  expect(inAnyOrder(arrivedRoots(home))).toEqual(inAnyOrder(expected));
  expect(filesOutside(home)).toEqual(before);
}, 30_000);

it('is killed at any moment and loses nothing', async () => {
  const expected = makeThreads(15);
  const long = home.thread();
  const turns = Array.from({ length: 60 }, () => long.turn());
  expected.push(...turns.map((turn) => rootIds(long.threadId, turn)));
  for (let round = 0; round < 12; round++) {
    const env = { PATH: process.env['PATH'], HOME: home.codexHome, CODEX_HOME: home.codexHome };
    const child = spawn(process.execPath, [program, 'sync', '--all'], { env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    setTimeout(() => child.kill('SIGKILL'), 60 + round * 17);
    await ended;
  }
  expect((await sync('--all')).code).toBe(0);
  // Twice only where the answer came and the note of it did not: then with the same ids, and no request but the last.
  const seen = new Set<string>();
  let again = 0;
  for (const { spans } of home.receiver.requests) {
    const ids = spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`);
    if (ids.some((id) => seen.has(id))) again++;
    for (const id of ids) seen.add(id);
  }
  expect(again).toBeLessThanOrEqual(12);
  expect([...new Set(inAnyOrder(arrivedRoots(home)))]).toEqual(inAnyOrder(expected));
}, 60_000);
