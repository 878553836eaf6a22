// @ts-check
/**
 * A made-up recording of one turn that lasts a night: as many commands as are asked for, each with its
 * output, in the lines that Codex 0.171.0 writes for them. For the bench and for tests of large turns.
 *
 *     node scripts/lab/large-turn.mjs CODEX-HOME [--calls 1000] [--bytes 25000] [--classic]
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} LargeTurn
 * @property {string} file the recording
 * @property {string} threadId
 * @property {string} turnId
 * @property {string} cwd
 * @property {number} inputTokens of all its responses together
 * @property {number} outputTokens
 * @property {number} spans as a trace: the turn, its responses, its tools
 */

/** What the model was given for one response, in tokens; the same for all. */
const INPUT_TOKENS = 1000;
const OUTPUT_TOKENS = 50;
const BEGIN_MS = Date.parse('2026-11-28T00:00:00Z');

/**
 * Writes the recording below a Codex home, a line at a time: memory does not grow with it.
 * @param {string} codexHome
 * @param {{ calls?: number, bytes?: number, mode?: 'code' | 'classic', threadNumber?: number, cwd?: string, bytesOf?: (call: number) => number }} [options]
 *   `bytes` of one command's output, which stands in two lines; `bytesOf` where they differ; `threadNumber`: another one is another thread
 * @returns {LargeTurn}
 */
export function writeLargeTurn(codexHome, options = {}) {
  const {
    calls = 1000,
    bytes = 25_000,
    mode = 'code',
    threadNumber = 1,
    cwd = '/home/dev/project',
  } = options;
  const threadId = uuid7(BEGIN_MS, threadNumber);
  const turnId = uuid7(BEGIN_MS + 20, threadNumber);
  const day = path.join(codexHome, 'sessions/2026/11/28');
  mkdirSync(day, { recursive: true });
  const file = path.join(day, `rollout-2026-11-28T00-00-00-${threadId}.jsonl`);
  const descriptor = openSync(file, 'w');
  const lines = new TurnLines(threadId, turnId, cwd, (line) => void writeSync(descriptor, line));
  const random = numbers(threadNumber);
  try {
    lines.begin();
    for (let call = 0; call < calls; call++)
      lines.command(call, programOutput(random, options.bytesOf?.(call) ?? bytes), mode);
    lines.end(calls);
  } finally {
    closeSync(descriptor);
  }
  const responses = calls + 1;
  return {
    file,
    threadId,
    turnId,
    cwd,
    inputTokens: responses * INPUT_TOKENS,
    outputTokens: responses * OUTPUT_TOKENS,
    spans: 1 + responses + calls * (mode === 'code' ? 2 : 1),
  };
}

class TurnLines {
  #ordinal = 0;
  #timeMs = BEGIN_MS;
  #responses = 0;

  /** @param {string} threadId @param {string} turnId @param {string} cwd @param {(line: string) => void} write */
  constructor(threadId, turnId, cwd, write) {
    this.threadId = threadId;
    this.turnId = turnId;
    this.cwd = cwd;
    this.write = write;
  }

  begin() {
    const { threadId, turnId, cwd } = this;
    this.#line('session_meta', {
      session_id: threadId,
      id: threadId,
      timestamp: new Date(BEGIN_MS).toISOString(),
      cwd,
      originator: 'codex_exec',
      cli_version: '0.171.0',
      source: 'exec',
      thread_source: 'user',
      model_provider: 'openai',
    });
    this.#event({ type: 'task_started', turn_id: turnId, root_turn_id: turnId, started_at: BEGIN_MS / 1000 });
    this.#line('turn_context', { turn_id: turnId, cwd, approval_policy: 'never', model: 'gpt-5.5' });
    const text = 'Work through the night.';
    this.#item({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
    this.#completed({ type: 'UserMessage', id: 'user', content: [{ type: 'text', text }] });
  }

  /** @param {number} call @param {string} output @param {'code' | 'classic'} mode */
  command(call, output, mode) {
    const callId = `call_${call}`;
    const cmd = `make part-${call}`;
    const seconds = 0.25;
    if (mode === 'code') {
      const input = `const r = await tools.exec_command(${JSON.stringify({ cmd })});\ntext(r);`;
      this.#item({ type: 'custom_tool_call', status: 'completed', call_id: callId, name: 'exec', input });
    } else {
      this.#item({
        type: 'function_call',
        name: 'exec_command',
        arguments: JSON.stringify({ cmd }),
        call_id: callId,
      });
    }
    this.#usage();
    const startMs = this.#timeMs;
    this.#timeMs += seconds * 1000;
    const run = {
      type: 'CommandExecution',
      id: mode === 'code' ? `exec-${uuid7(startMs, call)}` : callId,
      process_id: String(call),
      command: ['/bin/bash', '-lc', cmd],
      cwd: `file://${this.cwd}`,
      status: 'completed',
      aggregated_output: output,
      exit_code: 0,
    };
    this.#completed(run, startMs);
    const shown = JSON.stringify({ chunk_id: 'c5120e', wall_time_seconds: seconds, exit_code: 0, output });
    if (mode === 'code') {
      const header = `Script completed\nWall time ${seconds} seconds\nOutput:\n`;
      const texts = [header, shown].map((text) => ({ type: 'input_text', text }));
      this.#item({ type: 'custom_tool_call_output', call_id: callId, output: texts });
    } else {
      const header = `Chunk ID: c5120e\nWall time: ${seconds} seconds\nProcess exited with code 0\nOutput:\n`;
      this.#item({ type: 'function_call_output', call_id: callId, output: header + output });
    }
  }

  /** @param {number} calls */
  end(calls) {
    const text = `Done: ${calls} parts.`;
    this.#item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
    this.#usage();
    this.#event({
      type: 'task_complete',
      turn_id: this.turnId,
      last_agent_message: text,
      started_at: BEGIN_MS / 1000,
      completed_at: this.#timeMs / 1000,
    });
  }

  #usage() {
    const usage = {
      input_tokens: INPUT_TOKENS,
      cached_input_tokens: 0,
      output_tokens: OUTPUT_TOKENS,
      reasoning_output_tokens: 0,
      total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
    };
    const { threadId: thread_id, turnId: turn_id } = this;
    const response_id = `resp_${this.threadId}_${this.#responses++}`;
    this.#line('token_usage_record', { thread_id, turn_id, response_id, usage });
  }

  /** @param {object} item @param {number} [startMs] */
  #completed(item, startMs = this.#timeMs) {
    const { threadId: thread_id, turnId: turn_id } = this;
    const times = { started_at_ms: startMs, completed_at_ms: this.#timeMs };
    this.#event({ type: 'item_completed', thread_id, turn_id, item, ...times });
  }

  /** @param {object} payload */
  #item(payload) {
    const passthrough = { turn_id: this.turnId };
    this.#line('response_item', { ...payload, internal_chat_message_metadata_passthrough: passthrough });
  }

  /** @param {object} payload */
  #event(payload) {
    this.#line('event_msg', payload);
  }

  /** @param {string} type @param {object} payload */
  #line(type, payload) {
    this.#timeMs += 5;
    const timestamp = new Date(this.#timeMs).toISOString();
    this.write(`${JSON.stringify({ timestamp, ordinal: this.#ordinal++, type, payload })}\n`);
  }
}

