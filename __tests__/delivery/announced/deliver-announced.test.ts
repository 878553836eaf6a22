import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseNotifyPayload } from '../../../src/codex/notify-payload.js';
import { deliverAnnounced } from '../../../src/delivery/announced/deliver-announced.js';
import type { HookOutcome } from '../../../src/delivery/announced/hook-outcome.js';
import { withPassedOver } from '../../../src/delivery/announced/passed-over.js';
import type { RunOptions } from '../../../src/delivery/run/delivery-run.js';
import { pendingThreads, readAnnouncements } from '../../../src/delivery/store/inbox.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { home } from '../../support/test-home.js';

/** One announced turn: what the log says of it, what arrives, and what is left behind. */

const UNWRITABLE = 'the state folder cannot be written';
const GONE = 'the recording of this thread is gone';
const prompt = { 'input-messages': ['a prompt'], 'last-assistant-message': 'an answer' };

async function announce(payloadText: string, options: Partial<RunOptions> = {}): Promise<HookOutcome> {
  const parsed = parseNotifyPayload(payloadText);
  if (parsed.kind !== 'turn') throw new Error(parsed.kind);
  const run = home.run(options);
  try {
    return await deliverAnnounced(run, parsed.payload);
  } finally {
    run.close();
  }
}

const inStateDir = (name: string) => path.join(home.stateDir, name);
const announcements = ({ threadId }: ThreadFile) =>
  readAnnouncements(home.stateDir, threadId).map(({ announcement: { atMs, place, ...rest } }) => rest);

/** Puts a file in the place of a folder of ours: nothing can be written there. */
function block(name: string): void {
  rmSync(inStateDir(name), { recursive: true, force: true });
  mkdirSync(home.stateDir, { recursive: true });
  writeFileSync(inStateDir(name), '');
}

/** A folder in the home with a tracing config. @returns the folder and the config's file */
function project(config: string): [folder: string, file: string] {
  const folder = path.join(home.codexHome, 'project');
  const file = path.join(folder, '.codex', 'mlflow-tracing.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, config);
  return [folder, file];
}

async function knownThread(): Promise<ThreadFile> {
  const thread = home.thread();
  await announce(thread.payload(thread.turn()));
  return thread;
}

describe('a recorded turn', () => {
  test('is sent, and nothing of it is left in the inbox', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await announce(thread.payload(turn))).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual([turn]);
    expect(announcements(thread)).toEqual([]);
    expect(pendingThreads(home.stateDir)).toEqual([]);
  });

  test('is waited for a moment where its file is younger than its announcement', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    renameSync(thread.path, `${thread.path}.later`);
    const outcome = announce(thread.payload(turn, prompt));
    renameSync(`${thread.path}.later`, thread.path);
    expect(await outcome).toEqual({ outcome: 'sent' });
  });

  test('is a problem where its settings are broken, and stays on the list', async () => {
    const [cwd, file] = project('{');
    const thread = home.thread();
    const turn = thread.turn();
    const { outcome, detail } = await announce(thread.payload(turn, { cwd }));
    expect(outcome).toBe('problem');
    expect(detail).toContain(file);
    expect(home.arrived()).toEqual([]);
    expect(home.state(thread.threadId)).toMatchObject({
      turns: [{ turnId: turn, status: 'enqueued', client: 'codex_exec' }],
      waiting: { reason: detail, blocked: true },
    });
    expect(announcements(thread)).toEqual([]);
  });

  test('waits where the server that knows its experiment is not there', async () => {
    home.sendTo('http://127.0.0.1:9', { experimentName: 'mine' });
    const thread = home.thread();
    const outcome = await announce(thread.payload(thread.turn()));
    expect(outcome.outcome).toBe('pending');
    expect(home.state(thread.threadId).waiting).toMatchObject({ reason: outcome.detail, blocked: false });
  });
});

