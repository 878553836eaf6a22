import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import { home } from '../support/test-home.js';

/** Delivery over recordings of the real Codex: agents, threads without ids, compressed files. */

const fixtures = '__tests__/fixtures';

/** Puts a fixture's recordings into the home. @returns the announcements, in Codex's order */
function lay(fixture: string): string[] {
  const from = path.join(fixtures, 'rollouts', fixture);
  for (const name of readdirSync(from).filter((file) => file.startsWith('rollout-')))
    layFile(path.join(from, name));
  const announced = JSON.parse(readFileSync(path.join(from, 'notify.json'), 'utf8')) as object[];
  return announced.map((payload) => JSON.stringify({ ...payload, cwd: '/' }));
}

function layFile(file: string): void {
  const [, year = '', month = '', day = ''] = /rollout-(\d{4})-(\d\d)-(\d\d)T/.exec(file) ?? [];
  const folder = path.join(home.codexHome, 'sessions', year, month, day);
  mkdirSync(folder, { recursive: true });
  cpSync(file, path.join(folder, path.basename(file)));
}

/** Spans by trace: what arrived, each span once. */
function traces(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { traceId, name } of home.receiver.spans())
    found.set(traceId, [...(found.get(traceId) ?? []), name]);
  return found;
}

describe('a turn with a subagent', () => {
  it.each([
    ['the child’s hook first, as Codex does it', [0, 1]],
    ['the parent’s hook first', [1, 0]],
    ['the child’s hook killed before it began', [1]],
  ])('is one trace, whole and once: %s', async (_, order) => {
    const announced = lay('0.169.0-code-mode/subagent');
    expect(announced).toHaveLength(2);
    for (const index of order) await home.hook(announced[index] ?? '');
    const [spans, ...more] = [...traces().values()];
    expect(more).toEqual([]);
    expect(spans?.filter((name) => name.startsWith('invoke_agent'))).toHaveLength(2);
    const ids = home.receiver.spans().map((span) => span.spanId);
    expect(new Set(ids).size).toBe(ids.length);
    const child = home.receiver.spans().find((span) => /^invoke_agent \//.test(span.name));
    const spawn = home.receiver.spans().find((span) => span.spanId === child?.parentSpanId);
    expect(spawn?.name).toBe('spawn_agent');
  });

  it('has a root also where only the reviewer is announced', async () => {
    for (const payload of lay('0.169.0-classic/review')) await home.hook(payload);
    const [spans, ...more] = [...traces().values()];
    expect(more).toEqual([]);
    expect(spans).toContain('invoke_agent codex');
    expect(spans).toContain('invoke_agent review');
  });
});

describe('turns whose ids are all "0" (Codex 0.80)', () => {
  it('arrive once each, told apart by what was said', async () => {
    const announced = lay('0.80.0-classic/multi-turn');
    expect(announced).toHaveLength(3);
    for (const payload of [announced[1], announced[0], announced[2], announced[2]])
      await home.hook(payload ?? '');
    const prompts = home.receiver
      .spans()
      .filter((span) => span.name === 'invoke_agent codex')
      .map((span) => JSON.parse(String(span.attributes['mlflow.spanInputs'])).messages[0].content);
    expect(prompts).toHaveLength(3);
    expect(new Set(prompts)).toEqual(new Set(['turn one', 'turn two', 'turn three']));
  });
});

describe('a compressed recording', () => {
  it('is read like any other', async () => {
    const [name = ''] = readdirSync(path.join(fixtures, 'compressed'));
    layFile(path.join(fixtures, 'compressed', name));
    const threadId = /([0-9a-f-]{36})\.jsonl\.zst$/.exec(name)?.[1] ?? '';
    const run = home.run();
    expect(await drainThread(run, threadId, { whole: true })).toMatchObject({ kind: 'drained', sent: 1 });
    expect(await drainThread(run, threadId, { whole: true })).toMatchObject({ kind: 'drained', sent: 0 });
    run.close();
  });
});

describe('clocks that go wrong', () => {
  it('do not hold a server for ever', async () => {
    const thread = home.thread();
    mkdirSync(home.stateDir);
    const route = await home.run().route('/');
    if (route.kind !== 'deliver') throw new Error('no route');
    const { destinationKey } = await import('../../src/delivery/store/throttle.js');
    const key = destinationKey(route.destination);
    writeFileSync(
      path.join(home.stateDir, 'holds.json'),
      JSON.stringify({ [key]: Date.now() + 365 * 86_400_000 }),
    );
    expect(await home.hook(thread.payload(thread.turn()))).toEqual({ outcome: 'sent' });
  });

  it('lose no turn whose lines go back in time', async () => {
    const thread = home.thread(Date.now() + 3_600_000);
    const first = thread.turn();
    await home.hook(thread.payload(first));
    thread.setClock(Date.now() - 86_400_000);
    const second = thread.turn();
    await home.hook(thread.payload(second));
    expect(home.arrived()).toEqual([first, second]);
    for (const span of home.receiver.spans()) expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
  });
});
