import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sandboxEnv } from '../../scripts/lab/codex.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

const threadId = '01a20449-b3d5-77a1-9dc4-4de02478a0c8';
const turnId = '01a20449-b3e5-7561-a036-7dc873ea96bd';
const payload = {
  type: 'agent-turn-complete',
  'thread-id': threadId,
  'turn-id': turnId,
  cwd: os.tmpdir(),
  client: 'codex_exec',
  'input-messages': ['hi'],
  'last-assistant-message': 'hello',
};
const bytes = (...codes: number[]) => String.fromCharCode(...codes);

/** What Codex, or anybody, may put into the last argument. */
const payloads: [what: string, args: string[]][] = [
  ['no argument at all', []],
  ['an empty text', ['']],
  ['no JSON', ['{not json']],
  ['JSON null', ['null']],
  ['a number', ['42']],
  ['a list', ['[1,2,3]']],
  ['an empty object', ['{}']],
  ['another type of notification', [JSON.stringify({ ...payload, type: 'approval-requested' })]],
  ['fields of wrong types', [JSON.stringify(mapValues(() => ({ not: ['this'] })))]],
  ['fields that are null', [JSON.stringify(mapValues(() => null))]],
  ['a thread id that is a path', [JSON.stringify({ ...payload, 'thread-id': '../../../etc/passwd' })]],
  ['a thread id with control characters', [JSON.stringify({ ...payload, 'thread-id': bytes(10, 27, 127) })]],
  ['a cwd with a NUL', [JSON.stringify({ ...payload, cwd: `/tmp/${bytes(0)}x` })]],
  ['a cwd that does not exist', [JSON.stringify({ ...payload, cwd: '/no/such/folder' })]],
  ['half a surrogate pair', [`${JSON.stringify(payload).slice(0, -1)},"x":"${bytes(92)}ud800"}`]],
  ['100 kB of prompt', [JSON.stringify({ ...payload, 'input-messages': ['x'.repeat(100_000)] })]],
  ['100 kB of nesting', [`${'['.repeat(50_000)}${']'.repeat(50_000)}`]],
  ['several arguments', ['--help', '-x', JSON.stringify(payload)]],
  ['a key __proto__', [`{"__proto__":{"type":"x"},${JSON.stringify(payload).slice(1)}`]],
];

const meta = { type: 'session_meta', payload: { id: threadId, cwd: '/tmp', cli_version: '0.169.0' } };
const started = { type: 'event_msg', payload: { type: 'task_started', turn_id: turnId } };
const ended = { type: 'event_msg', payload: { type: 'task_complete', turn_id: turnId } };
const line = (value: object) => JSON.stringify({ timestamp: '2026-11-22T17:24:28.781Z', ...value });

/** What may stand in the recording of the announced thread. */
const recordings: [what: string, text: string | Buffer][] = [
  ['nothing', ''],
  ['no JSON lines', 'what\n{"is":\n this\n'],
  ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256))],
  ['NUL bytes', Buffer.alloc(10_000)],
  ['lines that are no objects', '1\n"x"\nnull\n[]\n{}\n'],
  [
    'payloads that are no objects',
    `${line({ type: 'event_msg', payload: 7 })}\n${line({ type: 'response_item' })}\n`,
  ],
  [
    'garbage between the lines of a turn',
    [line(meta), line(started), 'garbage', bytes(0, 1), '{"type":1,"payload":[]}', line(ended), ''].join(
      '\n',
    ),
  ],
  ['a line cut in half', `${line(meta)}\n${line(started)}\n${line(ended).slice(0, 60)}`],
  [
    'times that are none',
    `${line(meta)}\n${line({ ...started, timestamp: 'yesterday' })}\n${line({ ...ended, timestamp: -1 })}\n`,
  ],
  [
    'a line of 5 MB without an end',
    `${line(meta)}\n${line(started)}\n{"type":"event_msg","payload":{"text":"${'x'.repeat(5_000_000)}`,
  ],
];

describe('whatever it is given, the hook ends with 0 and prints nothing', () => {
  let receiver: OtlpReceiver;
  let folder: string;
  let hook: string[];
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    folder = await makeTemporaryFolder();
    hook = [process.execPath, await installProgram(folder), 'notify-hook'];
  });
  afterAll(async () => {
    await receiver.close();
    removeFolder(folder);
  });

  test.each(payloads)('payload: %s', async (_what, args) => {
    expect(await runHook(args)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each(recordings)('recording: %s', async (_what, text) => {
    expect(await runHook([JSON.stringify(payload)], text)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('lines it cannot read cost the trace nothing but themselves', async () => {
    receiver.requests.length = 0;
    const broken = [line(meta), 'garbage', line(started), '{"type":', line(ended), ''].join('\n');
    await runHook([JSON.stringify(payload)], broken);
    const root = receiver.spans().find((span) => span.name === 'invoke_agent codex');
    expect(root?.attributes).toMatchObject({
      'codex.turn.id': turnId,
      'codex.lines.skipped': expect.any(Number),
    });
  });

  // The bundles write texts otherwise than OpenTelemetry's serializer does by itself.
  test.each([
    ['of one to four bytes a character', 'aé€😀 end'],
    ['with half a pair of surrogates', 'a\ud800b'],
    ['longer than the space that is reserved for a message', '漢字😀x'.repeat(5000)],
  ])('a text %s arrives as it is', async (_, text) => {
    receiver.requests.length = 0;
    const ephemeral = { ...payload, 'input-messages': ['hi'], 'last-assistant-message': text };
    await runHook([JSON.stringify(ephemeral)]);
    const root = receiver.spans().find((span) => span.name === 'invoke_agent codex');
    const outputs = JSON.parse(String(root?.attributes['mlflow.spanOutputs']));
    expect(outputs.choices[0].message.content).toBe(text);
  });

  test('where its own folder cannot be made', async () => {
    const inTheWay = { 'mlflow-codex': 'a file where the folder should be' };
    expect(await runHook([JSON.stringify(payload)], undefined, inTheWay)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('where the settings are no JSON', async () => {
    const broken = { 'mlflow-tracing.json': '{"trackingUri":' };
    expect(await runHook([JSON.stringify(payload)], undefined, broken)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  /** Runs the hook in a fresh Codex home with the receiver as destination. */
  async function runHook(args: string[], recording?: string | Buffer, files: Record<string, string> = {}) {
    const dir = await makeTemporaryFolder();
    try {
      const home = path.join(dir, 'home');
      const codexHome = path.join(home, '.codex');
      const day = path.join(codexHome, 'sessions', '2026', '11', '22');
      await mkdir(day, { recursive: true });
      const settings = {
        'mlflow-tracing.json': JSON.stringify({ trackingUri: receiver.url, experimentId: '0' }),
      };
      for (const [name, text] of Object.entries({ ...settings, ...files })) {
        await writeFile(path.join(codexHome, name), text);
      }
      if (recording !== undefined) {
        await writeFile(path.join(day, `rollout-2026-11-22T17-24-28-${threadId}.jsonl`), recording);
      }
      return await runProgram([...hook, ...args], sandboxEnv({ home, codexHome, cwd: dir }));
    } finally {
      removeFolder(dir);
    }
  }
});

function runProgram([program = '', ...args]: string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function mapValues(map: (key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(payload).map((key) => [key, key === 'type' ? payload.type : map(key)]),
  );
}