describe('a turn of a folder that is not traced', () => {
  const disabled = { env: { MLFLOW_CODEX_DISABLED: '1' } };

  test('leaves nothing behind where its thread is not known', async () => {
    const thread = home.thread();
    expect(await announce(thread.payload(thread.turn()), disabled)).toEqual({
      outcome: 'disabled',
      detail: 'environment',
    });
    expect(home.hasStateDir()).toBe(false);
  });

  test('leaves the word that it is to be passed by where its thread is known', async () => {
    const thread = await knownThread();
    const turnId = thread.turn();
    await announce(thread.payload(turnId), disabled);
    const { threadId } = thread;
    const cwd = path.parse(thread.path).root;
    expect(announcements(thread)).toEqual([{ threadId, turnId, cwd, client: 'codex_exec', leaveOut: true }]);
  });

  test('is passed by also where no word of it can be left', async () => {
    const thread = await knownThread();
    block('inbox');
    expect(await announce(thread.payload(thread.turn()), disabled)).toMatchObject({ outcome: 'disabled' });
  });
});

describe('a turn of Codex’s own that asks for a title', () => {
  const title = { 'input-messages': ['Generate a concise, single-line task title. User prompt: x'] };

  test('is ignored, as nothing is recorded of it', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    rmSync(thread.path);
    expect(await announce(thread.payload(turn, title))).toEqual({
      outcome: 'ignored',
      detail: 'a title thread of Codex',
    });
    expect(home.hasStateDir()).toBe(false);
  });

  test('is none where it is recorded', async () => {
    const thread = home.thread();
    expect(await announce(thread.payload(thread.turn(), title))).toEqual({ outcome: 'sent' });
  });
});

describe('a turn whose recording a folder hides', () => {
  const hidden = () => {
    const thread = home.thread();
    const turn = thread.turn();
    const sessions = path.join(home.codexHome, 'sessions');
    renameSync(sessions, `${sessions}-aside`);
    writeFileSync(sessions, '');
    return { thread, turn, sessions };
  };

  test('has its announcement kept', async () => {
    const { thread, turn, sessions } = hidden();
    expect(await announce(thread.payload(turn, prompt))).toEqual({
      outcome: 'pending',
      detail: `${sessions} cannot be read (ENOTDIR)`,
    });
    expect(announcements(thread)).toMatchObject([{ turnId: turn }]);
  });

  test('is a problem where that cannot be kept either', async () => {
    const { thread, turn, sessions } = hidden();
    block('inbox');
    expect(await announce(thread.payload(turn, prompt))).toEqual({
      outcome: 'problem',
      detail: `${sessions} cannot be read (ENOTDIR), and ${UNWRITABLE}`,
    });
  });
});

describe('a turn that nothing records', () => {
  const unrecorded = (more: object = {}) => {
    const thread = home.thread();
    const turn = thread.turn();
    rmSync(thread.path);
    return thread.payload(turn, { ...prompt, ...more });
  };

  test('is sent from its announcement, and nothing is kept of it', async () => {
    expect(await announce(unrecorded())).toEqual({ outcome: 'sent', detail: 'no recording (--ephemeral)' });
    expect(home.receiver.requests).toHaveLength(1);
    expect(home.hasStateDir()).toBe(false);
  });

  test('says what was left out of it', async () => {
    home.receiver.answerWith(() => ({ status: home.receiver.requests.length > 0 ? 200 : 422 }));
    expect(await announce(unrecorded())).toEqual({
      outcome: 'sent',
      detail: 'no recording (--ephemeral); texts cut to 2 KiB each: the server refused the whole (422)',
      isReduced: true,
    });
  });

  test('is lost, with the reason, where it cannot be sent', async () => {
    home.answer(401);
    expect(await announce(unrecorded())).toEqual({
      outcome: 'lost',
      detail: 'no recording (--ephemeral), and not accepted: 401',
    });
    expect(await announce(unrecorded(), { deadlineMs: Date.now() })).toEqual({
      outcome: 'lost',
      detail: 'no recording (--ephemeral), and not accepted: out of time',
    });
    const [cwd, file] = project('{');
    const { outcome, detail } = await announce(unrecorded({ cwd }));
    expect([outcome, detail]).toEqual(['lost', expect.stringContaining(file)]);
    expect(detail).toMatch(/^no recording, and /);
    expect(home.hasStateDir()).toBe(false);
  });

  test('is a problem where its thread is known: the recording is gone', async () => {
    const thread = await knownThread();
    const turn = thread.turn();
    rmSync(thread.path);
    expect(await announce(thread.payload(turn, prompt))).toEqual({ outcome: 'problem', detail: GONE });
    expect(home.arrived()).toHaveLength(1);
  });
});

