import { describe, expect, test } from '@jest/globals';
import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import { assembled, completed, event, item, line, onlyTurn, thread, turnId } from './made-up-turn.js';

/**
 * Kinds of line that the scripted model does not bring about, or that no Codex writes yet. Shapes are
 * those of `codex-rs/protocol` where there is one.
 */

describe('a tool item of a kind that nobody told us about', () => {
  test('is a TOOL span with what it has', () => {
    const { turn, spans } = assembled(
      completed(
        {
          type: 'CrystalBall',
          id: 'ball_1',
          status: 'failed',
          question: 'why',
          exit_code: 3,
          result: { text: 'hazy' },
          error: { message: 'no sight' },
        },
        { started_at_ms: 1_795_573_000_025, completed_at_ms: 1_795_573_000_027 },
      ),
    );
    expect(turn.skippedLines).toBe(0);
    const tool = spans.find(({ name }) => name === 'crystal_ball');
    expect(tool).toMatchObject({
      endMs: 1_795_573_000_027,
      status: { code: 'ERROR', message: 'the tool failed' },
    });
    expect(JSON.parse(String(tool?.attributes['mlflow.spanInputs']))).toEqual({
      question: 'why',
      exit_code: 3,
      result: { text: 'hazy' },
      error: { message: 'no sight' },
    });
    expect(JSON.parse(String(tool?.attributes['mlflow.spanOutputs']))).toEqual({
      text: 'hazy',
      error: 'no sight',
      exit_code: 3,
    });
  });

  test('joins the call it names', () => {
    const { turn } = assembled(
      item({ type: 'function_call', name: 'ask_ball', arguments: '{"q":1}', call_id: 'call_1' }),
      completed({ type: 'CrystalBall', id: 'call_1', status: 'completed' }),
      item({ type: 'function_call_output', call_id: 'call_1', output: 'hazy' }),
    );
    expect(turn.toolCalls).toMatchObject([
      { id: 'call_1', name: 'ask_ball', input: { q: 1 }, output: { output: 'hazy' } },
    ]);
  });

  test('of a call whose response item is new as well is a TOOL too', () => {
    const { turn } = assembled(
      item({ type: 'crystal_ball_call', call_id: 'call_1', arguments: { q: 1 } }),
      item({ type: 'crystal_ball_call_output', call_id: 'call_1', output: 'hazy' }),
    );
    expect(turn.toolCalls).toMatchObject([
      { id: 'call_1', name: 'crystal_ball', form: 'function', input: { q: 1 }, output: { output: 'hazy' } },
    ]);
  });
});

describe('lines of unknown kinds', () => {
  test('are counted, and the trace is there without them', () => {
    const { spans } = assembled(
      line('hologram', { a: 1 }),
      event({ type: 'hologram_shown' }),
      item({ type: 'hologram' }),
      'no json',
      item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
    );
    expect(spans[0]?.attributes['codex.lines.skipped']).toBe(4);
    expect(spans[0]?.attributes['codex.turn.outcome']).toBe('completed');
    expect(spans).toHaveLength(2);
  });
});

