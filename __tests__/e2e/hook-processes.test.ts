import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { writeLargeTurn } from '../../scripts/lab/large-turn.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { home } from '../support/test-home.js';
import { program } from '../support/test-program.js';

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Ended {
  code: number | null;
  signal: string | null;
  output: string;
}

function startHook(payload: string, command = 'notify-hook'): { child: ChildProcess; ended: Promise<Ended> } {
  const env = { PATH: process.env.PATH, HOME: home.codexHome, CODEX_HOME: home.codexHome };
  const child = spawn(process.execPath, [program, command, ...(command === 'notify-hook' ? [payload] : [])], {
    env,
  });
  children.add(child);
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  child.stdin.end(command === 'stop-hook' ? payload : undefined);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal, output });
    });
  });
  return { child, ended };
}

const quiet = { code: 0, signal: null, output: '' };

describe('the hook as a process', () => {
  it('is silent, exits 0 and leaves nothing outside its folder', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    const before = readdirSync(home.codexHome);
    expect(await startHook(thread.payload(turn)).ended).toEqual(quiet);
    expect(home.arrived()).toEqual([turn]);
    expect(readdirSync(home.codexHome).filter((name) => !before.includes(name))).toEqual(['mlflow-codex']);
  });

  it('loses and doubles nothing, 50 at once on one thread', async () => {
    const thread = home.thread();
    const turns: string[] = [];
    const hooks: Promise<Ended>[] = [];
    for (let i = 0; i < 50; i++) {
      turns.push(thread.turn());
      hooks.push(startHook(thread.payload(turns[i] ?? '')).ended);
      // Some come before the one before has begun, some while it is at work.
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const results = await Promise.all(hooks);
    expect(results).toEqual(turns.map(() => quiet));
    // Nobody comes after them: what a hook leaves to the one at work, that one has seen to.
    expect([...home.arrived()].sort()).toEqual([...turns].sort());
    expect(readdirSync(path.join(home.stateDir, 'inbox'))).toEqual([]);
  }, 60_000);

  it('loses and doubles nothing, 50 at once on as many threads, the first ones of a fresh home', async () => {
    const threads = Array.from({ length: 50 }, () => home.thread());
    const turns = threads.map((thread) => thread.turn());
    const results = await Promise.all(
      threads.map((thread, i) => startHook(thread.payload(turns[i] ?? '')).ended),
    );
    expect(results).toEqual(turns.map(() => quiet));
    expect([...home.arrived()].sort()).toEqual([...turns].sort());
  }, 60_000);

  it('may be killed at any moment: the next one sends what it left, doubled at most with the same ids', async () => {
    const thread = home.thread();
    const turns = [thread.turn()];
    await startHook(thread.payload(turns[0] ?? '')).ended;
    for (let round = 0; round < 15; round++) {
      turns.push(thread.turn());
      const { child, ended } = startHook(thread.payload(turns.at(-1) ?? ''));
      setTimeout(() => child.kill('SIGKILL'), round * 12);
      await ended;
    }
    turns.push(thread.turn());
    expect(await startHook(thread.payload(turns.at(-1) ?? '')).ended).toEqual(quiet);
    expectAllThere(turns);
  }, 60_000);

  it('goes on where it was, when it is killed between two requests of one turn', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', content: 'metadata' });
    const turn = writeLargeTurn(home.codexHome, { calls: 300, bytes: 100, cwd: home.codexHome });
    const names = { 'thread-id': turn.threadId, 'turn-id': turn.turnId, cwd: turn.cwd };
    const payload = JSON.stringify({ type: 'agent-turn-complete', ...names });
    home.receiver.answerWith((_, n) => (n === 0 ? {} : { instead: 'hang' }));
    const { child, ended } = startHook(payload);
    await waitFor('its second request', () => home.receiver.requests.length === 2);
    child.kill('SIGKILL');
    await ended;
    expect(home.state(turn.threadId).delivered).toBe(0);
    home.answer(200);
    expect(await startHook(payload).ended).toEqual(quiet);
    const ids = home.receiver.spans().map(({ spanId }) => spanId);
    expect([ids.length, new Set(ids).size]).toEqual([turn.spans, turn.spans]);
    expect(home.state(turn.threadId)).toMatchObject({ delivered: 1, turns: [] });
  }, 60_000);

  it('goes on when the terminal it was started from is interrupted or closed', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    home.receiver.answerWith({ delayMs: 600 });
    const { child, ended } = startHook(thread.payload(turn));
    await waitFor('its request', () => home.receiver.requests.length > 0);
    child.kill('SIGINT');
    child.kill('SIGHUP');
    expect(await ended).toEqual(quiet);
    expect(home.arrived()).toEqual([turn]);
  });
});

describe('the Stop hook', () => {
  it('returns at once, works on in the background, and a turn announced twice is sent once', async () => {
    const thread = home.thread();
    const turn = thread.begin();
    const input = {
      session_id: thread.threadId,
      turn_id: turn,
      transcript_path: thread.path,
      cwd: '/',
      last_assistant_message: 'x',
    };
    // It is over before the turn is: Codex waits for it, and writes the end of the turn after that.
    expect(await startHook(JSON.stringify(input), 'stop-hook').ended).toEqual(quiet);
    expect(home.receiver.requests).toEqual([]);
    thread.end(turn, 'complete');
    await startHook(thread.payload(turn)).ended;
    await waitFor(
      'the turn to be noted as sent',
      () => home.hasState(thread.threadId) && home.state(thread.threadId).delivered === 1,
    );
    expect(home.arrived()).toEqual([turn]);
  });
});

function expectAllThere(turns: readonly string[]): void {
  const roots = home.receiver.spans().filter((span) => span.attributes['codex.turn.id'] !== undefined);
  expect(new Set(roots.map((span) => span.attributes['codex.turn.id']))).toEqual(new Set(turns));
  for (const turn of turns) {
    const ids = roots
      .filter((span) => span.attributes['codex.turn.id'] === turn)
      .map((span) => `${span.traceId} ${span.spanId}`);
    expect(new Set(ids).size).toBe(1);
  }
}