/** What builds and tests print: no two lines alike. @param {() => number} random @param {number} bytes */
function programOutput(random, bytes) {
  const lines = [];
  // A program has its own way to print.
  const kinds = [0, 1, 2].map(() => Math.floor(random() * LINES.length));
  for (let size = 0; size < bytes; ) {
    const line = LINES[kinds[Math.floor(random() * kinds.length)] ?? 0]?.(random) ?? '';
    lines.push(line);
    size += line.length + 1;
  }
  return lines.join('\n').slice(0, bytes);
}

/** @param {() => number} random @param {readonly string[]} words */
const pick = (random, words) => words[Math.floor(random() * words.length)] ?? '';
/** @param {() => number} random */
const word = (random) =>
  pick(random, ['build', 'parser', 'token', 'server', 'cache', 'client', 'index', 'query', 'user']);
/** @param {() => number} random @param {number} digits */
const hex = (random, digits) =>
  Math.floor(random() * 16 ** digits)
    .toString(16)
    .padStart(digits, '0');

/** @type {readonly ((random: () => number) => string)[]} */
const LINES = [
  (r) => `[${Math.floor(r() * 9999)}/9999] Compiling src/${word(r)}/${word(r)}_${word(r)}.cc`,
  (r) =>
    `src/${word(r)}/${word(r)}.ts:${Math.floor(r() * 900)}:7 - warning: '${word(r)}' is assigned a value but never used.`,
  (r) =>
    `    at ${word(r)}.${word(r)} (/home/dev/project/node_modules/${word(r)}/lib/${word(r)}.js:${Math.floor(r() * 900)}:15)`,
  (r) =>
    `2026-11-28T03:${Math.floor(10 + r() * 49)}:12.${Math.floor(100 + r() * 899)}Z INFO  ${word(r)}: request ${hex(r, 8)} took ${Math.floor(r() * 900)} ms, status=200 path=/api/${word(r)}/${word(r)}`,
  (r) => `  ✓ ${word(r)} ${word(r)} keeps the ${word(r)} of its ${word(r)} (${Math.floor(r() * 90)} ms)`,
  (r) =>
    `{"level":"info","${word(r)}":${Math.floor(r() * 1e6)},"msg":"${word(r)} ${word(r)} ready","id":"${hex(r, 8)}"}`,
  (r) =>
    `-rw-r--r-- 1 dev dev ${Math.floor(r() * 1e6)} Nov 28 03:12 ${word(r)}-${word(r)}.${pick(r, ['js', 'rs', 'py', 'o'])}`,
  (r) => `commit ${hex(r, 8)}${hex(r, 8)}${hex(r, 8)}${hex(r, 8)}${hex(r, 8)}`,
];

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator). @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {number} timeMs @param {number} n tells ids of one moment apart */
function uuid7(timeMs, n) {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      calls: { type: 'string', default: '1000' },
      bytes: { type: 'string', default: '25000' },
      classic: { type: 'boolean', default: false },
    },
  });
  const written = writeLargeTurn(positionals[0] ?? '.', {
    calls: Number(values.calls),
    bytes: Number(values.bytes),
    mode: values.classic ? 'classic' : 'code',
  });
  console.log(JSON.stringify(written, null, 2));
}