describe('calls', () => {
  test('of the built-in local shell have their command and its result', () => {
    const { turn } = assembled(
      item({
        type: 'local_shell_call',
        call_id: 'call_1',
        status: 'completed',
        action: { type: 'exec', command: ['ls', '-l'], timeout_ms: 1000 },
      }),
      item({
        type: 'function_call_output',
        call_id: 'call_1',
        output: '{"output":"a.txt\\n","metadata":{"exit_code":0,"duration_seconds":0.1}}',
      }),
    );
    expect(turn.toolCalls).toMatchObject([
      {
        name: 'local_shell',
        input: { type: 'exec', command: ['ls', '-l'], timeout_ms: 1000 },
        output: { output: 'a.txt\n', exit_code: 0 },
        exitCode: 0,
      },
    ]);
  });

  test('of a tool search have the tools it found', () => {
    const { turn } = assembled(
      item({
        type: 'tool_search_call',
        call_id: 'call_1',
        status: 'completed',
        arguments: { query: 'weather' },
      }),
      item({
        type: 'tool_search_output',
        call_id: 'call_1',
        status: 'completed',
        tools: [{ type: 'function', name: 'get_weather' }],
      }),
    );
    expect(turn.toolCalls).toMatchObject([
      {
        name: 'tool_search',
        input: { query: 'weather' },
        output: { output: '[{"type":"function","name":"get_weather"}]' },
      },
    ]);
  });

  test('whose output never came last until the turn ends', () => {
    const { turn } = assembled(
      item({ type: 'function_call', name: 'slow', arguments: '{}', call_id: 'call_1' }),
    );
    expect(turn.toolCalls).toMatchObject([{ name: 'slow', endMs: turn.endMs }]);
    expect(turn.toolCalls[0]).not.toHaveProperty('input');
    expect(turn.toolCalls[0]).not.toHaveProperty('output');
  });

  test('with arguments that are no object keep them as input', () => {
    const { turn } = assembled(
      item({ type: 'function_call', name: 'a', arguments: 'not json', call_id: 'call_1' }),
      item({ type: 'function_call', name: 'b', arguments: '[1,2]', call_id: 'call_2' }),
      item({ type: 'custom_tool_call', name: 'c', input: '{"this":"stays text"}', call_id: 'call_3' }),
    );
    expect(turn.toolCalls.map(({ input }) => input)).toEqual([
      { input: 'not json' },
      { input: [1, 2] },
      { input: '{"this":"stays text"}' },
    ]);
  });

  test('that are recorded twice are told once', () => {
    const call = item({ type: 'function_call', name: 'a', arguments: '{"x":1}', call_id: 'call_1' });
    const output = item({ type: 'function_call_output', call_id: 'call_1', output: 'ok' });
    const { turn } = assembled(call, call, output, output);
    expect(turn.toolCalls).toHaveLength(1);
    expect(turn.modelCalls.flatMap(({ output: said }) => said?.toolCalls ?? [])).toHaveLength(1);
  });

  test('of older Codexes with success:false have failed', () => {
    const { turn } = assembled(
      item({ type: 'function_call', name: 'a', arguments: '{"x":1}', call_id: 'call_1' }),
      item({
        type: 'function_call_output',
        call_id: 'call_1',
        output: { content: 'it broke', success: false },
      }),
    );
    expect(turn.toolCalls).toMatchObject([{ output: { output: 'it broke' }, failure: { type: 'failed' } }]);
  });
});

describe('the end of a tool, as Codex up to 0.140 tells it', () => {
  const ended = (payload: object) => assembled(event(payload, 40)).turn.toolCalls[0];

  test('gives its start by its duration, to the millisecond', () => {
    const tool = ended({
      type: 'mcp_tool_call_end',
      call_id: 'call_1',
      invocation: { server: 's', tool: 't', arguments: { a: 1 } },
      duration: { secs: 0, nanos: 25_000_000 },
      result: { Ok: { content: [{ type: 'text', text: 'ok' }] } },
    });
    const endMs = 1_795_573_000_040;
    expect(tool).toMatchObject({ startMs: endMs - 25, endMs });
  });

  test('is a failure where a patch without a status says that it was no success', () => {
    const patch = (success: boolean) =>
      ended({ type: 'patch_apply_end', call_id: 'call_1', success, changes: {}, stdout: '', stderr: 'no' });
    expect(patch(false)?.failure).toEqual({ type: 'failed', message: 'the tool failed' });
    expect(patch(true)).not.toHaveProperty('failure');
  });
});

describe('a search by the provider', () => {
  test('keeps the id that it was recorded with', () => {
    const { spans } = assembled(
      item({ type: 'web_search_call', id: 'ws_77', status: 'completed', action: { query: 'x' } }),
    );
    const ids = spans.map(({ attributes }) => attributes['gen_ai.tool.call.id']).filter(Boolean);
    expect(ids).toEqual(['ws_77']);
  });

  test('that was cut off is an error', () => {
    const { turn } = assembled(
      item({ type: 'web_search_call', id: 'ws_1', status: 'incomplete', action: { query: 'x' } }),
      item({ type: 'web_search_call', id: 'ws_2', status: 'completed', action: { query: 'x' } }),
    );
    expect(turn.toolCalls.map(({ failure }) => failure?.type)).toEqual(['aborted', undefined]);
  });
});

