#!/usr/bin/env node
// @ts-check
/**
 * One hook, as it is built, for a turn whose tools printed hostile text of every kind: CPU and clock for
 * 2.5, 5 and 10 MB of it, and what became of the turn. The hook's bound is 15 s.
 *
 *   npm run build && node scripts/measure-hostile.mjs
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from './bench/run-process.mjs';
import { startOtlpReceiver } from './lab/otlp-receiver.mjs';
import { filled, HOSTILE } from './lab/secrets/hostile.mjs';
import { makeTemporaryFolder } from './lab/temporary-folder.mjs';

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../bin/mlflow-codex.js');
const THREAD = '01a21070-0000-7000-8000-000000000001';
const TURN = '01a21070-0000-7000-8000-000000000002';
const MESSAGE_BYTES = 65_536;
const work = await makeTemporaryFolder();
const receiver = await startOtlpReceiver();
try {
  for (const megabytes of [2.5, 5, 10]) console.log(await hookOver(megabytes));
} finally {
  await receiver.close();
  rmSync(work, { recursive: true, force: true });
}

/** @param {number} megabytes of all kinds together */
async function hookOver(megabytes) {
  const home = path.join(work, String(megabytes));
  writeRecording(home, (megabytes * 1_000_000) / HOSTILE.length);
  const config = { trackingUri: receiver.url, experimentId: '0' };
  writeFileSync(path.join(home, 'mlflow-tracing.json'), JSON.stringify(config));
  const payload = { type: 'agent-turn-complete', 'thread-id': THREAD, 'turn-id': TURN, cwd: home };
  receiver.requests.length = 0;
  const { cpuMs, wallMs, memoryMb } = await runProcess({
    command: process.execPath,
    args: [program, 'notify-hook', JSON.stringify(payload)],
    env: { HOME: home, CODEX_HOME: home },
    cwd: home,
    dir: work,
  });
  const { outcome, detail = '' } = JSON.parse(readFileSync(path.join(home, 'mlflow-codex/hook.log'), 'utf8'));
  const spans = receiver.requests.flatMap((request) => request.spans);
  const unsearched = JSON.stringify(spans).split('[REDACTED:not-searched]').length - 1;
  const cost = `${cpuMs.toFixed(0)} ms of CPU, ${wallMs.toFixed(0)} ms on the clock, ${memoryMb.toFixed(0)} MB`;
  return `${megabytes} MB of ${HOSTILE.length} kinds: ${cost}; ${outcome} ${detail}, ${spans.length} spans, ${unsearched} texts unsearched`;
}

/** @param {string} home @param {number} bytes of each kind */
function writeRecording(home, bytes) {
  const day = path.join(home, 'sessions/2026/11/28');
  mkdirSync(day, { recursive: true });
  let time = Date.parse('2026-11-28T00:00:00Z');
  /** @type {string[]} */
  const lines = [];
  const line = (/** @type {string} */ type, /** @type {object} */ payload) => {
    time += 5;
    lines.push(JSON.stringify({ timestamp: new Date(time).toISOString(), type, payload }));
  };
  line('session_meta', { id: THREAD, session_id: THREAD, cwd: home, cli_version: '0.171.0', source: 'exec' });
  line('event_msg', { type: 'task_started', turn_id: TURN });
  line('turn_context', { turn_id: TURN, cwd: home, model: 'gpt-5.5' });
  // As many outputs as it takes, each as long as may be sent of one: what is longer is cut before the search.
  const pieces = Math.ceil(bytes / MESSAGE_BYTES);
  const all = Array.from({ length: pieces }, () => HOSTILE).flat();
  for (const [n, [, unit]] of all.entries()) {
    const call = { call_id: `call_${n}` };
    const args = JSON.stringify({ cmd: 'cat it' });
    line('response_item', { type: 'function_call', name: 'exec_command', arguments: args, ...call });
    line('response_item', {
      type: 'function_call_output',
      output: filled(unit, Math.floor(bytes / pieces)),
      ...call,
    });
  }
  line('event_msg', { type: 'task_complete', turn_id: TURN, last_agent_message: 'Done.' });
  writeFileSync(path.join(day, `rollout-2026-11-28T00-00-00-${THREAD}.jsonl`), `${lines.join('\n')}\n`);
}
