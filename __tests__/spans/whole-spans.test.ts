import { describe, expect, test } from '@jest/globals';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { typeOf } from '../turn/invariants.js';
import { openPolicy, preparedTurns, recording } from '../turn/recordings.js';

/** The spans of a recording's turns, turn by turn. */
async function turnsOf(name: string): Promise<SpanSpec[][]> {
  return (await preparedTurns(recording(name))).map(({ specs }) => [...specs]);
}

async function spansOf(name: string): Promise<SpanSpec[]> {
  return (await turnsOf(name)).flat();
}

describe('a turn of 0.140.0 in a repository, attribute by attribute', () => {
  const thread = '01a21080-3806-71b0-8d3d-a41cbbfe89bc';
  let spans: SpanSpec[];

  test('the turn: who asked what, where, by what, and with which settings', async () => {
    spans = await spansOf('0.140.0-classic/git-shell');
    expect(spans[0]).toEqual({
      name: 'invoke_agent codex',
      kind: 'INTERNAL',
      traceId: '77741d2915f2205b4da683532ec2ffad',
      spanId: 'e670228d945d2cec',
      startMs: Date.parse('2026-11-25T02:19:28.169Z'),
      endMs: Date.parse('2026-11-25T02:19:28.294Z'),
      status: { code: 'UNSET' },
      events: [],
      attributes: {
        'mlflow.spanType': 'AGENT',
        'mlflow.spanInputs': '{"messages":[{"role":"user","content":"log"}]}',
        'mlflow.spanOutputs': '{"choices":[{"message":{"role":"assistant","content":"one commit"}}]}',
        'session.id': thread,
        'user.id': 'dev',
        'mlflow.traceTag.mlflow.traceName': 'codex',
        'mlflow.traceTag.codex.outcome': 'completed',
        'mlflow.traceTag.codex.model': 'gpt-5.1-codex',
        'mlflow.traceTag.codex.client': 'codex_exec',
        'mlflow.traceTag.git.repository': 'lab/repo',
        'mlflow.traceTag.git.branch': 'main',
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'scripted',
        'gen_ai.agent.name': 'codex',
        'gen_ai.agent.version': '0.140.0',
        'gen_ai.conversation.id': thread,
        'gen_ai.request.model': 'gpt-5.1-codex',
        'process.working_directory': '/home/dev/project',
        // Recorded as https://user:tok@example.invalid/lab/repo.git.
        'vcs.repository.url.full': 'https://example.invalid/lab/repo.git',
        'vcs.ref.head.name': 'main',
        'vcs.ref.head.revision': '1b20047b3762fe054569eb4a8a7f1df72c87ec65',
        'codex.turn.id': '01a21080-3819-7922-9d4a-896f7354051c',
        'codex.thread.id': thread,
        'codex.turn.outcome': 'completed',
        'codex.originator': 'codex_exec',
        'codex.approval_policy': 'never',
        'codex.sandbox_mode': 'danger-full-access',
      },
    });
  });

  test('a response: from what it waited for to its last item, with its tokens in two vocabularies', () => {
    const { attributes, ...span } = spans[3] as SpanSpec;
    const { 'mlflow.spanInputs': inputs, ...others } = attributes;
    expect(span).toMatchObject({
      name: 'chat gpt-5.1-codex',
      kind: 'CLIENT',
      parentSpanId: 'e670228d945d2cec',
      // The command's output, and the answer's line.
      startMs: Date.parse('2026-11-25T02:19:28.263Z'),
      endMs: Date.parse('2026-11-25T02:19:28.291Z'),
      status: { code: 'UNSET' },
    });
    expect(others).toEqual({
      'mlflow.spanType': 'LLM',
      'mlflow.spanOutputs':
        '{"choices":[{"message":{"role":"assistant","content":"one commit"},"finish_reason":"stop"}]}',
      'mlflow.llm.model': 'gpt-5.1-codex',
      'mlflow.llm.provider': 'scripted',
      'mlflow.chat.tokenUsage':
        '{"input_tokens":1100,"output_tokens":51,"total_tokens":1151,"cache_read_input_tokens":10}',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'scripted',
      'gen_ai.conversation.id': thread,
      'gen_ai.request.model': 'gpt-5.1-codex',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 1100,
      'gen_ai.usage.output_tokens': 51,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.reasoning.output_tokens': 6,
    });
    // What the turn had said up to here, in chat-completions shape.
    expect(JSON.parse(String(inputs))).toEqual({
      model: 'gpt-5.1-codex',
      messages: [
        { role: 'system', content: expect.stringContaining('<permissions instructions>') },
        { role: 'user', content: expect.stringContaining('# AGENTS.md instructions') },
        { role: 'user', content: 'log' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_4ed9000003',
              type: 'function',
              function: { name: 'exec_command', arguments: '{"cmd":"git log --oneline"}' },
            },
          ],
        },
        {
          role: 'tool',
          content: expect.stringContaining('1b20047 one'),
          tool_call_id: 'call_4ed9000003',
        },
      ],
    });
  });

  test('a call: its arguments, its result, its id', () => {
    expect(spans[2]).toEqual({
      name: 'exec_command',
      kind: 'INTERNAL',
      traceId: '77741d2915f2205b4da683532ec2ffad',
      spanId: '4f575bda66a97c0e',
      parentSpanId: 'e670228d945d2cec',
      startMs: Date.parse('2026-11-25T02:19:28.208Z'),
      endMs: Date.parse('2026-11-25T02:19:28.263Z'),
      status: { code: 'UNSET' },
      events: [],
      attributes: {
        'mlflow.spanType': 'TOOL',
        'mlflow.spanInputs': '{"cmd":"git log --oneline"}',
        'mlflow.spanOutputs': JSON.stringify({
          output: '1b20047 one\n',
          chunk_id: '889e62',
          wall_time_seconds: 0,
          exit_code: 0,
          original_token_count: 3,
        }),
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.conversation.id': thread,
        'gen_ai.tool.name': 'exec_command',
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': 'call_4ed9000003',
        'process.exit.code': 0,
      },
    });
  });
});

