import os from 'node:os';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ToolMode } from '../../scripts/lab/codex.mjs';
import { createExperiment, getTrace, searchTraces, type TraceInfo } from '../../scripts/lab/mlflow-rest.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { expectSpansOf, expectTokensOnLlmSpansOnly } from '../support/expected-spans.js';
import {
  collectorNeeds,
  describeWith,
  mlflowNeeds,
  useCollector,
  useMlflow,
} from '../support/real-servers.js';
import type { RecordedTurn } from '../support/recorded-turns.js';
import { sumUsage } from '../support/served-response.js';
import { childrenOf, rootOf, type SpanView, spansOfType } from '../support/span-view.js';
import { runTraced, type TracedRun } from '../support/traced-run.js';
import { watchBeside } from '../support/watch-beside.js';

interface StoredTrace {
  info: TraceInfo;
  spans: SpanView[];
}

interface Traced {
  run: TracedRun;
  traces: StoredTrace[];
}

const failed = { code: 'STATUS_CODE_ERROR' };
const unset = { code: 'STATUS_CODE_UNSET' };

describeWith(mlflowNeeds(), 'a turn of the real Codex becomes a trace in the real MLflow', () => {
  const mlflow = useMlflow();

  /** Plays a scenario into an experiment of its own and fetches what MLflow has stored. */
  async function trace(name: string, mode: ToolMode): Promise<Traced> {
    const experimentId = await createExperiment(mlflow(), `${name} ${mode}`);
    const run = await runTraced(name, mode, { trackingUri: mlflow(), experimentId });
    return { run, traces: await storedTraces(mlflow(), experimentId) };
  }

  describe.each<ToolMode>(['classic', 'code-mode'])('%s tools', (mode) => {
    /** A scenario of one turn, compared with what was served. */
    async function traceOne(name: string, prompt: string, answer: string): Promise<StoredTrace> {
      const traced = await trace(name, mode);
      expectTurns(traced, [[prompt, answer]]);
      return traced.traces[0] as StoredTrace;
    }

    test('a question and its answer', async () => {
      const stored = await traceOne('plain', 'say hi', 'Hello from the script.');
      expect(stored.spans).toHaveLength(2);
      expect(rootOf(stored.spans).attributes).toMatchObject({
        'codex.client': 'codex_exec',
        'codex.approval_policy': 'never',
        'codex.sandbox_mode': 'danger-full-access',
        'gen_ai.agent.version': '0.171.0',
      });
    });

    test('a command, with its output, exit code and own times', async () => {
      const stored = await traceOne('shell', 'run echo', 'The command printed one-tool.');
      const [command] = commandsIn(stored, mode);
      expect(command?.status).toMatchObject(unset);
      expect(command?.attributes['mlflow.spanInputs']).toEqual({ cmd: 'echo one-tool; pwd' });
      expect(command?.attributes['mlflow.spanOutputs'].output).toMatch(/^one-tool\n/);
      expect(command?.attributes['mlflow.spanOutputs'].exit_code).toBe(0);
      expect(command?.attributes['process.exit.code']).toBe(0);
    });

    test('parallel commands, each with its own length', async () => {
      const answer = 'A, B, C and second-round.';
      const stored = await traceOne('parallel', 'run three commands in parallel', answer);
      const commands = commandsIn(stored, mode);
      expect(commands).toHaveLength(4);
      const of = (word: string) =>
        commands.find((span) => JSON.stringify(span.attributes['mlflow.spanInputs']).includes(word));
      const [a, b, last] = ['echo A', 'echo B', 'second-round'].map(of) as [SpanView, SpanView, SpanView];
      // Codex starts its own clock up to 0.2 s after a command, so 0.5 s are recorded as 0.3 or more.
      expect(a.endMs - a.startMs).toBeGreaterThanOrEqual(250);
      // B ran while A did, and the second round began when both were over.
      expect(b.startMs).toBeLessThan(a.endMs);
      expect(b.endMs).toBeLessThan(a.endMs);
      expect(last.startMs).toBeGreaterThanOrEqual(a.endMs);
    });

    test('failing commands are errors, the turn is not', async () => {
      const stored = await traceOne('failing-commands', 'run failing commands', 'All three failed.');
      const [missing, one] = commandsIn(stored, mode);
      expect(missing?.status).toEqual({ ...failed, message: 'exit code 127' });
      expect(missing?.attributes['process.exit.code']).toBe(127);
      expect(one?.status).toEqual({ ...failed, message: 'exit code 1' });
      expect(one?.attributes['mlflow.spanOutputs']).toMatchObject({ exit_code: 1 });
      expect(one?.attributes['mlflow.spanOutputs'].output).toContain('to-stderr');
      const [unknown] = stored.spans.filter((span) => span.name === 'no_such_tool');
      expect(unknown?.status).toMatchObject(failed);
      expect(unknown?.attributes['error.type']).toBe('unsupported_call');
    });

    test('an edit with its changes, and one that did not fit', async () => {
      const stored = await traceOne('apply-patch', 'edit a.txt', 'Edited a.txt.');
      const edits = stored.spans.filter((span) => span.name === 'apply_patch');
      expect(edits[0]?.status).toMatchObject(unset);
      const changes = JSON.stringify(edits[0]?.attributes);
      for (const file of ['a.txt', 'dir/b.txt', 'gone.txt']) expect(changes).toContain(file);
      // In code mode the rejected patch leaves no item: its script failed.
      const rejected = toolsBelowRoot(stored).at(-1);
      expect(rejected?.status).toMatchObject(failed);
    });

    test('tools of an MCP server, with arguments, result and error', async () => {
      const stored = await traceOne('mcp', 'add 2 and 40', 'The sum is 42; boom failed.');
      const add = stored.spans.find((span) => span.name === 'mcp__labmcp__add') as SpanView;
      expect(add.attributes['mlflow.spanInputs']).toEqual({ a: 2, b: 40 });
      expect(JSON.stringify(add.attributes['mlflow.spanOutputs'])).toContain('42');
      expect(add.attributes['gen_ai.tool.type']).toBe('extension');
      expect(add.status).toMatchObject(unset);
      const boom = stored.spans.find((span) => span.name === 'mcp__labmcp__boom') as SpanView;
      expect(boom.status).toMatchObject(failed);
      expect(JSON.stringify(boom.attributes['mlflow.spanOutputs'])).toContain('boom failed');
    });

    test('reasoning beside the answer, and cached tokens apart', async () => {
      const stored = await traceOne('reasoning', 'think', 'Done thinking.');
      expect(rootOf(stored.spans).attributes['codex.reasoning_effort']).toBe('high');
      const usage = JSON.parse(stored.info.trace_metadata['mlflow.trace.tokenUsage'] ?? '{}');
      expect(usage).toMatchObject({ cache_read_input_tokens: 2150, cache_creation_input_tokens: 150 });
    });

    test('a plan', async () => {
      const stored = await traceOne('update-plan', 'make a plan', 'Planned.');
      expect(JSON.stringify(stored.spans.map((span) => span.attributes['mlflow.spanInputs']))).toContain(
        'look is completed',
      );
    });

    test("a search by the provider's own tool", async () => {
      const stored = await traceOne('web-search', 'search the web', 'Sunny.');
      const [search] = toolsBelowRoot(stored);
      expect(search?.name).toBe('web_search');
      expect(JSON.stringify(search?.attributes['mlflow.spanInputs'])).toContain('weather in Bern');
    });

    test('a picture is named, its bytes are not sent', async () => {
      const { traces } = await trace('image', mode);
      expect(traces).toHaveLength(1);
      const [llm] = spansOfType((traces[0] as StoredTrace).spans, 'LLM');
      const input = JSON.stringify(llm?.attributes['mlflow.spanInputs']);
      expect(input).toContain('what is this');
      expect(input).toContain('image/png');
      // The first bytes of a PNG in base64.
      expect(JSON.stringify(traces)).not.toContain('iVBORw0KGgo');
    });

    test('a command in the background belongs to the call that started it', async () => {
      const traced = await trace('background-shell', mode);
      expect(traced.traces).toHaveLength(1);
      const stored = traced.traces[0] as StoredTrace;
      const [command] = commandsIn(stored, mode);
      const calls = toolsBelowRoot(stored);
      expect(mode === 'classic' ? command?.spanId : command?.parentSpanId).toBe(calls[0]?.spanId);
      expect(JSON.stringify(command?.attributes['mlflow.spanInputs'])).toContain('tick $i');
      expect(JSON.stringify(command?.attributes['mlflow.spanOutputs'])).toContain('tick 6');
      // Six ticks of 0.4 s, although its call returned after half a second.
      expect((command?.endMs ?? 0) - (command?.startMs ?? 0)).toBeGreaterThan(2000);
    });

    test('repository, branch and commit, without the password in the URL', async () => {
      const stored = await traceOne('git-shell', 'log', 'one commit');
      expect(rootOf(stored.spans).attributes).toMatchObject({
        'vcs.repository.url.full': 'https://example.invalid/lab/repo.git',
        'vcs.ref.head.name': 'main',
        'vcs.ref.head.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
      });
    });

    test('each turn of a resumed thread is a trace of the same session, with its own tokens and model', async () => {
      const traced = await trace('multi-turn', mode);
      expectTurns(traced, [
        ['turn one', 'answer to: turn one'],
        ['turn two', 'answer to: turn two'],
        ['turn three', 'answer to: turn three'],
      ]);
      const models = traced.traces.map((stored) => spansOfType(stored.spans, 'LLM').at(-1)?.name);
      expect(models[1]).not.toBe(models[0]);
      expect(models[2]).toBe(models[0]);
    });

    test('a turn without a recording is a trace of what the notification says', async () => {
      const { traces } = await trace('ephemeral', mode);
      expect(traces).toHaveLength(1);
      const stored = traces[0] as StoredTrace;
      expect(stored.info).toMatchObject({
        state: 'OK',
        request_preview: 'hi',
        response_preview: 'not persisted',
      });
      expect(rootOf(stored.spans).attributes['codex.recording']).toBe('none');
      expect(spansOfType(stored.spans, 'LLM')).toHaveLength(1);
    });
  });

  describe('and is seen there while it goes on', () => {
    // MLflow's first request for traces takes 7 s and more (3.17.2), and a live one has 3.
    beforeAll(async () => {
      await runTraced('plain', 'classic', { trackingUri: mlflow(), experimentId: '0' });
    }, 60_000);

    /** The turn's trace as it was seen in passing, and in the end. */
    async function watchOne(
      name: string,
    ): Promise<{ seen: StoredTrace[]; whole: StoredTrace; run: TracedRun }> {
      const experimentId = await createExperiment(mlflow(), `${name} watched`);
      const seen: StoredTrace[] = [];
      const look = async () => {
        seen.push(...(await storedTraces(mlflow(), experimentId)));
      };
      const destination = { trackingUri: mlflow(), experimentId };
      const run = await runTraced(name, 'code-mode', destination, (home) => watchBeside(home, look));
      const [whole] = await storedTraces(mlflow(), experimentId);
      return {
        seen: seen.filter(({ info }) => info.state === 'IN_PROGRESS'),
        whole: whole as StoredTrace,
        run,
      };
    }

    test('with its prompt and what its tools are at, then whole, with the tokens that were served', async () => {
      const { seen, whole, run } = await watchOne('background-shell');
      // A first look may come before the prompt is written.
      const agent = seen.at(-1)?.spans.find(({ name }) => name === 'invoke_agent codex');
      expect(agent?.attributes['codex.turn.outcome']).toBe('running');
      expect(agent?.attributes['mlflow.spanInputs'].messages).toHaveLength(1);
      expect(seen.some(({ spans }) => spans.some(({ name }) => name === 'exec'))).toBe(true);
      const tokens = seen.map(({ info }) => info.trace_metadata['mlflow.trace.tokenUsage']);
      expect(tokens.some((told) => told !== undefined)).toBe(true);
      const [turn] = run.turns;
      expectTurns({ run, traces: [whole] }, [[String(turn?.prompts[0]), String(turn?.answer)]]);
    });

    test('an interrupted turn, of which Codex tells nobody, is an error in the end', async () => {
      const { seen, whole } = await watchOne('interrupt-in-tool');
      expect(seen.length).toBeGreaterThan(0);
      expect(whole.info.state).toBe('ERROR');
      expect(rootOf(whole.spans).attributes['codex.turn.outcome']).toBe('interrupted');
    });
  });

  describeWith(collectorNeeds(), 'through the real OpenTelemetry Collector', () => {
    let experimentId: string;
    const collector = useCollector(async () => {
      experimentId = await createExperiment(mlflow(), 'through the Collector');
      return { mlflowUrl: mlflow(), experimentId };
    });

    test('the same trace arrives, in the experiment the Collector names', async () => {
      const run = await runTraced('parallel', 'classic', {
        trackingUri: `${collector()}/v1/traces`,
        experimentId: '0',
      });
      await waitFor('the trace behind the Collector', async () => {
        const [found] = await searchTraces(mlflow(), experimentId);
        return found;
      });
      const traces = await storedTraces(mlflow(), experimentId);
      expectTurns({ run, traces }, [['run three commands in parallel', 'A, B, C and second-round.']]);
    });
  });
});

