import { ThreadFile } from './delivery-thread.js';

/** A thread whose turn a test writes response by response, in the shape of Codex 0.171's classic tools. */
export class LiveThread extends ThreadFile {
  #calls = 0;

  /** Begun so many ms ago. */
  static begun(codexHome: string, agoMs = 20_000): LiveThread {
    return new LiveThread(codexHome, Date.now() - agoMs);
  }

  /** A response that asks for a command, with its tokens. @returns the call's id */
  call(turnId: string, cmd = 'make'): string {
    const callId = `call_${this.threadId.slice(-4)}_${++this.#calls}`;
    const args = JSON.stringify({ cmd });
    this.line('response_item', {
      type: 'function_call',
      name: 'exec_command',
      call_id: callId,
      arguments: args,
    });
    this.line('token_usage_record', {
      thread_id: this.threadId,
      turn_id: turnId,
      response_id: `resp_of_${callId}`,
      usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 },
    });
    return callId;
  }

  /** The command's end. */
  answer(turnId: string, callId: string, output = 'done'): void {
    const item = {
      type: 'CommandExecution',
      id: callId,
      command: ['make'],
      cwd: '/home/dev/project',
      exit_code: 0,
      status: 'completed',
      aggregated_output: output,
    };
    this.line('event_msg', { type: 'item_completed', thread_id: this.threadId, turn_id: turnId, item });
    this.line('response_item', {
      type: 'function_call_output',
      call_id: callId,
      output: `Process exited with code 0\nOutput:\n${output}`,
    });
  }
}