describe('what only some recordings tell', () => {
  test('0.169 names each response, and tells when the first token came and with which effort', async () => {
    const spans = await spansOf('0.169.0-code-mode/demo');
    expect(spans[0]?.attributes['codex.reasoning_effort']).toBe('medium');
    const llms = spans.filter((span) => typeOf(span) === 'LLM');
    expect(llms.map(({ attributes }) => attributes['gen_ai.response.id'])).toEqual(
      recording('0.169.0-code-mode/demo').served.map(({ responseId }) => responseId),
    );
    // The model let its first token wait for 350 ms.
    expect(llms[0]?.attributes['gen_ai.response.time_to_first_chunk']).toBe(0.373);
    expect(llms.slice(1).map(({ attributes }) => attributes['gen_ai.response.time_to_first_chunk'])).toEqual(
      llms.slice(1).map(() => undefined),
    );
  });

  test('why a turn failed is the status of its root and an event at its end', async () => {
    const [, failed] = await turnsOf('0.169.0-classic/unannounced-turns');
    const why = 'We’re currently experiencing high demand, which may cause temporary errors.';
    expect(failed?.[0]).toMatchObject({
      status: { code: 'ERROR', message: why },
      attributes: { 'error.type': 'internal_server_error', 'codex.turn.outcome': 'failed' },
      events: [
        {
          name: 'exception',
          timeMs: failed?.[0]?.endMs,
          attributes: { 'exception.type': 'internal_server_error', 'exception.message': why },
        },
      ],
    });
  });

  test('why a turn was interrupted is told likewise', async () => {
    const [, , interrupted] = await turnsOf('0.169.0-classic/unannounced-turns');
    expect(interrupted?.[0]).toMatchObject({
      status: { code: 'ERROR', message: 'interrupted' },
      attributes: { 'error.type': 'interrupted', 'codex.turn.abort_reason': 'interrupted' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'interrupted' } }],
    });
  });

  test("an agent's spans are in the session of its root, and each in the conversation of its thread", async () => {
    const { specs: agent } = (await preparedTurns(recording('0.140.0-classic/agents-nested')))[2] ?? {
      specs: [],
    };
    const [root, , beta] = recording('0.140.0-classic/agents-nested').rollouts.map((file) =>
      file.slice(-42, -6),
    );
    expect(agent.map(({ attributes }) => attributes['session.id'])).toEqual(agent.map(() => root));
    expect(agent.map(({ attributes }) => attributes['gen_ai.conversation.id'])).toEqual(
      agent.map(() => beta),
    );
    expect(agent[0]?.attributes['user.id']).toBeUndefined();
  });

  test("an MCP server's tool is an extension, and its server is named", async () => {
    const tools = (await spansOf('0.169.0-classic/mcp')).filter((span) => typeOf(span) === 'TOOL');
    expect(tools.map(({ attributes }) => attributes['gen_ai.tool.type'])).toEqual(['extension', 'extension']);
    expect(tools.map(({ attributes }) => attributes['codex.tool.namespace'])).toEqual([
      'mcp__labmcp',
      'mcp__labmcp',
    ]);
  });
});

