import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunOptions } from '../../src/delivery/run/delivery-run.js';
import { hexOf } from '../support/databricks-shapes.js';
import { type Call, DatabricksWorkspace } from '../support/databricks-workspace.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { folderOf } from '../support/delivery-replay.js';

/** Turns of hooks on their way to a workspace. */
let home: DeliveryHome;
let workspace: DatabricksWorkspace;
beforeEach(async () => {
  home = await DeliveryHome.make();
  workspace = await DatabricksWorkspace.start();
  home.sendTo('databricks', { experimentId: '123' });
});
afterEach(async () => {
  await workspace.close();
  await home.close();
  expect(workspace.violations).toEqual([]);
});

const env = () => ({ DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' });
const hook = (payload: string, options: Partial<RunOptions> = {}) =>
  home.hook(payload, { env: env(), requestTimeoutMs: 2000, ...options });
const count = (call: Call) => workspace.steps().filter((step) => step === call).length;

/** The turns that arrived, in files and in tables. */
function arrived(): unknown[] {
  const files = [...workspace.traces.values()].flatMap(({ file }) => file?.spans ?? []);
  const inFiles = files.flatMap(({ attributes }) => Object(attributes)['codex.turn.id'] ?? []);
  const rows = [...workspace.tables.values()].flat();
  const inTables = rows.flatMap(({ attributes }) => attributes['codex.turn.id'] ?? []);
  return [...inFiles.map((text) => JSON.parse(text)), ...inTables];
}

describe.each([
  ['an experiment', '123', ['info', 'address', 'upload']],
  ['Unity Catalog', '456', ['spans', 'uc-info']],
] as const)('to %s', (_, experimentId, steps) => {
  beforeEach(() => home.sendTo('databricks', { experimentId }));

  it('a turn is sent by its hook', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await hook(thread.payload(turn))).toEqual({ outcome: 'sent' });
    expect(arrived()).toEqual([turn]);
    expect(workspace.steps()).toEqual(['experiment', ...steps]);
  });

  it.each<Call>(['experiment', ...steps])(
    'a turn that failed at "%s" goes on from there with the hook of another thread',
    async (call) => {
      const [thread, other] = [home.thread(), home.thread()];
      const turn = thread.turn();
      workspace.fail(call, { status: 503 }, { status: 503 });
      const failed = await hook(thread.payload(turn));
      expect(failed).toMatchObject({ outcome: 'pending', detail: expect.stringMatching(/^503 while /) });
      expect(home.state(thread.threadId).waiting).toMatchObject({ reason: failed.detail, blocked: false });
      workspace.heal();
      const next = other.turn();
      await hook(other.payload(next));
      expect(new Set(arrived())).toEqual(new Set([turn, next]));
      const well = workspace.calls.filter(({ status }) => status >= 200 && status < 300);
      for (const step of steps.filter((name) => name !== 'address'))
        expect([step, well.filter((seen) => seen.call === step).length]).toEqual([step, 2]);
    },
  );

  it.each(steps)('401 at "%s" is told with the step, and not tried in a loop', async (call) => {
    const thread = home.thread();
    workspace.fail(call, { status: 401 }, { status: 401 });
    const failed = await hook(thread.payload(thread.turn()));
    expect(failed).toMatchObject({ outcome: 'pending', detail: expect.stringMatching(/^401 while \w+ing /) });
    expect(count(call)).toBe(1);
    expect(home.state(thread.threadId).waiting).toMatchObject({ blocked: true });
  });

  it('Retry-After holds every hook', async () => {
    const [thread, other] = [home.thread(), home.thread()];
    const call = steps[0];
    workspace.fail(call, { status: 429, headers: { 'retry-after': '60' } });
    await hook(thread.payload(thread.turn()));
    const before = workspace.calls.length;
    expect(await hook(other.payload(other.turn()))).toMatchObject({ outcome: 'pending' });
    expect(workspace.calls).toHaveLength(before);
  });

  it('a turn that is refused goes in a smaller form, without what it may be refused for', async () => {
    const thread = home.thread();
    const turn = thread.turn('complete', 200_000);
    const call = experimentId === '123' ? 'upload' : 'spans';
    workspace.fail(call, { status: 413 });
    expect(await hook(thread.payload(turn))).toMatchObject({
      outcome: 'sent',
      detail: expect.stringContaining('413'),
    });
    expect(arrived()).toEqual([turn]);
    const sizes = workspace.calls.filter((seen) => seen.call === call).map(({ body }) => body.length);
    expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) / 4);
  });

  it('a turn that is refused in every form is set aside, and the next one goes', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    workspace.fail(steps[0], ...Array(4).fill({ status: 400 }));
    expect(await hook(thread.payload(turn))).toMatchObject({ outcome: 'rejected' });
    workspace.heal();
    const next = thread.turn();
    expect(await hook(thread.payload(next))).toEqual({ outcome: 'sent' });
    expect(arrived()).toEqual([next]);
  });

  it('nothing of what was said leaves where content is "metadata", and no secret otherwise', async () => {
    const secret = `ghp_${createHash('sha256').update('a secret').digest('hex').slice(0, 36)}`;
    const said = (config: object) => {
      home.sendTo('databricks', { experimentId, ...config });
      const thread = home.thread();
      const turnId = thread.begin();
      thread.line('response_item', {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: `the token is ${secret}` }],
      });
      thread.line('event_msg', {
        type: 'task_complete',
        turn_id: turnId,
        last_agent_message: `the token is ${secret}`,
      });
      return thread.payload(turnId);
    };
    expect(await hook(said({}))).toEqual({ outcome: 'sent' });
    expect(workspace.everything()).toContain('the token is');
    expect(workspace.everything()).toContain('[REDACTED');
    expect(workspace.everything()).not.toContain(secret);
    workspace.calls.splice(0);
    expect(await hook(said({ content: 'metadata' }))).toEqual({ outcome: 'sent' });
    expect(workspace.calls.length).toBeGreaterThan(1);
    expect(workspace.everything()).not.toMatch(
      /the token is|prompt 1|REDACTED|preview|mlflow\.(?:span|trace)(?:In|Out)puts/,
    );
  });
});