describe('a tool that a script of code mode ran', () => {
  const exec = (id: string, at: number) =>
    line('response_item', { type: 'custom_tool_call', name: 'exec', call_id: id, input: 'go()' }, at);
  const output = (id: string, text: string, at: number) =>
    line(
      'response_item',
      { type: 'custom_tool_call_output', call_id: id, output: [{ type: 'input_text', text }] },
      at,
    );
  const ran = (startMs: number, at: number) =>
    event(
      {
        type: 'item_completed',
        thread_id: thread,
        started_at_ms: 1_795_573_000_000 + startMs,
        completed_at_ms: 1_795_573_000_000 + startMs + 1,
        item: { type: 'CommandExecution', id: 'exec-1', command: ['ls'], status: 'completed', exit_code: 0 },
      },
      at,
    );
  const belowWhich = (...lines: string[]) =>
    assembled(...lines).turn.toolCalls.find(({ children }) => children.length > 0)?.id;

  test('between two scripts belongs to the one that was left running', () => {
    const yields = output('call_1', 'Script running with cell ID 1\nWall time 0.1 seconds\nOutput:\n', 200);
    const ends = output('call_2', 'Script completed\nWall time 0.1 seconds\nOutput:\n', 400);
    expect(
      belowWhich(exec('call_1', 100), yields, exec('call_2', 300), ends, ran(500, 510), exec('call_3', 600)),
    ).toBe('call_1');
  });

  test('between two scripts that have ended belongs to the one just over', () => {
    const ends = (id: string, at: number) => output(id, 'Script completed\nOutput:\n', at);
    expect(
      belowWhich(
        exec('call_1', 100),
        ends('call_1', 200),
        exec('call_2', 300),
        ends('call_2', 400),
        ran(500, 510),
        exec('call_3', 600),
      ),
    ).toBe('call_2');
  });
});

describe('a command that still runs', () => {
  const script = (input: string, result: object) => [
    item({ type: 'custom_tool_call', name: 'exec', call_id: 'call_1', input }),
    item({
      type: 'custom_tool_call_output',
      call_id: 'call_1',
      output: [
        { type: 'input_text', text: 'Script completed\nOutput:\n' },
        { type: 'input_text', text: JSON.stringify(result) },
      ],
    }),
  ];
  const isRunning = (...lines: string[]) => assembled(...lines).turn.toolCalls[0]?.running;

  test('is said to by the script that started it', () => {
    expect(isRunning(...script('text(await tools.exec_command({}))', { session_id: 5 }))).toBe(true);
  });

  test('is not said to by a script that only asks after it', () => {
    expect(isRunning(...script('text(await tools.write_stdin({}))', { session_id: 5 }))).toBeUndefined();
  });

  test.each([
    ['has an exit code', { session_id: 5, exit_code: 0 }],
    ['has no session', { output: 'x' }],
  ])('is none where the result %s', (_, result) => {
    expect(isRunning(...script('text(await tools.exec_command({}))', result))).toBeUndefined();
  });
});

describe('lines of another thread', () => {
  test('are left out though they name the turn', () => {
    const usage = { input_tokens: 10, output_tokens: 2, total_tokens: 12 };
    const record = (threadId: string, id: string) =>
      line('token_usage_record', { turn_id: turnId, thread_id: threadId, response_id: id, usage });
    const command = (threadId: string, id: string) =>
      event({
        type: 'item_completed',
        thread_id: threadId,
        item: { type: 'CommandExecution', id, command: ['ls'], status: 'completed', exit_code: 0 },
      });
    const { turn } = assembled(
      command('other', 'call_9'),
      record('other', 'resp_9'),
      command(thread, 'call_1'),
      record(thread, 'resp_1'),
    );
    expect(turn.modelCalls.map(({ responseId }) => responseId)).toEqual(['resp_1']);
    expect(turn.toolCalls.map(({ id }) => id)).toEqual(['call_1']);
  });
});

