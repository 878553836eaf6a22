import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { runQuietly } from '../../scripts/lab/cache.mjs';
import { linesOf, sandboxEnv, type ToolMode } from '../../scripts/lab/codex.mjs';
import { compareTraces } from '../../scripts/lab/compare-trace.mjs';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { removeFolder } from '../support/remove-folder.js';
import { rootOf, type SpanView, viewOf } from '../support/span-view.js';
import { program } from '../support/test-program.js';

/**
 * What people do around a turn, on the real Codex with our hook as its notifier: everything that was
 * served has arrived, once, when plain `sync` has run, and nothing is said that is not so.
 */

describe('on the real Codex', () => {
  test('a rewound thread goes on in a second file, and none of its turns is lost', async () => {
    const prompts = ['list the parts', 'paint them red', 'paint them blue', 'count them', 'name them'];
    const traces = await arrived('rewound', 'classic', prompts);
    const threads = traces.map((spans) => rootOf(spans).attributes['session.id']);
    expect(new Set(threads).size).toBe(1);
    expect(outcomes(traces)).toEqual(prompts.map(() => 'completed'));
  });

  test('a plan is part of the answer of a turn that has completed', async () => {
    const traces = await arrived('plan', 'code-mode', ['plan the painting', 'plan it again', 'do it']);
    expect(outcomes(traces)).toEqual(['completed', 'completed', 'completed']);
    const [first, second, third] = traces.map(answerOf);
    expect(first).toMatch(/^# Paint the parts\n/);
    expect(second).toMatch(/^Here it is\.\n[\s\S]*1\. Take a brush\n2\. Paint/);
    expect(third).toBe('Painted.');
  });

  test('reviewers of approvals stand below the call they judged', async () => {
    const prompts = ['do two things outside', 'do one more'];
    const traces = await arrived('reviewed-twice', 'classic', prompts);
    const judged = traces.map((spans) =>
      spans
        .filter(({ name }) => name === 'invoke_agent guardian')
        .map((reviewer) => spans.find(({ spanId }) => spanId === reviewer.parentSpanId))
        .map((call) => call?.attributes['mlflow.spanInputs'].cmd)
        .sort(),
    );
    expect(judged).toEqual([['echo first', 'rm -rf /srv/not-ours'], ['echo third']]);
    const refused = traces[0]?.find(({ status }) => status.code === 'STATUS_CODE_ERROR');
    expect(refused?.status.message).not.toMatch(/by the user/);
  });

  test('a command that outlives its turn arrives below the call that started it', async () => {
    const traces = await arrived('background-outlives', 'code-mode', ['start it', 'and now', 'has it ended']);
    const commands = traces.flat().filter(({ name }) => name === 'exec_command');
    expect(commands).toHaveLength(1);
    const [command] = commands as [SpanView];
    expect(JSON.stringify(command.attributes['mlflow.spanOutputs'])).toContain('ended');
    const script = traces[0]?.find(({ spanId }) => spanId === command.parentSpanId);
    expect(script?.name).toBe('exec');
    expect(command.endMs).toBeGreaterThan(rootOf(traces[1] ?? []).endMs);
  });

  test('only what a user has stopped is said to be the user’s doing', async () => {
    const prompts = ['please touch this', 'please touch that', 'ask me'];
    const traces = await arrived('approved', 'classic', prompts);
    expect(outcomes(traces)).toEqual(['completed', 'interrupted', 'completed']);
    expect(errorsOf(traces[0])).toEqual([]);
    const refused = await arrived('refused', 'classic', ['try what cannot be']);
    expect(errorsOf(refused[0])).toHaveLength(12);
    expect(errorsOf(refused[0]).filter((text) => /by the user/.test(text))).toEqual([]);
  });

  test('turns that a goal began have no prompt, and those of an import are none of Codex’s', async () => {
    const goal = await arrived('goal', 'code-mode', ['small talk']);
    expect(outcomes(goal)).toEqual(['completed', 'completed', 'completed']);
    const imported = await arrived('imported', 'classic', ['go on with it']);
    expect(outcomes(imported)).toEqual(['completed']);
  });
});

/**
 * Plays a scenario and lets plain `sync` send what is left.
 * @returns the traces, in the order they began, after all that was served was found in them
 */
async function arrived(name: string, mode: ToolMode, prompts: string[]): Promise<SpanView[][]> {
  const dir = await makeTemporaryFolder();
  const receiver = await startOtlpReceiver();
  try {
    const played = await play(findScenario(name), {
      dir,
      mode,
      notify: () => [process.execPath, program, 'notify-hook'],
      files: { 'mlflow-tracing.json': JSON.stringify({ trackingUri: receiver.url, experimentId: '0' }) },
    });
    await hooksToEnd(path.join(played.codexHome, 'mlflow-codex', 'hook.log'));
    await runQuietly(process.execPath, [program, 'sync'], { cwd: played.cwd, env: sandboxEnv(played) });
    const expected = { prompts, tellsCacheWrites: true };
    expect(compareTraces(receiver.spans(), played.served, expected)).toEqual([]);
    const spans = receiver.spans();
    return [...new Set(spans.map(({ traceId }) => traceId))]
      .map((id) => spans.filter(({ traceId }) => traceId === id).map(viewOf))
      .sort((a, b) => rootOf(a).startMs - rootOf(b).startMs);
  } finally {
    await receiver.close();
    removeFolder(dir);
  }
}

/** Until no more hooks write into the log. */
async function hooksToEnd(log: string): Promise<void> {
  let count = -1;
  for (let quiet = 0; quiet < 3; ) {
    const now = (await linesOf(log)).length;
    quiet = now === count ? quiet + 1 : 0;
    count = now;
    await sleep(200);
  }
}

function outcomes(traces: readonly SpanView[][]): unknown[] {
  return traces.map((spans) => rootOf(spans).attributes['codex.turn.outcome']);
}

function answerOf(spans: readonly SpanView[]): string {
  return rootOf(spans).attributes['mlflow.spanOutputs'].choices[0].message.content;
}

/** What is said of the calls that failed. */
function errorsOf(spans: readonly SpanView[] = []): string[] {
  return spans
    .filter((span) => span.attributes['mlflow.spanType'] === 'TOOL')
    .filter(({ status }) => status.code === 'STATUS_CODE_ERROR')
    .map(({ status }) => status.message);
}
