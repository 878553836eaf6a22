import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { runStopHook } from '../../../src/commands/stop-hook/stop-hook.js';
import { Workbench } from '../workbench.js';

/** What a Stop hook starts writes down what it was started with. */
let bench: Workbench;
let script: string;
beforeEach(() => {
  bench = new Workbench();
  script = path.join(bench.base, 'program.cjs');
  writeFileSync(
    script,
    `const fs = require('node:fs');
fs.appendFileSync(__filename + '.count', '1');
fs.writeFileSync(__filename + '.new', JSON.stringify(process.argv.slice(2)));
fs.renameSync(__filename + '.new', __filename + '.told');`,
  );
});
afterEach(() => bench.remove());

async function* stdin(...parts: (string | Buffer)[]) {
  for (const part of parts) yield Buffer.from(part);
}
const told = () => `${script}.told`;
const INPUT = {
  session_id: 's',
  turn_id: 'u',
  cwd: '/a',
  transcript_path: '/r.jsonl',
  last_assistant_message: 'x',
};

/** @returns the announcement that the started program was given */
async function announced(input: object): Promise<unknown> {
  await runStopHook(stdin(JSON.stringify(input)), script);
  await waitFor('the program', () => existsSync(told()));
  const [command, payload] = JSON.parse(readFileSync(told(), 'utf8'));
  expect(command).toBe('stop-hook');
  return JSON.parse(payload);
}

describe('a hook of Codex', () => {
  test.each([
    [undefined, 'agent-turn-complete'],
    ['Stop', 'agent-turn-complete'],
    ['Interrupt', 'agent-turn-complete'],
    ['SessionEnd', 'session-end'],
  ])('at %s starts the work with what was announced, without its words', async (hook_event_name, type) => {
    expect(await announced({ ...INPUT, hook_event_name })).toEqual({
      type,
      'thread-id': 's',
      'turn-id': 'u',
      cwd: '/a',
      'transcript-path': '/r.jsonl',
    });
  });

  test('need not name a turn or a folder', async () => {
    expect(await announced({ session_id: 's', transcript_path: '/r' })).toEqual({
      type: 'agent-turn-complete',
      'thread-id': 's',
      'transcript-path': '/r',
    });
  });

  test('may come in parts', async () => {
    const text = Buffer.from(JSON.stringify({ ...INPUT, cwd: '/ä' }));
    const cut = text.indexOf('ä') + 1;
    await runStopHook(stdin(text.subarray(0, cut), text.subarray(cut)), script);
    await waitFor('the program', () => existsSync(told()));
    expect(readFileSync(told(), 'utf8')).toContain('/ä');
  });

  test('may be as large as 4 MiB, and no larger', async () => {
    const limit = 4 * 1024 * 1024;
    const text = JSON.stringify({ ...INPUT, session_id: 'large' });
    const [half, rest] = [' '.repeat(limit / 2), ' '.repeat(limit / 2 - text.length)];
    await runStopHook(stdin(half, ' ', rest, text), script);
    await runStopHook(stdin(half, rest, text), script);
    await waitFor('the program', () => existsSync(told()));
    expect(JSON.parse(JSON.parse(readFileSync(told(), 'utf8'))[1])).toMatchObject({ 'thread-id': 'large' });
    expect(readFileSync(`${script}.count`, 'utf8')).toBe('1');
  });

  test('at a prompt sees to it that turns of the folder are shown, and announces none', async () => {
    const home = process.env['CODEX_HOME'];
    process.env['CODEX_HOME'] = bench.codexHome;
    try {
      const settings = { trackingUri: 'http://127.0.0.1:9', live: true, exclude: ['/a'] };
      bench.put(bench.userTracing, settings);
      const input = { ...INPUT, hook_event_name: 'UserPromptSubmit' };
      await runStopHook(stdin(JSON.stringify(input)), script);
      await runStopHook(stdin(JSON.stringify({ ...input, cwd: bench.project })), script);
      await waitFor('the program', () => existsSync(told()));
      expect(JSON.parse(readFileSync(told(), 'utf8'))).toEqual(['watch', '--left-behind']);
      expect(readFileSync(`${script}.count`, 'utf8')).toBe('1');
    } finally {
      if (home === undefined) delete process.env['CODEX_HOME'];
      else process.env['CODEX_HOME'] = home;
    }
  });

  test('starts nothing for what it does not know', async () => {
    for (const input of [
      { ...INPUT, hook_event_name: 'PreToolUse' },
      { ...INPUT, session_id: '' },
      { ...INPUT, session_id: undefined },
      { ...INPUT, transcript_path: null },
    ])
      await runStopHook(stdin(JSON.stringify(input)), script);
    for (const text of ['', '{', '[]', 'null']) await runStopHook(stdin(text), script);
    const large = JSON.stringify({ ...INPUT, last_assistant_message: 'x'.repeat(4 * 1024 * 1024) });
    await runStopHook(stdin(large), script);
    // The one after them is started, and alone.
    expect(await announced({ ...INPUT, session_id: 'last' })).toMatchObject({ 'thread-id': 'last' });
    expect(readFileSync(`${script}.count`, 'utf8')).toBe('1');
  });
});
