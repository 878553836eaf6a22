import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { mlflowProgram } from '../../scripts/lab/mlflow.mjs';
import { createExperiment } from '../../scripts/lab/mlflow-rest.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { describeWith, mlflowNeeds, useMlflow } from '../support/real-servers.js';
import { recording } from '../turn/recordings.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Told {
  state: string;
  preview: [string, string];
  tags: Record<string, string>;
  session: string;
  tools: { name: string; arguments?: object; outputs?: { output?: string }; exception?: string }[];
  available: string[];
  tokens: Record<string, number> | null;
  cost: { total_cost: number } | null;
}

const scenarios = {
  classic: '0.169.0-classic/demo',
  codeMode: '0.169.0-code-mode/demo',
  failing: '0.169.0-code-mode/failing-commands',
  mcp: '0.169.0-code-mode/mcp',
  ended: '0.169.0-classic/unannounced-turns',
  agents: '0.169.0-code-mode/subagent',
  priority: '0.171.0-classic/service-tier',
};

/** What MLflow's own Python client, its judges and its search see of turns: nothing here is ours. */
describeWith(mlflowNeeds(), 'MLflow’s Python client', () => {
  const mlflow = useMlflow();
  let experimentId: string;
  let traces: Told[];
  let conversations: Record<string, { role: string; content: string }[]>;
  let found: Record<string, number>;

  const threadOf = (scenario: keyof typeof scenarios) =>
    path.basename(recording(scenarios[scenario]).rollouts[0] ?? '').slice(-42, -6);
  const of = (scenario: keyof typeof scenarios) =>
    traces.filter(({ session }) => session === threadOf(scenario));
  const filters = [
    "tag.`codex.outcome` = 'interrupted'",
    "tag.`codex.model` = 'gpt-6.1-sol'",
    "tag.`codex.client` = 'codex_exec'",
    "tag.`row` = '7'",
    "span.name = 'mcp__labmcp__boom'",
    "trace.status = 'ERROR'",
  ];

  async function python(script: string, ...args: string[]): Promise<string> {
    const program = path.join(path.dirname(await mlflowProgram()), 'python');
    const env = { ...process.env, MLFLOW_TRACKING_URI: mlflow(), MLFLOW_DISABLE_TELEMETRY: 'true' };
    const { stdout } = await run(program, [path.join(root, script), ...args], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trim().split('\n').at(-1) ?? '';
  }

  beforeAll(async () => {
    experimentId = await createExperiment(mlflow(), 'asked by the client');
    const codexHome = path.join(await makeTemporaryFolder(), '.codex');
    const sessions = path.join(codexHome, 'sessions', '2026', '11', '25');
    mkdirSync(sessions, { recursive: true });
    for (const { folder } of Object.values(scenarios).map(recording)) {
      for (const name of readdirSync(folder).filter((file) => file.startsWith('rollout-')))
        cpSync(path.join(folder, name), path.join(sessions, name));
    }
    writeFileSync(
      path.join(codexHome, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: mlflow(), experimentId }),
    );
    const env = { PATH: process.env['PATH'], HOME: path.dirname(codexHome), CODEX_HOME: codexHome };
    await run(process.execPath, [path.join(root, 'bin', 'mlflow-codex.js'), 'sync', '--all'], {
      cwd: codexHome,
      env: { ...env, MLFLOW_CODEX_TAGS: 'row=7' },
    });
    ({ traces, conversations, found } = JSON.parse(
      await python('__tests__/support/ask-mlflow.py', experimentId, ...filters),
    ));
  }, 240_000);

  test('finds each turn of the user’s once, and agents in the turns that called them', () => {
    expect(traces).toHaveLength(10);
    expect(new Set(traces.map(({ session }) => session))).toEqual(
      new Set(Object.keys(scenarios).map((name) => threadOf(name as keyof typeof scenarios))),
    );
    expect(of('agents')[0]?.tools.map(({ name }) => name)).toContain('exec_command');
  });

  test('is told which tools were called, with which arguments, and which of them failed', () => {
    const told = of('failing')[0]?.tools.filter(({ name }) => name !== 'exec');
    expect(told).toEqual([
      {
        name: 'exec_command',
        arguments: { cmd: 'no_such_command_xyz --flag' },
        outputs: expect.objectContaining({ exit_code: 127 }),
        exception: 'exit_code: exit code 127',
      },
      {
        name: 'exec_command',
        arguments: { cmd: 'echo to-stderr >&2; exit 1' },
        outputs: { output: 'to-stderr\n', exit_code: 1 },
        exception: 'exit_code: exit code 1',
      },
      {
        name: 'no_such_tool',
        arguments: { a: 1 },
        outputs: { output: 'unsupported call: no_such_tool' },
        exception: 'unsupported_call: unsupported call: Codex has no such tool',
      },
    ]);
    expect(of('mcp')[0]?.tools.map(({ name, exception }) => [name, exception])).toContainEqual([
      'mcp__labmcp__boom',
      'mcp_error: the MCP tool reported an error',
    ]);
  });

  test('is told which tools a model of code mode could have called', () => {
    expect(of('codeMode')[0]?.available).toEqual(expect.arrayContaining(['exec', 'wait', 'spawn_agent']));
  });

  test('reads a session’s conversation with answers, and why there is none', () => {
    expect(conversations[threadOf('ended')]?.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'turn one'],
      ['assistant', 'answer to: turn one'],
      ['user', 'fail please'],
      ['assistant', expect.stringMatching(/^{"outcome": "failed", "reason": "We.*high demand/)],
      ['user', 'hang please'],
      ['assistant', expect.stringMatching(/^{"outcome": "interrupted", "reason": "interrupted"/)],
      ['user', 'turn four'],
      ['assistant', 'answer to: turn four'],
    ]);
  });

  test('adds up the tokens of a turn, and its cost by its own prices', () => {
    expect(of('classic')[0]?.tokens).toMatchObject({ input_tokens: 53_179, output_tokens: 580 });
    // gpt-5.5: 5 dollars a million, 0.5 cached, 30 for output.
    const expected = ((53_179 - 41_344) * 5 + 41_344 * 0.5 + 580 * 30) / 1_000_000;
    expect(of('classic')[0]?.cost?.total_cost).toBeCloseTo(expected, 9);
  });

  test('takes the cost that was sent for a service tier as the turn’s, and adds none of its own to it', () => {
    // gpt-5.5 at priority: 1000 at 12.5 and 50 at 75; the usual prices would make 0.0065.
    expect(of('priority')[0]?.cost?.total_cost).toBeCloseTo(0.01625, 9);
  });

  test('finds turns by every tag, by tool and by failure', () => {
    expect(Object.fromEntries(filters.map((filter) => [filter, found[filter]]))).toEqual({
      "tag.`codex.outcome` = 'interrupted'": 1,
      "tag.`codex.model` = 'gpt-6.1-sol'": 4,
      "tag.`codex.client` = 'codex_exec'": 10,
      "tag.`row` = '7'": 10,
      "span.name = 'mcp__labmcp__boom'": 1,
      "trace.status = 'ERROR'": 2,
    });
  });

  test('scores the same task alike in code mode and classic: failed tools, files, tokens', async () => {
    const scores = async (scenario: keyof typeof scenarios) => {
      const filter = `metadata.\`mlflow.trace.session\` = '${threadOf(scenario)}'`;
      const told = await python(
        'examples/evaluate/evaluate_codex.py',
        '--experiment-id',
        experimentId,
        '--filter',
        filter,
      );
      const { run: _, 'cost_usd/mean': cost, ...same } = JSON.parse(told);
      expect(cost).toBeGreaterThan(0);
      return same;
    };
    const classic = await scores('classic');
    expect(classic).toEqual({
      turns: 1,
      'failed_tools/mean': 1,
      'touched_files/mean': 1,
      'total_tokens/mean': 53_759,
    });
    expect(await scores('codeMode')).toEqual(classic);
  }, 240_000);
});