/** All traces of an experiment with their spans, oldest first. */
async function storedTraces(url: string, experimentId: string): Promise<StoredTrace[]> {
  const found = await searchTraces(url, experimentId);
  return Promise.all(found.map(({ trace_id }) => getTrace(url, trace_id)));
}

/** One trace per turn of the user, each as served; prompts and answers in order. */
function expectTurns({ run, traces }: Traced, turns: [prompt: string, answer: string][]): void {
  expect(run.runs.map(({ code }) => code)).toEqual(run.runs.map(() => 0));
  expect(run.turns.map(({ prompts, answer }) => [...prompts, answer])).toEqual(turns);
  expect(traces).toHaveLength(turns.length);
  for (const [index, { info, spans }] of traces.entries()) {
    const turn = run.turns[index] as RecordedTurn;
    expect(info.state).toBe('OK');
    expect(info.trace_metadata).toMatchObject({
      'mlflow.trace.session': turn.threadId,
      'mlflow.trace.user': os.userInfo().username,
    });
    expect(info.tags['mlflow.traceName']).toBe('codex');
    expect(info.request_preview).toBe(turn.prompts.join());
    expect(info.response_preview).toBe(turn.answer);
    expect(JSON.parse(info.trace_metadata['mlflow.trace.tokenUsage'] ?? '{}')).toEqual(sumUsage(turn.served));
    expect(rootOf(spans).name).toBe('invoke_agent codex');
    expectSpansOf(spans, rootOf(spans), turn);
    expectTokensOnLlmSpansOnly(spans);
  }
}

function toolsBelowRoot(stored: StoredTrace): SpanView[] {
  return childrenOf(stored.spans, rootOf(stored.spans)).filter(
    (span) => span.attributes['mlflow.spanType'] === 'TOOL',
  );
}

/** The TOOL spans of commands that really ran: in code mode they are below the `exec` call that ran them. */
function commandsIn(stored: StoredTrace, mode: ToolMode): SpanView[] {
  const above =
    mode === 'classic' ? [rootOf(stored.spans)] : stored.spans.filter((span) => span.name === 'exec');
  return above
    .flatMap((span) => childrenOf(stored.spans, span))
    .filter((span) => span.name === 'exec_command');
}
