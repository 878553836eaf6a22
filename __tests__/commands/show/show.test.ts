import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../src/cli.js';
import { runShow } from '../../../src/commands/show/show.js';
import { ThreadFile } from '../../support/delivery-thread.js';
import { type Ran, Workbench } from '../workbench.js';

const FIXTURES = path.resolve('__tests__/fixtures/rollouts');

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

interface Shown {
  file: string;
  turns: { outcome: string; spans: { name: string; spanId: string; parentSpanId?: string }[] }[];
}

const shown = ({ stdout }: Ran): Shown => JSON.parse(stdout);

/** Puts a fixture's recordings where Codex keeps them. */
function record(fixture: string): string[] {
  const names = readdirSync(path.join(FIXTURES, fixture)).filter((name) => name.startsWith('rollout-'));
  return names.map((name) => {
    const day = path.join(bench.codexHome, 'sessions', ...name.slice('rollout-'.length).split(/[-T]/, 3));
    cpSync(path.join(FIXTURES, fixture, name), path.join(day, name));
    return path.join(day, name);
  });
}

const threeTurns = () => {
  const thread = new ThreadFile(bench.codexHome);
  thread.turn();
  thread.turn('aborted');
  thread.turn('failed');
  return thread;
};

describe('show', () => {
  it('shows the last turn of the newest recording as a tree, and says how to see what leaves', async () => {
    new ThreadFile(bench.codexHome, Date.now() - 7_200_000).turn();
    const thread = threeTurns();
    const { code, stdout, stderr } = await bench.run('show');
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      expect.stringMatching(`^thread ${thread.threadId}   trace tr-[0-9a-f]{32}   `),
      expect.stringMatching(/^invoke_agent codex .* ✗ no more credit {2}prompt 3/),
      expect.stringMatching(/^└─ chat gpt-5\.5 .* 103 → 10 tokens {2}answer 3/),
    ]);
    expect(stderr).toBe('Shown as it was said. What would leave the machine: mlflow-codex show --as-sent\n');
    // A tree and an empty line.
    expect(stdout).toMatch(/[^\n]\n\n$/);
  });

  it('paints where there are colours, and uses the terminal’s width', async () => {
    const thread = new ThreadFile(bench.codexHome);
    thread.turn('complete', 500);
    const lengths = async (columns?: number) => {
      const stdout = Object.assign(new PassThrough(), columns === undefined ? {} : { columns });
      await runShow([thread.path], { ...bench.io(), stdout });
      return Math.max(
        ...String(stdout.read())
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      );
    };
    expect(await lengths(150)).toBe(150);
    expect(await lengths()).toBe(100);
    const io = bench.io({ colors: true });
    await runShow([thread.path], io);
    expect(io.ran(0).stdout).toContain('\u001b[36m└─ chat gpt-5.5');
  });

  it('takes one name', async () => {
    expect(await bench.run('show', 'a', 'b')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^mlflow-codex: show takes one thread or file\n/),
    });
  });

  it.each([
    ['last', ['failed']],
    ['2', ['interrupted']],
    ['all', ['completed', 'interrupted', 'failed']],
  ])('--turn %s', async (turn, outcomes) => {
    const thread = threeTurns();
    const ran = await bench.run('show', '--json', '--turn', turn);
    expect(shown(ran)).toEqual({
      file: thread.path,
      turns: outcomes.map((outcome) => ({
        outcome,
        spans: [
          expect.objectContaining({ name: 'invoke_agent codex' }),
          expect.objectContaining({ name: 'chat gpt-5.5' }),
        ],
      })),
    });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toBe(`${JSON.stringify(shown(ran), null, 2)}\n`);
    const plain = await bench.run('show', '--turn', turn);
    expect(plain.stdout.match(/^thread /gm)).toHaveLength(outcomes.length);
  });

  it('says how many turns there are where a number is too high, and what --turn takes', async () => {
    const thread = threeTurns();
    const tooHigh = await bench.run('show', '--turn', '9');
    expect([tooHigh.code, tooHigh.stdout]).toEqual([1, '']);
    expect(tooHigh.stderr).toBe(
      `mlflow-codex: ${thread.path} has no turn 9: its thread has 3\n  Try --turn last, or another recording\n`,
    );
    for (const no of ['first', '0', '-1', '1.5', ' 1']) {
      const word = await bench.run('show', `--turn=${no}`);
      expect(word.code).toBe(2);
      expect(word.stderr).toContain(`--turn takes a number from 1, last or all, not ${JSON.stringify(no)}`);
    }
    thread.rewind();
    expect((await bench.run('show', '--turn', '9', thread.threadId)).stderr).toContain(
      `${thread.path} has no turn 9: its thread has 3`,
    );
    const empty = new ThreadFile(bench.codexHome);
    expect((await bench.run('show', empty.threadId)).stderr).toBe(
      `mlflow-codex: ${empty.path} has no turn yet\n  Try --turn last, or another recording\n`,
    );
  });

  it('finds agents in the home that a named recording lies in', async () => {
    const [first = ''] = record('0.169.0-classic/subagent').sort();
    const spans = shown(await bench.run('show', '--json', first)).turns[0]?.spans;
    bench.env['CODEX_HOME'] = bench.base;
    expect(shown(await bench.run('show', '--json', first)).turns[0]?.spans).toEqual(spans);
    expect(spans?.filter(({ name }) => name.startsWith('invoke_agent '))).toHaveLength(2);
  });

  it('counts the turns of a thread over all its files, and of a file that is named in that one alone', async () => {
    const thread = threeTurns();
    thread.rewind();
    thread.turn();
    const whole = shown(await bench.run('show', '--json', '--turn', 'all', thread.threadId));
    const file = shown(await bench.run('show', '--json', '--turn', 'all', thread.path));
    expect([whole.turns.length, file.turns.length]).toEqual([4, 1]);
  });

  it.each(['0.169.0-code-mode/subagent', '0.171.0-classic/reviewed', '0.160.1-classic/agents-nested-v2'])(
    'shows agents below the calls that started them: %s',
    async (fixture) => {
      const [first = ''] = record(fixture).sort();
      const [turn] = shown(await bench.run('show', '--json', first)).turns;
      const spans = turn?.spans ?? [];
      const ids = new Set(spans.map(({ spanId }) => spanId));
      const agents = spans.filter(({ name }) => name.startsWith('invoke_agent '));
      expect(agents.length).toBeGreaterThan(1);
      expect(
        agents.filter(({ parentSpanId = '' }) => !ids.has(parentSpanId)).map(({ name }) => name),
      ).toEqual(['invoke_agent codex']);
      expect(ids.size).toBe(spans.length);
    },
  );

  it('takes the newest recording without asking where there is no terminal, or a document is wanted', async () => {
    new ThreadFile(bench.codexHome, Date.now() - 7_200_000).turn();
    const thread = threeTurns();
    const io = bench.io({ isTTY: true });
    const { stdout } = io.ran(await runCli(['show', '--json'], io));
    expect(JSON.parse(stdout).file).toBe(thread.path);
  });

  it('asks nothing where there is one session alone, and its sub-agents', async () => {
    record('0.169.0-code-mode/subagent');
    const io = bench.io({ isTTY: true });
    const { stdout } = io.ran(await runCli(['show'], io));
    expect(stdout).toMatch(/^thread .*\ninvoke_agent codex /);
  });

  it('names the folder where recordings cannot be looked for, and what mends it', async () => {
    const sessions = path.join(bench.codexHome, 'sessions');
    mkdirSync(bench.codexHome, { recursive: true });
    writeFileSync(sessions, '');
    for (const named of [[], ['01a2044a-449e-7a52-894b-3f80abc5ab39']]) {
      const { code, stderr } = await bench.run('show', ...named);
      expect(code).toBe(1);
      expect(stderr).toContain(`${sessions} cannot be read (ENOTDIR)\n  Move ${sessions} away`);
    }
    rmSync(sessions);
    expect((await bench.run('show')).stderr).toContain(`there is no recording below ${sessions}`);
  });
});
