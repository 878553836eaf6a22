import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { home } from '../support/test-home.js';

describe('a thread', () => {
  it('has its announced turn sent, and not again', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent' });
    expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent', detail: 'sent before' });
    expect(home.arrived()).toEqual([turn]);
  });

  it('begins with the announced turn, not with its past', async () => {
    const thread = home.thread();
    thread.turn();
    const second = thread.turn();
    await home.hook(thread.payload(second));
    expect(home.arrived()).toEqual([second]);
  });

  it('has turns that nobody announced sent with the next one, oldest first', async () => {
    const thread = home.thread();
    const turns = [thread.turn()];
    await home.hook(thread.payload(turns[0] ?? ''));
    turns.push(thread.turn('aborted'), thread.turn('failed'), thread.turn());
    await home.hook(thread.payload(turns[3] ?? ''));
    expect(home.arrived()).toEqual(turns);
  });

  it('has its last turn, which nobody announced, sent by the hook of another thread', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await home.hook(thread.payload(first));
    const interrupted = thread.turn('aborted');
    makeQuiet(thread.path, 60);
    const other = home.thread();
    const turn = other.turn();
    await home.hook(other.payload(turn));
    expect(home.arrived()).toEqual([first, turn, interrupted]);
  });

  it('may have its first hooks in any order: each announced turn is sent', async () => {
    const thread = home.thread();
    const [first, second, third] = [thread.turn(), thread.turn(), thread.turn()];
    await home.hook(thread.payload(third));
    await home.hook(thread.payload(first));
    await home.hook(thread.payload(first));
    expect(home.arrived()).toEqual([third, first]);
    expect(home.arrived()).not.toContain(second);
  });

  it('is waited for when a turn’s end is written after its announcement', async () => {
    const thread = home.thread();
    const turn = thread.begin();
    const hook = home.hook(thread.payload(turn));
    setTimeout(() => thread.end(turn, 'complete'), 300);
    expect(await hook).toEqual({ outcome: 'sent' });
  });

  it('is waited for when its recording is younger than its announcement', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    const hidden = `${thread.path}.hidden`;
    renameSync(thread.path, hidden);
    const hook = home.hook(thread.payload(turn));
    setTimeout(() => renameSync(hidden, thread.path), 100);
    expect(await hook).toEqual({ outcome: 'sent' });
    expect(home.receiver.spans()[0]?.attributes['codex.recording']).toBeUndefined();
  });

  it('has a last line that is half written read when it is whole', async () => {
    const thread = home.thread(Date.now());
    const first = thread.turn();
    await home.hook(thread.payload(first));
    const second = thread.begin();
    const end = JSON.stringify({
      timestamp: new Date().toISOString(),
      type: 'event_msg',
      payload: { type: 'task_complete', turn_id: second, last_agent_message: 'answer 2' },
    });
    thread.raw(end.slice(0, 40));
    expect(await home.hook(thread.payload(second))).toMatchObject({ outcome: 'pending' });
    thread.raw(`${end.slice(40)}\n`);
    const other = home.thread();
    const turn = other.turn();
    makeQuiet(thread.path, 60);
    await home.hook(other.payload(turn));
    expect(home.arrived()).toEqual([first, turn, second]);
    const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === second);
    expect(root?.attributes).toMatchObject({ 'codex.turn.outcome': 'completed' });
    expect(root?.attributes['codex.lines.skipped']).toBeUndefined();
  });

  it('never has a turn sent that is still going on, but the turn is pending', async () => {
    const thread = home.thread(Date.now());
    const turn = thread.begin();
    expect(await home.hook(thread.payload(turn))).toEqual({
      outcome: 'pending',
      detail: 'the turn has not ended yet',
    });
    expect(home.arrived()).toEqual([]);
    thread.end(turn, 'complete');
    const next = thread.turn();
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([turn, next]);
  });

  it('whose Codex was killed in a turn has it sent as incomplete', async () => {
    const thread = home.thread(Date.now() - 10 * 60_000);
    const turn = thread.begin();
    const file = openSync(thread.path, 'a');
    const codex = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: ['ignore', file, 'ignore'],
    });
    closeSync(file);
    await home.hook(thread.payload(turn));
    // As long as Codex has the file open (Linux tells), silence means a long build.
    expect(home.arrived()).toEqual([]);
    codex.kill();
    await once(codex, 'close');
    makeQuiet(thread.path, 60);
    const other = home.thread();
    await home.hook(other.payload(other.turn()));
    const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === turn);
    expect(root?.attributes['codex.turn.outcome']).toBe('incomplete');
  });

  it('is found again after Codex has archived its recording', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await home.hook(thread.payload(first));
    const second = thread.turn();
    const archive = path.join(home.codexHome, 'archived_sessions');
    mkdirSync(archive);
    renameSync(thread.path, path.join(archive, path.basename(thread.path)));
    await home.hook(thread.payload(second));
    expect(home.arrived()).toEqual([first, second]);
  });

  it('loses nothing by lines that are garbage, NUL bytes, or half written', async () => {
    const thread = home.thread();
    const first = thread.turn();
    thread.raw(
      'this is not JSON\n\0\0\0\0\n{"timestamp":"2026-01-01T00:00:00Z","type":"new_kind","payload":{}}\n',
    );
    const second = thread.turn();
    const whole = statSync(thread.path).size;
    thread.raw('{"timestamp":"2026-11-22T17:25:03.223Z","type":"event_m');
    await home.hook(thread.payload(first));
    await home.hook(thread.payload(second));
    truncateSync(thread.path, whole);
    const third = thread.turn();
    await home.hook(thread.payload(third));
    expect(home.arrived()).toEqual([first, second, third]);
  });

  it('whose state is damaged has it put aside and rebuilt: what the log knows as sent is not sent again', async () => {
    const thread = home.thread();
    const sent = thread.turn();
    await home.hook(thread.payload(sent));
    const log = {
      time: new Date().toISOString(),
      thread: thread.threadId,
      turn: sent,
      outcome: 'sent',
      ms: 1,
    };
    writeFileSync(path.join(home.stateDir, 'hook.log'), `${JSON.stringify(log)}\n`);
    const unannounced = thread.turn('aborted');
    const announced = thread.turn();
    writeFileSync(path.join(home.stateDir, 'threads', `${thread.threadId}.json`), '{"version":1,"thr');
    await home.hook(thread.payload(announced));
    expect(home.arrived()).toEqual([sent, unannounced, announced]);
    expect(
      readdirSync(path.join(home.stateDir, 'threads')).some((name) => name.includes('.unreadable-')),
    ).toBe(true);
  });

  it('is sent from a folder that takes no state, but only as a new one', async () => {
    writeFileSync(home.stateDir, 'a file in the folder’s place');
    const thread = home.thread();
    const turn = thread.turn();
    expect(await home.hook(thread.payload(turn))).toMatchObject({ outcome: 'sent' });
    expect(home.arrived()).toEqual([turn]);
  });

  it('waits, known as it is, while its state cannot be written, so that nothing doubles', async () => {
    const thread = home.thread();
    const first = thread.turn();
    await home.hook(thread.payload(first));
    // What a full disk does to every write: this one fails because a folder is in its place.
    const temporary = path.join(home.stateDir, 'threads', `${thread.threadId}.json.${process.pid}.tmp`);
    mkdirSync(temporary);
    const second = thread.turn();
    expect(await home.hook(thread.payload(second))).toMatchObject({ outcome: 'pending' });
    expect(home.arrived()).toEqual([first]);
    rmdirSync(temporary);
    await home.hook(thread.payload(thread.turn()));
    expect(home.arrived().slice(0, 2)).toEqual([first, second]);
  });

  it('keeps its state and the folder to its user, and no content in them', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    expect(statSync(home.stateDir).mode & 0o777).toBe(0o700);
    const file = path.join(home.stateDir, 'threads', `${thread.threadId}.json`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(home.state(thread.threadId))).not.toMatch(/prompt|answer/);
  });
});

