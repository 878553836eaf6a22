import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { readTurns } from '../../../src/codex/reading/read-turns.js';
import type { OutgoingTurn, SendContext } from '../../../src/delivery/sending/prepared/outgoing-turn.js';
import { sendTurn } from '../../../src/delivery/sending/send-turn.js';
import { wholeTurn } from '../../../src/delivery/sending/whole-turn.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';
import type { Settings } from '../../../src/settings/merge-settings.js';
import { assembleTurn } from '../../../src/turn/assemble-turn.js';
import { LiveThread } from '../../support/live-thread.js';
import { removeFolder } from '../../support/remove-folder.js';
import { routeTo, ScriptedSender } from '../../support/route-under-test.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => removeFolder(home));

/** The one turn of a thread, with so many commands, each with so many characters more. */
async function turnOf(calls = 0, more: Partial<OutgoingTurn> = {}, size = 0): Promise<OutgoingTurn> {
  const thread = LiveThread.begun(home);
  const turnId = thread.begin();
  for (let i = 0; i < calls; i++) thread.answer(turnId, thread.call(turnId, `make ${i}${'x'.repeat(size)}`));
  thread.end(turnId, 'complete');
  for await (const { segment, meta } of readTurns(thread.path))
    return { turn: assembleTurn(segment, meta), meta, refusals: 0, ...more };
  throw new Error('no turn');
}

const refused = (status: number): ExportOutcome => ({ kind: 'rejected', status, message: 'no' });
const busy: ExportOutcome = { kind: 'pending', reason: '503', blocked: false };
const send = (
  outgoing: OutgoingTurn,
  sender: ScriptedSender,
  { context, ...settings }: Partial<Settings> & { context?: Partial<SendContext> } = {},
) =>
  sendTurn(outgoing, routeTo(sender, settings), {
    codexHome: home,
    abandonedMs: 0,
    timeLeftMs: () => 700,
    ...context,
  });
const names = ({ asked }: ScriptedSender) => asked.map(({ specs }) => specs.map(({ name }) => name));
const [AGENT, LLM, TOOL] = ['invoke_agent codex', 'chat gpt-5.5', 'exec_command'];

describe('a turn that is sent', () => {
  test('goes in one request, its AGENT first, under Codex’s version', async () => {
    const sender = new ScriptedSender();
    expect(await send(await turnOf(1), sender)).toStrictEqual({ result: { kind: 'sent' }, refusals: 0 });
    expect(names(sender)).toStrictEqual([[AGENT, LLM, LLM, TOOL]]);
    expect(sender.asked[0]?.serviceVersion).toBe('0.169.0');
    expect(sender.asked[0]?.options).toStrictEqual({ timeoutMs: 700 });
  });

  test('is told whose it is, by the settings and by its own run', async () => {
    const sender = new ScriptedSender();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const run = { tags: { job: '7', team: 'own' }, traceparent };
    await send(await turnOf(0, { client: 'codex_exec', run, once: true }), sender, {
      userId: 'grace',
      tags: { team: 'x', kept: 'y' },
    });
    const [agent] = sender.asked[0]?.specs ?? [];
    expect(agent?.attributes).toMatchObject({
      'user.id': 'grace',
      'codex.client': 'codex_exec',
      'mlflow.traceTag.team': 'own',
      'mlflow.traceTag.kept': 'y',
      'mlflow.traceTag.job': '7',
      'mlflow.traceTag.caller.trace_id': '0af7651916cd43dd8448eb211c80319c',
    });
    expect(sender.asked[0]?.options).toStrictEqual({ timeoutMs: 700, once: true });
  });

  test('is none where its trace is not of the share that is sent', async () => {
    const sender = new ScriptedSender();
    const owner = { ...routeTo(sender).settings.owner, sampleRatio: 0 };
    expect(await send(await turnOf(), sender, { owner })).toBeUndefined();
    expect(sender.asked).toEqual([]);
  });

  test('is put off where there is no time', async () => {
    const sender = new ScriptedSender();
    expect(await send(await turnOf(), sender, { context: { timeLeftMs: () => 0 } })).toStrictEqual({
      result: { kind: 'pending', reason: 'out of time', blocked: false },
      refusals: 0,
    });
    expect(sender.asked).toEqual([]);
  });

  test('is put off where the server does not take it now', async () => {
    const sender = new ScriptedSender([busy]);
    expect(await send(await turnOf(0, { refusals: 2 }), sender)).toStrictEqual({ result: busy, refusals: 2 });
    expect(sender.asked).toHaveLength(1);
  });
});