describe('where our folder takes no files', () => {
  test('a new thread’s turn alone is sent all the same', async () => {
    const thread = home.thread();
    thread.turn('failed');
    const turn = thread.turn();
    thread.turn('failed');
    writeFileSync(home.stateDir, '');
    expect(await announce(thread.payload(turn))).toEqual({ outcome: 'sent', detail: UNWRITABLE });
    expect(home.arrived()).toEqual([turn]);
  });

  test('but announcements, a turn that was sent leaves none, and one that was not does', async () => {
    block('threads');
    const thread = home.thread();
    expect(await announce(thread.payload(thread.turn()))).toEqual({ outcome: 'sent', detail: UNWRITABLE });
    expect(announcements(thread)).toEqual([]);
    home.answer(401);
    const turn = thread.turn();
    expect(await announce(thread.payload(turn))).toEqual({
      outcome: 'lost',
      detail: `${UNWRITABLE}, and not accepted: 401`,
    });
    expect(announcements(thread)).toMatchObject([{ turnId: turn }]);
  });

  test('a known thread’s turn waits, so that nothing doubles', async () => {
    const thread = await knownThread();
    block('inbox');
    const turn = thread.turn();
    expect(await announce(thread.payload(turn))).toEqual({ outcome: 'pending', detail: UNWRITABLE });
    expect(home.arrived()).not.toContain(turn);
  });

  test('a turn waits where its settings are broken', async () => {
    const [cwd] = project('{');
    const thread = home.thread();
    const turn = thread.turn();
    writeFileSync(home.stateDir, '');
    expect(await announce(thread.payload(turn, { cwd }))).toEqual({ outcome: 'pending', detail: UNWRITABLE });
  });

  test('a turn that its recording has not is lost', async () => {
    const thread = home.thread();
    thread.turn();
    writeFileSync(home.stateDir, '');
    expect(await announce(thread.payload('01a21080-0000-7000-8000-00000000000f'))).toEqual({
      outcome: 'lost',
      detail: `the turn is not in its recording, and ${UNWRITABLE}`,
    });
  });
});

describe('a project whose tracing config is passed over', () => {
  const outcomeIn = async (cwd: string, outcome: HookOutcome) => withPassedOver(home.run(), cwd, outcome);

  test('is named beside what became of its turn', async () => {
    const [cwd, file] = project('{"trackingUri": "https://mlflow.example.com"}');
    const word = `${file} is passed over: the project is not trusted`;
    expect(await outcomeIn(cwd, { outcome: 'sent' })).toEqual({ outcome: 'sent', detail: word });
    expect(await outcomeIn(cwd, { outcome: 'pending', detail: '503' })).toEqual({
      outcome: 'pending',
      detail: `503; ${word}`,
    });
  });

  test('is nothing where it counts, has another fault, or nothing is sent', async () => {
    const sent: HookOutcome = { outcome: 'sent' };
    const [cwd, file] = project(JSON.stringify({ trackingUri: home.receiver.url, unknown: 1 }));
    expect(await outcomeIn(cwd, sent)).toEqual(sent);
    writeFileSync(file, '{"enabled": false}');
    expect(await outcomeIn(cwd, sent)).toEqual(sent);
    expect(readFileSync(file, 'utf8')).toBe('{"enabled": false}');
  });
});