describe('times', () => {
  const times = (span: SpanSpec | undefined) => [span?.startMs, span?.endMs];

  test("parallel commands have Codex's own times, not that of their outputs' lines", async () => {
    const tools = (await spansOf('0.169.0-classic/parallel')).filter((span) => typeOf(span) === 'TOOL');
    expect(tools.map(times)).toEqual([
      [1795572039941, 1795572039942],
      [1795572040060, 1795572040422],
      [1795572040066, 1795572040222],
      [1795572040488, 1795572040488],
    ]);
  });

  test('where there are none, a command lasts from its call to its output', async () => {
    const tools = (await spansOf('0.101.0-classic/parallel')).filter((span) => typeOf(span) === 'TOOL');
    const [turn] = await spansOf('0.101.0-classic/parallel');
    const since = (ms: number | undefined) => (ms ?? 0) - (turn?.startMs ?? 0);
    expect(tools.map((span) => times(span).map(since))).toEqual([
      [46, 614],
      [46, 614],
      [46, 615],
      [647, 724],
    ]);
  });

  test('a command in the background ends later than the script that started it', async () => {
    const [, , outer, inner] = await spansOf('0.169.0-code-mode/background-shell');
    expect(times(outer)).toEqual([
      Date.parse('2026-11-25T02:00:50.891Z'),
      Date.parse('2026-11-25T02:00:51.613Z'),
    ]);
    expect(times(inner)).toEqual([1795572051108, 1795572053372]);
    expect(inner?.parentSpanId).toBe(outer?.spanId);
  });

  test('an agent that outlives its parent keeps its own end', async () => {
    const spans = await spansOf('0.169.0-classic/agent-outlives-v2');
    const [root, agent] = spans.filter((span) => typeOf(span) === 'AGENT');
    expect((agent?.endMs ?? 0) - (root?.endMs ?? 0)).toBeGreaterThan(1000);
  });

  test('0.60, which writes a call with its output, is believed by its tokens: the call was made then', async () => {
    const [turn, , first] = await spansOf('0.60.1-classic/parallel');
    expect([
      (first?.startMs ?? 0) - (turn?.startMs ?? 0),
      (first?.endMs ?? 0) - (turn?.startMs ?? 0),
    ]).toEqual([14, 833]);
  });
});

describe('metadata only', () => {
  test('leaves names, times, tokens and outcomes, and nothing that anybody said', async () => {
    const full = await preparedTurns(recording('0.169.0-classic/failing-commands'));
    const bare = await preparedTurns(recording('0.169.0-classic/failing-commands'), {
      ...openPolicy,
      mode: 'metadata',
    });
    const [spans, told] = [bare, full].map((turns) => turns.flatMap(({ specs }) => specs));
    expect(spans?.map(({ spanId, name, startMs }) => ({ spanId, name, startMs }))).toEqual(
      told?.map(({ spanId, name, startMs }) => ({ spanId, name, startMs })),
    );
    expect(spans?.filter(({ attributes }) => 'mlflow.chat.tokenUsage' in attributes)).toHaveLength(4);
    const text = JSON.stringify(spans);
    for (const said of [
      'run failing',
      'All three',
      'no_such_command',
      'to-stderr',
      'spanInputs',
      'spanOutputs',
    ]) {
      expect(text).not.toContain(said);
    }
  });

  test('hides the words of an error too', async () => {
    const turns = await preparedTurns(recording('0.169.0-classic/http-400'), {
      ...openPolicy,
      mode: 'metadata',
    });
    expect(JSON.stringify(turns.map(({ specs }) => specs))).not.toContain('scripted bad request');
    expect(turns[0]?.specs[0]?.status).toEqual({ code: 'ERROR', message: 'the turn failed' });
  });
});