describe('the time to the first token', () => {
  const firstToken = (ms: number) => {
    const { segments, meta } = splitTurns(
      [
        line('session_meta', { id: thread }, 0),
        event({ type: 'task_started' }, 0),
        event({ type: 'user_message', message: 'do it' }, 100),
        line(
          'response_item',
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] },
          500,
        ),
        event({ type: 'task_complete', last_agent_message: 'done', time_to_first_token_ms: ms }, 600),
      ].map(parseRolloutLine),
    );
    return assembleTurn(segments[0] as (typeof segments)[0], meta).modelCalls[0]?.timeToFirstTokenMs;
  };

  test('counts from the request, not from the start of the turn', () => {
    expect(firstToken(300)).toBe(200);
  });

  test.each([
    ['before the request', 50],
    ['after the response', 501],
  ])('is left out where it lies %s', (_, ms) => {
    expect(firstToken(ms)).toBeUndefined();
  });
});

describe('responses', () => {
  test('that the same record names twice are one', () => {
    const usage = { input_tokens: 10, output_tokens: 2, total_tokens: 12 };
    const record = line('token_usage_record', {
      turn_id: turnId,
      thread_id: thread,
      response_id: 'resp_1',
      usage,
    });
    const { turn } = assembled(
      item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
      record,
      record,
    );
    expect(turn.modelCalls).toMatchObject([{ responseId: 'resp_1', usage: { totalTokens: 12 } }]);
  });

  test('of another thread, as a review leaves them, are not counted', () => {
    const usage = { input_tokens: 10, output_tokens: 2, total_tokens: 12 };
    const { turn } = assembled(
      line('token_usage_record', { turn_id: 'other', thread_id: 'other', response_id: 'resp_9', usage }),
      item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
      line('token_usage_record', { turn_id: turnId, thread_id: thread, response_id: 'resp_1', usage }),
    );
    expect(turn.modelCalls.map(({ responseId }) => responseId)).toEqual(['resp_1']);
  });

  test('with raw reasoning tell that in place of its summary', () => {
    const { turn } = assembled(
      item({
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'in short' }],
        content: [{ type: 'reasoning_text', text: 'at length' }],
      }),
      item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
    );
    expect(turn.modelCalls).toMatchObject([{ output: { reasoning: 'at length', content: 'done' } }]);
  });

  test('after a change of model within the turn have the model of their own', () => {
    const { turn } = assembled(
      line('turn_context', { turn_id: turnId, model: 'first' }),
      item({ type: 'function_call', name: 'a', arguments: '{"x":1}', call_id: 'call_1' }),
      item({ type: 'function_call_output', call_id: 'call_1', output: 'ok' }),
      line('turn_context', { turn_id: turnId, model: 'second' }),
      item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
    );
    expect(turn.modelCalls.map(({ model }) => model)).toEqual(['first', 'second']);
    expect(turn.model).toBe('first');
  });
});

describe('an item that was declined', () => {
  const declined = (words: object) =>
    assembled(completed({ type: 'FileChange', id: 'call_1', changes: {}, status: 'declined', ...words })).turn
      .toolCalls[0]?.failure;

  test.each([
    ['a user', { stderr: 'patch rejected by user' }, 'declined by the user'],
    [
      'a reviewer',
      { stderr: 'This action was rejected due to unacceptable risk.\nReason: x' },
      'rejected by the reviewer of approvals',
    ],
    ['nobody who is named', { stderr: '' }, 'declined'],
  ])('by %s says so', (_, words, message) => {
    expect(declined(words)?.message).toBe(message);
  });

  test('as an MCP call by a user is no error of the server', () => {
    const { turn } = assembled(
      completed({
        type: 'McpToolCall',
        id: 'call_1',
        server: 's',
        tool: 't',
        status: 'failed',
        error: { message: 'user rejected MCP tool call' },
      }),
    );
    expect(turn.toolCalls[0]?.failure).toEqual({ type: 'declined', message: 'declined by the user' });
  });
});

