import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How a turn ends in the recording. */
export type TurnEnd = 'complete' | 'aborted' | 'failed' | 'none';

let sequence = 0;

/** A UUIDv7 of a time; later ones sort after earlier ones of the same ms. */
function uuidAt(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  const tail = (++sequence).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

/**
 * A recording that a test writes line by line, in the shape of Codex 0.169: what matters to delivery
 * is where turns begin and end, so each turn has one prompt, one answer and one response's tokens.
 */
export class ThreadFile {
  readonly threadId: string;
  #path: string;
  #nowMs: number;
  #turns = 0;

  constructor(codexHome: string, startMs = Date.now() - 3_600_000) {
    this.#nowMs = startMs;
    this.threadId = uuidAt(startMs);
    const day = new Date(startMs).toISOString().slice(0, 10).split('-');
    const folder = path.join(codexHome, 'sessions', ...day);
    mkdirSync(folder, { recursive: true });
    this.#path = path.join(folder, `rollout-${day.join('-')}T00-00-00-${this.threadId}.jsonl`);
    this.#begin(codexHome);
  }

  /** The file that lines are appended to. */
  get path(): string {
    return this.#path;
  }

  /**
   * Goes on in another file, as after a rewind (0.169): its name has the thread's id and a segment's, its
   * first line the thread's. @returns the segment's id
   */
  rewind(): string {
    this.#nowMs += 1000;
    const segmentId = uuidAt(this.#nowMs);
    const folder = path.dirname(this.#path);
    const cwd = path.resolve(folder, '../../../..');
    const name = path.basename(this.#path).replace(/_[0-9a-f-]+|\.jsonl$/g, '');
    this.#path = path.join(folder, `${name.replace('00-00-00', '01-00-00')}_${segmentId}.jsonl`);
    this.#begin(cwd, { history_base: { thread_id: this.threadId } });
    return segmentId;
  }

  #begin(cwd: string, more: object = {}): void {
    writeFileSync(this.path, '');
    this.line('session_meta', {
      id: this.threadId,
      session_id: this.threadId,
      cwd,
      cli_version: '0.169.0',
      model_provider: 'mock',
      originator: 'codex_exec',
      source: 'exec',
      ...more,
    });
  }

  /** Puts the clock of the lines to come to another time. */
  setClock(ms: number): void {
    this.#nowMs = ms;
  }

  /** Appends a whole turn. @returns its id */
  turn(end: TurnEnd = 'complete', size = 0): string {
    const turnId = this.begin(size);
    this.end(turnId, end);
    return turnId;
  }

  /** Appends a whole turn that Codex was working on in a folder. @returns its id */
  turnIn(cwd: string, end: TurnEnd = 'complete'): string {
    const turnId = this.begin(0, cwd);
    this.end(turnId, end);
    return turnId;
  }

  /** Appends a turn's lines up to its answer. */
  begin(size = 0, cwd = '/home/dev/project'): string {
    this.#nowMs += 1000;
    const number = ++this.#turns;
    const turnId = uuidAt(this.#nowMs);
    const meta = { internal_chat_message_metadata_passthrough: { turn_id: turnId } };
    this.line('event_msg', { type: 'task_started', turn_id: turnId, root_turn_id: turnId });
    this.line('turn_context', { turn_id: turnId, model: 'gpt-5.5', cwd });
    this.line('event_msg', {
      type: 'item_completed',
      thread_id: this.threadId,
      turn_id: turnId,
      item: { type: 'UserMessage', id: `u${number}`, content: [{ type: 'text', text: `prompt ${number}` }] },
    });
    const text = `answer ${number}${'x'.repeat(size)}`;
    this.line('response_item', {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text }],
      ...meta,
    });
    const usage = { input_tokens: 100 + number, output_tokens: 10, total_tokens: 110 + number };
    this.line('token_usage_record', {
      thread_id: this.threadId,
      turn_id: turnId,
      response_id: `resp_${this.threadId.slice(-6)}_${number}`,
      usage,
    });
    return turnId;
  }

  /** Appends a turn's end. */
  end(turnId: string, end: TurnEnd): void {
    if (end === 'complete')
      this.line('event_msg', {
        type: 'task_complete',
        turn_id: turnId,
        last_agent_message: `answer ${this.#turns}`,
      });
    if (end === 'failed')
      this.line('event_msg', {
        type: 'task_complete',
        turn_id: turnId,
        last_agent_message: null,
        error: { message: 'no more credit', codex_error_info: 'usage_limit' },
      });
    if (end === 'aborted')
      this.line('event_msg', { type: 'turn_aborted', turn_id: turnId, reason: 'interrupted' });
  }

  line(type: string, payload: object): void {
    this.#nowMs += 5;
    this.raw(`${JSON.stringify({ timestamp: new Date(this.#nowMs).toISOString(), type, payload })}\n`);
  }

  raw(text: string | Buffer): void {
    appendFileSync(this.path, text);
  }

  /** All lines of the file so far. */
  text(): string {
    return readFileSync(this.path, 'utf8');
  }

  /** What Codex would announce. */
  payload(turnId: string, more: object = {}): string {
    return JSON.stringify({
      type: 'agent-turn-complete',
      'thread-id': this.threadId,
      'turn-id': turnId,
      cwd: path.parse(this.path).root,
      client: 'codex_exec',
      'input-messages': [],
      ...more,
    });
  }
}
