import { ThreadFile } from './delivery-thread.js';

/** What writes one turn's lines, with the text in all of them. */
interface TurnWriter {
  readonly text: string;
  /** The id of one of its calls. */
  call(part: string): string;
  item(item: object): void;
  response(payload: object): void;
}

/** A thread whose turns hold a text in every place of a recording that comes from outside Codex (0.169). */
export class TextEverywhere extends ThreadFile {
  #count = 0;

  /** A whole turn with the text in all places. @param mode how tools are called @returns its id */
  turnWith(text: string, mode: 'classic' | 'code'): string {
    const turnId = this.begin();
    const number = ++this.#count;
    const item = (item: object) =>
      this.line('event_msg', { type: 'item_completed', thread_id: this.threadId, turn_id: turnId, item });
    const response = (payload: object) =>
      this.line('response_item', {
        ...payload,
        internal_chat_message_metadata_passthrough: { turn_id: turnId },
      });
    const call = (part: string) => `call_${number}_${part}`;

    item({ type: 'UserMessage', id: `more${number}`, content: [{ type: 'text', text }] });
    item({ type: 'Reasoning', id: `rs_${number}`, summary_text: [text], raw_content: [] });
    response({
      type: 'reasoning',
      id: `rs_${number}`,
      summary: [{ type: 'summary_text', text }],
      content: null,
    });
    response({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text }],
      phase: 'commentary',
    });
    const tools = mode === 'classic' ? classicTools : codeTools;
    tools({ text, call, item, response });
    this.line('event_msg', {
      type: 'task_complete',
      turn_id: turnId,
      last_agent_message: text,
      error: { message: text, codex_error_info: 'usage_limit' },
    });
    return turnId;
  }
}

function classicTools({ text, call, item, response }: TurnWriter): void {
  response({
    type: 'function_call',
    name: 'exec_command',
    arguments: JSON.stringify({ cmd: text, note: { deep: [text] }, [text]: 1 }),
    call_id: call('shell'),
  });
  item({
    type: 'CommandExecution',
    id: call('shell'),
    command: ['/bin/bash', '-lc', text],
    cwd: '/home/dev/project',
    status: 'failed',
    aggregated_output: text,
    exit_code: 1,
  });
  response({
    type: 'function_call_output',
    call_id: call('shell'),
    output: `Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 1\nOutput:\n${text}`,
  });
  response({ type: 'custom_tool_call', name: 'apply_patch', input: text, call_id: call('patch') });
  response({ type: 'custom_tool_call_output', call_id: call('patch'), output: text });
  response({
    type: 'function_call',
    name: 'ask',
    namespace: 'mcp__lab',
    arguments: JSON.stringify({ text }),
    call_id: call('mcp'),
  });
  item({
    type: 'McpToolCall',
    id: call('mcp'),
    server: 'lab',
    tool: 'ask',
    arguments: { text },
    status: 'completed',
    result: { content: [{ type: 'text', text }], structuredContent: { said: text } },
  });
  response({ type: 'function_call_output', call_id: call('mcp'), output: text });
}

function codeTools({ text, call, item, response }: TurnWriter): void {
  response({
    type: 'custom_tool_call',
    name: 'exec',
    input: `const r = await tools.exec_command(${JSON.stringify({ cmd: text })});\ntext(r);`,
    call_id: call('exec'),
  });
  item({
    type: 'CommandExecution',
    id: `exec-${call('inner')}`,
    command: ['/bin/bash', '-lc', text],
    cwd: '/home/dev/project',
    status: 'completed',
    aggregated_output: text,
    exit_code: 0,
  });
  response({
    type: 'custom_tool_call_output',
    call_id: call('exec'),
    output: [
      { type: 'input_text', text: 'Script completed\nWall time 0.1 seconds\nOutput:\n' },
      { type: 'input_text', text: JSON.stringify({ exit_code: 0, output: text }) },
    ],
  });
}