describe('the time of a line', () => {
  const times = (...timestamps: unknown[]) => {
    const { segments, meta } = splitTurns(
      [
        { type: 'session_meta', payload: { id: thread, timestamp: timestamps[0] } },
        { type: 'event_msg', payload: { type: 'task_started', turn_id: turnId } },
        { type: 'event_msg', payload: { type: 'user_message', message: 'do it' } },
        { type: 'event_msg', payload: { type: 'task_complete', turn_id: turnId, last_agent_message: 'x' } },
      ].map((one, index) => parseRolloutLine(JSON.stringify({ timestamp: timestamps[index], ...one }))),
    );
    const { startMs, endMs, skippedLines } = assembleTurn(segments[0] as (typeof segments)[0], meta);
    return { startMs, endMs, skippedLines };
  };
  const iso = (ms: number) => new Date(ms).toISOString();
  const start = 1_795_573_000_500;
  const expected = { startMs: start, endMs: start + 1500, skippedLines: 0 };

  test('is read as text and as a number of ms or s', () => {
    expect(times(iso(start), iso(start), iso(start), iso(start + 1500))).toEqual(expected);
    expect(times(start, start, start, start + 1500)).toEqual(expected);
    expect(times(start / 1000, start / 1000, start / 1000, start / 1000 + 1.5)).toEqual(expected);
  });

  test('that cannot be read is counted, and never the year 1970', () => {
    const read = times('yesterday', 0, {}, 'then');
    expect(read.skippedLines).toBe(3);
    // The turn's id holds the time it was made.
    expect(read.startMs).toBe(1_795_573_153_793);
  });
});

describe('a turn that was imported from another agent (0.171)', () => {
  const { segments, meta } = splitTurns(
    [
      line('session_meta', { id: thread }, 0),
      line('event_msg', { type: 'task_started', turn_id: 'external-import-turn-1', started_at: 1 }, 0),
      line('event_msg', { type: 'user_message', message: 'list the files' }, 0),
      item({
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'There is a.txt.' }],
      }),
      line('event_msg', {
        type: 'task_complete',
        turn_id: 'external-import-turn-1',
        last_agent_message: null,
        started_at: 1,
      }),
      event({ type: 'task_started' }),
      event({ type: 'user_message', message: 'go on here' }),
      item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
      event({ type: 'task_complete', last_agent_message: 'done', started_at: 1 }),
    ].map(parseRolloutLine),
  );
  const [imported, real] = segments.map((segment) => assembleTurn(segment, meta));

  test('has completed, and called no model', () => {
    expect(imported).toMatchObject({
      imported: true,
      outcome: 'completed',
      prompts: ['list the files'],
      answer: 'There is a.txt.',
      modelCalls: [],
    });
  });

  test('is followed by turns like any other', () => {
    expect(real).toMatchObject({ outcome: 'completed', answer: 'done', modelCalls: [{}] });
    expect(real).not.toHaveProperty('imported');
  });
});

describe('a turn', () => {
  test('that is still going on, or whose Codex was killed, is incomplete and no error', () => {
    const { turn } = onlyTurn([
      line('session_meta', { id: thread }),
      event({ type: 'task_started' }),
      event({ type: 'user_message', message: 'do it' }),
    ]);
    expect(turn).toMatchObject({ outcome: 'incomplete', prompts: ['do it'], modelCalls: [], toolCalls: [] });
  });

  test('replaced by another one says so', () => {
    const { spans } = onlyTurn([
      line('session_meta', { id: thread }),
      event({ type: 'task_started' }),
      event({ type: 'user_message', message: 'do it' }),
      event({ type: 'turn_aborted', reason: 'replaced' }),
    ]);
    expect(spans[0]).toMatchObject({
      status: { code: 'ERROR', message: 'interrupted: replaced' },
      attributes: { 'codex.turn.abort_reason': 'replaced', 'error.type': 'interrupted' },
    });
  });

  test.each(['task', 'turn'])('begins and ends with either name of the events (%s_…)', (name) => {
    const { segments } = splitTurns(
      [
        line('session_meta', { id: thread }),
        event({ type: `${name}_started` }),
        event({ type: 'user_message', message: 'do it' }),
        event({ type: `${name}_complete`, last_agent_message: 'done' }),
      ].map(parseRolloutLine),
    );
    expect(segments).toMatchObject([{ started: true, ended: true, turnId }]);
  });
});
