import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { countPending } from '../../src/delivery/overview/count-pending.js';
import { CodexRecording } from '../../src/delivery/recording/codex-recording.js';
import { DeliveryHome } from '../support/delivery-home.js';

/** A thread that is now traced and now not: what was said where it is not is sent nowhere. */
let home: DeliveryHome;
let traced: string;
let untraced: string;
beforeEach(async () => {
  home = await DeliveryHome.make();
  rmSync(path.join(home.codexHome, 'mlflow-tracing.json'));
  traced = path.join(home.codexHome, 'traced');
  untraced = path.join(home.codexHome, 'untraced');
  mkdirSync(path.join(traced, '.codex'), { recursive: true });
  mkdirSync(untraced);
  writeFileSync(
    path.join(traced, '.codex', 'mlflow-tracing.json'),
    JSON.stringify({ trackingUri: home.receiver.url, experimentId: '0' }),
  );
});
afterEach(() => home.close());

describe('a turn in a folder that is not traced', () => {
  it('is left out when its thread goes on in one that is', async () => {
    const thread = home.thread();
    const first = thread.turnIn(traced);
    await home.hook(thread.payload(first, { cwd: traced }));
    const secret = thread.turnIn(untraced);
    expect(await home.hook(thread.payload(secret, { cwd: untraced }))).toMatchObject({
      outcome: 'untraced',
    });
    const third = thread.turnIn(traced);
    await home.hook(thread.payload(third, { cwd: traced }));
    expect(home.arrived()).toEqual([first, third]);
    expect(home.state(thread.threadId)).toMatchObject({
      delivered: 2,
      turns: [{ status: 'skipped', turnId: secret }],
    });
  });

  it('is left out also where nobody announced it', async () => {
    const thread = home.thread();
    const first = thread.turnIn(traced);
    await home.hook(thread.payload(first, { cwd: traced }));
    thread.turnIn(untraced, 'aborted');
    const third = thread.turnIn(traced);
    await home.hook(thread.payload(third, { cwd: traced }));
    expect(home.arrived()).toEqual([first, third]);
  });

  it('leaves not a word behind where its thread is not known', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turnIn(untraced), { cwd: untraced }));
    expect(home.hasStateDir()).toBe(false);
  });

  it('is no reason to hold back what was pending before it', async () => {
    const thread = home.thread();
    const first = thread.turnIn(traced);
    home.answer(401);
    await home.hook(thread.payload(first, { cwd: traced }));
    home.receiver.answerWith({});
    await home.hook(thread.payload(thread.turnIn(untraced), { cwd: untraced }));
    const other = home.thread();
    const turn = other.turnIn(traced);
    await home.hook(other.payload(turn, { cwd: traced }));
    expect(home.arrived()).toEqual([turn, first]);
  });
});

describe('a turn with MLFLOW_CODEX_DISABLED=1', () => {
  const env = { MLFLOW_CODEX_DISABLED: '1' };

  it('is left out when its thread goes on without it', async () => {
    const thread = home.thread();
    const first = thread.turnIn(traced);
    await home.hook(thread.payload(first, { cwd: traced }));
    const secret = thread.turnIn(traced);
    expect(await home.hook(thread.payload(secret, { cwd: traced }), { env })).toMatchObject({
      outcome: 'disabled',
    });
    const third = thread.turnIn(traced);
    await home.hook(thread.payload(third, { cwd: traced }));
    expect(home.arrived()).toEqual([first, third]);
  });

  it('is not sent by the hook of another thread either, nor counted as pending', async () => {
    const thread = home.thread();
    const first = thread.turnIn(traced);
    await home.hook(thread.payload(first, { cwd: traced }));
    const secret = thread.turnIn(traced);
    await home.hook(thread.payload(secret, { cwd: traced }), { env });
    const quiet = Date.now() / 1000 - 60;
    utimesSync(thread.path, quiet, quiet);
    const other = home.thread();
    const turn = other.turnIn(traced);
    await home.hook(other.payload(turn, { cwd: traced }));
    expect(home.arrived()).toEqual([first, turn]);
    const state = home.state(thread.threadId);
    const { recording } = CodexRecording.find(home.codexHome, thread.threadId);
    if (!recording) throw new Error('no recording');
    expect(await countPending(recording, state, { abandonedMs: 0 })).toEqual({ pending: 0, isLive: false });
  });
});

describe('a turn in a folder whose settings are broken', () => {
  it('waits by itself: the next one, elsewhere, is sent', async () => {
    const broken = path.join(home.codexHome, 'broken');
    mkdirSync(path.join(broken, '.codex'), { recursive: true });
    writeFileSync(path.join(broken, '.codex', 'mlflow-tracing.json'), '{');
    const thread = home.thread();
    const first = thread.turnIn(traced);
    await home.hook(thread.payload(first, { cwd: traced }));
    const second = thread.turnIn(broken);
    expect(await home.hook(thread.payload(second, { cwd: broken }))).toMatchObject({ outcome: 'problem' });
    const third = thread.turnIn(traced);
    await home.hook(thread.payload(third, { cwd: traced }));
    expect(home.arrived()).toEqual([first, third]);
    expect(home.state(thread.threadId)).toMatchObject({
      turns: [{ status: 'enqueued', turnId: second }],
      waiting: { blocked: true },
    });
    rmSync(path.join(broken, '.codex'), { recursive: true });
    writeFileSync(
      path.join(home.codexHome, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: home.receiver.url, experimentId: '0' }),
    );
    const other = home.thread();
    const turn = other.turnIn(traced);
    await home.hook(other.payload(turn, { cwd: traced }));
    expect(home.arrived()).toEqual([first, third, turn, second]);
  });
});