it('two experiments of one workspace each get their own turns', async () => {
  const [one, two] = [home.thread(), home.thread()];
  home.sendTo('databricks', { experimentName: '/Users/dana/codex' });
  await hook(one.payload(one.turn()));
  home.sendTo('databricks', { experimentName: '/Users/dana/bound' });
  await hook(two.payload(two.turn()));
  expect(workspace.traces.size).toBe(1);
  expect(workspace.infos.size).toBe(1);
});

it('a hook whose workspace is not named has the turn pending, and sends it once it is', async () => {
  const thread = home.thread();
  const turn = thread.turn();
  expect(await home.hook(thread.payload(turn), { env: {} })).toMatchObject({
    detail: expect.stringContaining('DATABRICKS_HOST'),
  });
  await hook(thread.payload(thread.turn()));
  expect(arrived()).toContain(turn);
});

/** Recordings of the real Codex with agents, reviewers and commands that outlive their turn. */
describe.each([
  '0.169.0-code-mode/subagent',
  '0.169.0-code-mode/agents-nested-v2',
  '0.169.0-code-mode/agent-outlives-v2',
  '0.169.0-classic/review',
  '0.171.0-code-mode/reviewed-twice',
])('the turns of %s', (fixture) => {
  it.each([
    ['in Codex’s order', (hooks: string[]) => hooks],
    ['the other way round', (hooks: string[]) => [...hooks].reverse()],
  ])('are whole traces, hook by hook %s', async (_, order) => {
    const from = path.join('__tests__/fixtures/rollouts', fixture);
    for (const name of readdirSync(from).filter((file) => file.startsWith('rollout-')))
      cpSync(path.join(from, name), path.join(folderOf(home, name), name));
    const announced = JSON.parse(readFileSync(path.join(from, 'notify.json'), 'utf8')) as object[];
    const hooks = order(announced.map((payload) => JSON.stringify({ ...payload, cwd: '/' })));
    for (const payload of hooks) await hook(payload);
    const files = [...workspace.traces.values()].flatMap(({ file }) => file?.spans ?? []);
    const ids = files.map(({ span_id: id }) => hexOf(id));
    expect(new Set(ids).size).toBe(ids.length);
    const overOtlp = await DeliveryHome.make();
    try {
      cpSync(path.join(home.codexHome, 'sessions'), path.join(overOtlp.codexHome, 'sessions'), {
        recursive: true,
      });
      for (const payload of hooks) await overOtlp.hook(payload);
      const sent = overOtlp.receiver.spans().map(({ spanId }) => spanId);
      expect(ids).toEqual(expect.arrayContaining(sent));
    } finally {
      await overOtlp.close();
    }
  });
});
