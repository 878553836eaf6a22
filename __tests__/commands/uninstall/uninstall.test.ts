import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../src/cli.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.169.0');
});
afterEach(() => bench.remove());

const quick = ['-y', '--tracking-uri', 'http://127.0.0.1:9'];
const OURS = 'notify = ["mlflow-codex", "notify-hook"]\n';

describe('setup, then uninstall', () => {
  const shapes: [string, () => void, string[]][] = [
    ['where there was nothing', () => {}, []],
    [
      'in a config.toml of the user’s',
      () => bench.put(bench.userConfig, '# mine\r\nmodel = "x"\r\n\r\n[tui]'),
      [],
    ],
    ['in an empty config.toml', () => bench.put(bench.userConfig, ''), []],
    ['over notify = []', () => bench.put(bench.userConfig, 'notify = [ ] # none\n'), []],
    [
      'over a forwarded notifier',
      () => bench.put(bench.userConfig, 'a = 1\nnotify = [\n  "bell", # ding\n]\n'),
      ['--forward-existing'],
    ],
    [
      'in a tracing config of the user’s',
      () => bench.put(bench.projectTracing, '{"trackingUri": "http://localhost:1",\n "tags": {}}'),
      [],
    ],
    [
      'in a tracing config that said the same',
      () => bench.put(bench.projectTracing, '{"trackingUri":"http://127.0.0.1:9","experimentId":"0"}'),
      [],
    ],
    ['with a .codex folder of the project’s', () => bench.put(bench.projectConfig, 'model = "x"\n'), []],
  ];

  it.each(shapes)('%s gives every byte back', async (_, prepare, flags) => {
    prepare();
    const before = bench.snapshot();
    await bench.setup(...quick, ...flags);
    expect(bench.snapshot()).not.toEqual(before);
    const { code, stderr } = await bench.run('uninstall', '-y');
    expect([code, stderr]).toEqual([0, '']);
    expect(bench.snapshot()).toEqual(before);
  });

  it.each(shapes)(
    '%s gives every byte back for the user as well, and after a second setup',
    async (_, prepare, flags) => {
      prepare();
      const before = bench.snapshot();
      await bench.setup(...quick, ...flags, '--user');
      await bench.setup('-y', '--user', '--experiment-id', '5');
      await bench.run('uninstall', '-y', '--all');
      expect(bench.snapshot()).toEqual(before);
    },
  );

  it.each(['0.120.0', undefined])('gives every byte back under Codex %s', async (version) => {
    bench.script('codex', version === undefined ? 'exit 1' : `echo codex-cli ${version}`);
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    bench.put(bench.projectConfig, '[x]\n');
    const before = bench.snapshot();
    await bench.setup(...quick, '--forward-existing');
    expect(bench.get(bench.projectConfig)).toContain('mlflow-codex.js');
    await bench.run('uninstall', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  it('gives every byte back after the notifier was renewed', async () => {
    bench.put(bench.userConfig, '[tui]\n');
    const before = bench.snapshot();
    await bench.setup(...quick);
    bench.program.script = path.join(bench.base, 'moved', 'mlflow-codex.js');
    bench.put(bench.program.script, 'echo mlflow-codex 0.0.0');
    bench.put(path.join(bench.base, 'lib', 'mlflow-codex.js'), 'exit 1');
    await bench.setup('-y');
    expect(bench.get(bench.userConfig)).toContain('/moved/mlflow-codex.js');
    await bench.run('uninstall', '-y');
    expect(bench.snapshot()).toEqual(before);
  });
});

describe('uninstall', () => {
  it('keeps what a person wrote between two setups', async () => {
    bench.put(bench.projectTracing, '{"trackingUri": "http://localhost:1", "experimentId": "3"}');
    await bench.setup(...quick, '--experiment-id', '4');
    bench.put(bench.projectTracing, bench.get(bench.projectTracing).replace('{', '{"userId": "ada", '));
    await bench.setup('-y', '--experiment-id', '5');
    await bench.run('uninstall', '-y');
    expect(JSON.parse(bench.get(bench.projectTracing))).toEqual({
      userId: 'ada',
      trackingUri: 'http://localhost:1',
      experimentId: '3',
    });
  });

  it('leaves what was changed since as it is, but for what setup wrote', async () => {
    bench.put(bench.projectTracing, '{"trackingUri": "http://localhost:1", "experimentName": "x"}');
    await bench.setup(...quick, '--experiment-id', '3');
    bench.put(bench.userConfig, `model = "new"\n${bench.get(bench.userConfig)}[new]\n`);
    bench.put(bench.projectTracing, bench.get(bench.projectTracing).replace('{', '{"tags": {"a": "b"}, '));
    await bench.run('uninstall', '-y');
    expect(bench.get(bench.userConfig)).toBe('model = "new"\n[new]\n');
    expect(JSON.parse(bench.get(bench.projectTracing))).toEqual({
      trackingUri: 'http://localhost:1',
      experimentName: 'x',
      tags: { a: 'b' },
    });
  });

  it('keeps aside a config that setup made and a person has written into', async () => {
    await bench.setup(...quick);
    const text = bench.get(bench.projectTracing).replace('{', '{"tags": {"a": "b"}, ');
    bench.put(bench.projectTracing, text);
    const { stdout } = await bench.run('uninstall', '-y');
    expect(bench.has(bench.projectTracing)).toBe(false);
    expect(stdout).toContain('keys of your own (tags)');
    const kept = /it is kept as (\S+)/.exec(stdout)?.[1] ?? '';
    expect([path.dirname(kept), bench.get(kept)]).toEqual([bench.backups, text]);
  });

  it('leaves a notifier that is no longer ours', async () => {
    await bench.setup(...quick);
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    const { stdout } = await bench.run('uninstall', '-y');
    expect(bench.get(bench.userConfig)).toBe('notify = ["bell"]\n');
    expect(stdout).toContain('no longer ours');
    expect(bench.has(bench.record)).toBe(false);
  });

  it('leaves notify while another project, or the user, needs it; the last one takes it away', async () => {
    const other = path.join(bench.home, 'other');
    bench.put(path.join(other, 'x'), '');
    const before = bench.snapshot();
    await bench.setup(...quick);
    await bench.setup(...quick, '--user');
    const project = bench.project;
    bench.project = other;
    await bench.setup(...quick);
    const { stdout } = await bench.run('uninstall', '-y');
    expect(stdout).toContain(`it is needed by ${path.join(project, '.codex/mlflow-tracing.json')}`);
    await bench.run('uninstall', '-y', '--user');
    expect(bench.get(bench.userConfig)).toContain('notify-hook');
    bench.project = project;
    await bench.run('uninstall', '-y', '--project');
    expect(bench.snapshot()).toEqual(before);
  });

  it('does not wait for projects that are gone', async () => {
    await bench.setup(...quick);
    const gone = path.join(bench.home, 'gone');
    bench.put(path.join(gone, 'x'), '');
    const project = bench.project;
    bench.project = gone;
    await bench.setup(...quick);
    bench.project = project;
    rmSync(gone, { recursive: true });
    await bench.run('uninstall', '-y');
    expect(bench.has(bench.userConfig)).toBe(false);
  });

  it('--all takes away every scope and project', async () => {
    const other = path.join(bench.home, 'other');
    bench.put(path.join(other, 'x'), '');
    const before = bench.snapshot();
    await bench.setup(...quick, '--user');
    await bench.setup(...quick);
    bench.project = other;
    await bench.setup(...quick);
    await bench.run('uninstall', '--all', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  it('finds the project from a folder below it', async () => {
    const before = bench.snapshot();
    await bench.setup(...quick);
    const below = path.join(bench.project, 'src/deep');
    expect(await runCli(['uninstall', '-y'], bench.io({ cwd: below }))).toBe(0);
    expect(bench.snapshot()).toEqual(before);
  });

  it('works without a record: notify goes where it is ours, no file of which nobody knows who made it', async () => {
    bench.put(bench.userConfig, 'a = 1\n');
    await bench.setup(...quick);
    rmSync(bench.record);
    await bench.run('uninstall', '-y');
    expect(bench.get(bench.userConfig)).toBe('a = 1\n');
    expect(bench.has(bench.projectTracing)).toBe(true);

    bench.put(bench.userConfig, `a = 1\n${OURS}`);
    bench.put(bench.projectTracing, '{"trackingUri": "http://localhost:1"}');
    const { stdout } = await bench.run('uninstall', '-y');
    expect(bench.get(bench.userConfig)).toBe('a = 1\n');
    expect(bench.get(bench.projectTracing)).toBe('{"trackingUri": "http://localhost:1"}');
    expect(stdout).toContain('setup did not make it');
  });

  it('takes an older program of ours away too', async () => {
    bench.put(bench.userConfig, 'a = 1\nnotify = ["node", "/x/@mlflow/codex/bundle/stop.js"]\n');
    await bench.run('uninstall', '-y');
    expect(bench.get(bench.userConfig)).toBe('a = 1\n');
  });

  it('keeps log and delivery state, and says where', async () => {
    await bench.setup(...quick);
    const log = path.join(path.dirname(bench.record), 'hook.log');
    bench.put(log, '{}\n');
    const { stdout } = await bench.run('uninstall', '-y');
    expect(bench.has(log)).toBe(true);
    expect(stdout).toContain(path.dirname(bench.record));
  });

  it('has nothing to do where nothing is: exit 0', async () => {
    const { code, stdout } = await bench.run('uninstall');
    expect(code).toBe(0);
    expect(stdout).toContain('nothing to take away');
    // No folder of ours is there to be kept.
    expect(stdout).not.toContain(path.dirname(bench.record));
    expect(bench.snapshot()).toEqual({ project: '755 ' });
  });

  it('shows and changes nothing with --dry-run; asks for -y where nobody can be asked', async () => {
    await bench.setup(...quick);
    const before = bench.snapshot();
    const dry = await bench.run('uninstall', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({
      done: false,
      edits: [{ path: bench.projectTracing, removed: true }, { path: bench.userConfig }],
    });
    const refusals: [string[], string][] = [
      [[], 'There is no terminal to ask on, and nothing was changed'],
      [['--json'], '--json asks nothing, and nothing was changed'],
      [['--all', '--user'], '--user and --all exclude each other'],
    ];
    for (const [argv, why] of refusals) {
      const { code, stderr } = await bench.run('uninstall', ...argv);
      expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    }
    expect(bench.snapshot()).toEqual(before);
  });

  it('leaves a tracing config that is no JSON any more alone, and says so', async () => {
    bench.put(bench.projectTracing, '{"trackingUri": "http://localhost:1"}');
    await bench.setup(...quick);
    bench.put(bench.projectTracing, '{"trackingUri": ');
    const { stdout } = await bench.run('uninstall', '-y');
    expect(stdout).toContain(`${bench.projectTracing} is left alone: it is no longer valid JSON`);
    expect(bench.get(bench.projectTracing)).toBe('{"trackingUri": ');
  });

  it('refuses where config.toml is no TOML any more, and changes nothing', async () => {
    await bench.setup(...quick);
    bench.put(bench.userConfig, `${bench.get(bench.userConfig)}x =\n`);
    const before = bench.snapshot();
    const { code, stderr } = await bench.run('uninstall', '-y');
    expect(code).toBe(1);
    expect(stderr).toContain('config.toml:2:');
    expect(bench.snapshot()).toEqual(before);
  });
});