describe('what is no thread of the user’s', () => {
  it('is left alone: a title thread of Codex’s own', async () => {
    const thread = home.thread();
    const payload = thread.payload(thread.turn(), {
      'thread-id': '01a2045e-2f19-7663-a0af-7ec6b5b599d2',
      'input-messages': [
        'Generate a concise, single-line task title of at most 36 characters.\n\nUser prompt:\nhello',
      ],
    });
    expect(await home.hook(payload)).toMatchObject({ outcome: 'ignored' });
    expect(home.receiver.requests).toEqual([]);
  });

  it('is sent from its announcement where there is no recording, and lost where nobody takes it', async () => {
    const thread = home.thread();
    const unrecorded = {
      'thread-id': '01a2045e-2f19-7663-a0af-7ec6b5b599d2',
      'input-messages': ['hi'],
      'last-assistant-message': 'hello',
    };
    const turn = '01a2045e-2f2e-7ef0-9e14-83ec3e42553f';
    expect(await home.hook(thread.payload(turn, unrecorded))).toMatchObject({ outcome: 'sent' });
    expect(home.receiver.spans().map((span) => span.name)).toEqual(['invoke_agent codex', 'chat']);
    expect(home.receiver.spans()[0]?.attributes).toMatchObject({ 'codex.recording': 'none' });
    home.answer(503);
    expect(await home.hook(thread.payload(turn, unrecorded))).toMatchObject({ outcome: 'lost' });
    expect(home.hasState('01a2045e-2f19-7663-a0af-7ec6b5b599d2')).toBe(false);
  });
});

function makeQuiet(file: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
}