describe('a turn that is refused', () => {
  const plain = ({ asked }: ScriptedSender) => asked.map(({ options }) => options.plain);
  const all = [refused(400), refused(413), refused(422), refused(400)];

  test('is offered in every form, and the last answer counts', async () => {
    const sender = new ScriptedSender(all);
    sender.compresses = () => true;
    expect(await send(await turnOf(), sender)).toStrictEqual({ result: refused(400), refusals: 4 });
    expect(plain(sender)).toStrictEqual([undefined, true, true, true]);
  });

  test('is not offered uncompressed where it was not compressed', async () => {
    const sender = new ScriptedSender(all);
    expect(await send(await turnOf(), sender)).toStrictEqual({ result: refused(422), refusals: 3 });
    expect(plain(sender)).toStrictEqual([undefined, true, true]);
  });

  test('is tried five times in all, however often it was before', async () => {
    const sender = new ScriptedSender(all);
    sender.compresses = () => true;
    expect(await send(await turnOf(0, { refusals: 3 }), sender)).toStrictEqual({
      result: refused(413),
      refusals: 5,
    });
    const once = new ScriptedSender(all);
    expect(await send(await turnOf(0, { refusals: 9 }), once)).toStrictEqual({
      result: refused(400),
      refusals: 10,
    });
  });

  test('is sent in the form that is taken, which is said', async () => {
    const sender = new ScriptedSender([refused(413)]);
    expect(await send(await turnOf(1, {}, 3000), sender)).toStrictEqual({
      result: { kind: 'sent' },
      refusals: 1,
      note: 'texts cut to 2 KiB each: the server refused the whole (413)',
      isReduced: true,
    });
    const inputs = sender.asked.map(
      ({ specs }) => String(specs.at(-1)?.attributes['mlflow.spanInputs']).length,
    );
    expect([(inputs[0] ?? 0) > 3000, (inputs[1] ?? 0) < 2400]).toEqual([true, true]);
  });
});

describe('a turn of 700 spans', () => {
  const counts = ({ asked }: ScriptedSender) => asked.map(({ specs }) => specs.length);
  let outgoing: OutgoingTurn;
  let total: number;
  beforeAll(async () => {
    home = await makeTemporaryFolder();
    outgoing = await turnOf(350);
    removeFolder(home);
    const whole = new ScriptedSender();
    whole.takesParts = false;
    await send(outgoing, whole);
    total = counts(whole)[0] ?? 0;
  });

  test('goes in parts, the AGENT with the last, and after each it is told what the server has', async () => {
    const sender = new ScriptedSender();
    const told: number[] = [];
    const onPart = ({ spans }: { spans: number }) => told.push(spans) > 0;
    const outcome = await send(outgoing, sender, { context: { onPart } });
    expect(outcome).toStrictEqual({ result: { kind: 'sent' }, refusals: 0 });
    const [first = 0, ...rest] = counts(sender);
    expect([first <= 500, rest.length > 0, told.length]).toStrictEqual([true, true, rest.length]);
    expect(told[0]).toBe(first);
    expect(first + rest.reduce((sum, count) => sum + count, 0)).toBe(total);
    expect(names(sender).map(([name]) => name === AGENT)).toStrictEqual([
      false,
      ...rest.map((_, i) => i === rest.length - 1),
    ]);
    expect(await wholeTurn(outgoing, routeTo(sender), home)).toBeUndefined();
  });

  test('goes on after the part that the server has', async () => {
    const first = new ScriptedSender([{ kind: 'sent' }, busy]);
    const put = await send(outgoing, first);
    const has = counts(first)[0] ?? 0;
    expect(put).toStrictEqual({
      result: busy,
      refusals: 0,
      sentPart: { spans: has, digest: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    const second = new ScriptedSender();
    await send({ ...outgoing, sentPart: put?.sentPart }, second);
    expect(counts(second).reduce((sum, count) => sum + count, 0)).toBe(total - has);
  });

  test('ends where that could not be noted, or the time is over', async () => {
    const sender = new ScriptedSender();
    const stopped = await send(outgoing, sender, { context: { onPart: () => false } });
    expect(stopped).toMatchObject({
      result: { reason: 'out of time' },
      sentPart: { spans: counts(sender)[0] },
    });
    expect(sender.asked).toHaveLength(1);
    const times = [700, 0];
    const late = new ScriptedSender();
    const outcome = await send(outgoing, late, { context: { timeLeftMs: () => times.shift() ?? 0 } });
    expect(outcome).toMatchObject({
      result: { reason: 'out of time' },
      sentPart: { spans: counts(late)[0] },
    });
    expect(late.asked).toHaveLength(1);
  });

  test('goes whole to a destination that takes no parts, with its trace to be asked for', async () => {
    const sender = new ScriptedSender();
    sender.takesParts = false;
    await send(outgoing, sender);
    const [{ specs, options } = { specs: [], options: undefined }] = sender.asked;
    expect([specs.length, specs[0]?.name]).toStrictEqual([total, AGENT]);
    expect((await options?.wholeTrace?.([]))?.specs.map(({ spanId }) => spanId)).toStrictEqual(
      specs.map(({ spanId }) => spanId),
    );
  });
});

describe('what became of a turn’s tools later', () => {
  test('goes alone', async () => {
    const sender = new ScriptedSender();
    const outgoing = await turnOf(2);
    const [, id] = outgoing.turn.toolCalls.map(({ id }) => id);
    await send({ ...outgoing, onlyItems: [String(id)] }, sender);
    expect(names(sender)).toStrictEqual([[TOOL]]);
    expect(sender.asked[0]?.specs[0]?.attributes['gen_ai.tool.call.id']).toBe(id);
  });

  test('is nothing where nothing of them is shown', async () => {
    const sender = new ScriptedSender();
    expect(await send(await turnOf(1, { onlyItems: ['none'] }), sender)).toStrictEqual({
      result: { kind: 'sent' },
      refusals: 0,
    });
    expect(sender.asked).toEqual([]);
  });
});

test('a turn that goes with others has the spans that it would have alone', async () => {
  const sender = new ScriptedSender();
  const outgoing = await turnOf(1);
  await send(outgoing, sender);
  expect(await wholeTurn(outgoing, routeTo(sender), home)).toStrictEqual({
    specs: sender.asked[0]?.specs,
    left: {},
  });
});
