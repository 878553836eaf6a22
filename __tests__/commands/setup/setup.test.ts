import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runSetup } from '../../../src/commands/setup/setup.js';
import { UsageError } from '../../../src/platform/problems/usage-error.js';
import { UserError } from '../../../src/platform/problems/user-error.js';
import { closeLoopbacks, type Reply, startLoopback } from '../../support/loopback.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.169.0');
});
afterEach(async () => {
  bench.remove();
  await closeLoopbacks();
});

/** An address of this machine where nothing listens. */
const NOWHERE = 'http://127.0.0.1:9';
const quick = ['-y', '--tracking-uri', NOWHERE];
const notify = () => `notify = ["${bench.program.node}", "${bench.program.script}", "notify-hook"]\n`;

describe('setup -y', () => {
  it('registers the hook and writes the tracing config, and says where and what next', async () => {
    const { code, stdout, stderr } = await bench.setup(...quick);
    expect([code, stderr]).toEqual([0, '']);
    expect(bench.get(bench.userConfig)).toBe(notify());
    expect(JSON.parse(bench.get(bench.projectTracing))).toMatchObject({
      trackingUri: NOWHERE,
      experimentId: '0',
    });
    for (const file of [bench.userConfig, bench.projectTracing, bench.record]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    for (const said of [
      bench.userConfig,
      bench.projectTracing,
      'created',
      'Next steps',
      'mlflow server --port 9',
      'codex',
      `${NOWHERE}/#/experiments/0/traces`,
      'No server answers',
    ])
      expect(stdout).toContain(said);
  });

  it('names the patterns of redactPatterns that are slow, or broken, by file and place', async () => {
    bench.put(bench.userTracing, { redactPatterns: ['ACME-\\d+', '^(a+)+$'] });
    const slow = await bench.setup(...quick);
    expect(slow.code).toBe(0);
    expect(slow.stdout).toContain(`redactPatterns[1] of ${bench.userTracing}, ^(a+)+$, takes too long`);
    expect(slow.stdout).not.toContain('redactPatterns[0]');
    bench.put(bench.userTracing, { redactPatterns: ['ACME-\\d+', '('] });
    const broken = await bench.setup(...quick);
    expect(broken.stdout).toContain(bench.userTracing);
    expect(broken.stdout).toContain('"redactPatterns.1" must be a regular expression');
  });

  it('does nothing the second time', async () => {
    await bench.setup(...quick);
    const before = bench.snapshot();
    const { code, stdout } = await bench.setup('-y');
    expect(code).toBe(0);
    expect(bench.snapshot()).toEqual(before);
    expect(stdout).toContain('left alone');
    expect(stdout).not.toContain('Changes:');
  });

  it('keeps the values of the file where it is told none, and never takes the environment’s', async () => {
    bench.put(bench.projectTracing, { trackingUri: NOWHERE, experimentName: 'mine', tags: { a: 'b' } });
    const before = bench.get(bench.projectTracing);
    bench.env = { ...bench.env, MLFLOW_TRACKING_URI: 'https://env.invalid', MLFLOW_EXPERIMENT_ID: '9' };
    const { stdout } = await bench.setup('-y');
    expect(bench.get(bench.projectTracing)).toBe(before);
    expect(stdout).not.toContain('unset');
    expect(stdout).toContain(
      'MLFLOW_TRACKING_URI is set here and comes before the file: https://env.invalid',
    );
  });

  it('lets an id and a name replace each other', async () => {
    await bench.setup(...quick, '--experiment-name', 'mine');
    expect(JSON.parse(bench.get(bench.projectTracing))).toMatchObject({ experimentName: 'mine' });
    await bench.setup('-y', '--experiment-id', '7');
    const config = JSON.parse(bench.get(bench.projectTracing));
    expect(config).toMatchObject({ trackingUri: NOWHERE, experimentId: '7' });
    expect(config).not.toHaveProperty('experimentName');
  });

  it('works for the user: in CODEX_HOME where that is set', async () => {
    bench.env = { ...bench.env, CODEX_HOME: path.join(bench.base, 'elsewhere') };
    await bench.setup(...quick, '--user');
    expect(bench.get(path.join(bench.base, 'elsewhere', 'config.toml'))).toBe(notify());
    expect(bench.has(path.join(bench.base, 'elsewhere', 'mlflow-tracing.json'))).toBe(true);
    expect(bench.has(bench.codexHome)).toBe(false);
  });

  it('registers node and the script by their full paths where only this shell finds the name', async () => {
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.0');
    await bench.setup(...quick);
    expect(bench.get(bench.userConfig)).toBe(notify());
  });

  it('renews a name that only this shell finds', async () => {
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.0');
    bench.put(bench.userConfig, 'notify = ["mlflow-codex", "notify-hook"] # by hand\n');
    await bench.setup(...quick);
    expect(bench.get(bench.userConfig)).toBe(`${notify().trimEnd()} # by hand\n`);
  });

  it('registers nothing that does not start', async () => {
    bench.put(bench.program.script, 'exit 1');
    await expect(bench.setup(...quick)).rejects.toThrow('does not start');
    expect(bench.snapshot()).toEqual({ project: '755 ' });
  });

  it('leaves a notifier of ours in another form alone while it starts, and renews it when it does not', async () => {
    const other = path.join(bench.base, 'other', 'mlflow-codex.js');
    bench.put(other, 'echo mlflow-codex 0.0.0');
    const line = `notify = ["${bench.program.node}", "${other}", "notify-hook"] # by hand\n`;
    bench.put(bench.userConfig, line);
    await bench.setup(...quick);
    expect(bench.get(bench.userConfig)).toBe(line);
    bench.put(other, 'exit 1');
    await bench.setup(...quick);
    expect(bench.get(bench.userConfig)).toBe(`${notify().trimEnd()} # by hand\n`);
  });

  it('waits no longer than 2 s for a codex that does not say its version, and says so', async () => {
    bench.script('codex', 'sleep 600');
    const { stdout } = await bench.setup(...quick);
    expect(stdout).toContain(`${path.join(bench.bin, 'codex')} does not say its version`);
  });

  it('is done by four at once in as many projects, one after the other', async () => {
    const projects = ['a', 'b', 'c', 'd'].map((name) => path.join(bench.home, name));
    const codes = await Promise.all(
      projects.map((cwd) => {
        mkdirSync(cwd);
        return runSetup(quick, bench.io({ cwd }), bench.program);
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    const { tracing } = JSON.parse(bench.get(bench.record)) as { tracing: { file: string }[] };
    expect(tracing.map(({ file }) => file).sort()).toEqual(
      projects.map((cwd) => path.join(cwd, '.codex', 'mlflow-tracing.json')),
    );
    expect(bench.get(bench.userConfig)).toBe(notify());
  });

  it('follows a linked config.toml, keeps its bits, and its former state in a folder of ours', async () => {
    const dots = path.join(bench.home, 'dots.toml');
    bench.put(dots, 'model = "x"\n');
    chmodSync(dots, 0o640);
    mkdirSync(bench.codexHome);
    symlinkSync(dots, bench.userConfig);
    await bench.setup(...quick);
    expect(bench.get(dots)).toBe(`model = "x"\n${notify()}`);
    expect(statSync(dots).mode & 0o777).toBe(0o640);
    const [backup = ''] = readdirSync(bench.backups);
    expect(bench.get(path.join(bench.backups, backup))).toBe('model = "x"\n');
    expect(readdirSync(bench.home).sort()).toEqual(['.codex', 'dots.toml', 'project']);
  });
});

describe('setup refuses, and writes nothing', () => {
  const refused = async (...argv: string[]) => {
    const before = bench.snapshot();
    const error = await bench.setup(...argv).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(bench.snapshot()).toEqual(before);
    if (!(error instanceof UserError)) throw error ?? new Error('it was not refused');
    return error;
  };

  it.each<[string, () => void, string]>([
    [
      'somebody else’s notifier',
      () => bench.put(bench.userConfig, 'notify = ["bell"]\n'),
      'config.toml:1: Codex calls another program already',
    ],
    ['a config.toml that is not TOML', () => bench.put(bench.userConfig, 'a = 1\nb =\n'), 'config.toml:2:'],
    [
      'a config.toml that is a folder',
      () => mkdirSync(bench.userConfig, { recursive: true }),
      'config.toml is a folder',
    ],
    [
      'a tracing config that is not JSON',
      () => bench.put(bench.projectTracing, '{"a": 1,}'),
      'mlflow-tracing.json:1:9',
    ],
    [
      'a tracing config that is not the user’s to write',
      () => {
        bench.put(bench.projectTracing, '{}');
        chmodSync(bench.projectTracing, 0o444);
      },
      'read-only',
    ],
    ['a .codex that is a file', () => bench.put(path.join(bench.project, '.codex'), ''), '.codex'],
  ])('at %s', async (_, prepare, message) => {
    prepare();
    const error = await refused(...quick);
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  it.each([
    [['--project', '--user'], 'exclude each other'],
    [['--experiment-id', '1', '--experiment-name', 'x'], 'exclude each other'],
    [['--experiment-id', 'x'], '--experiment-name takes a name'],
    [['--experiment-name', ' '], 'empty'],
    [['--tracking-uri', 'localhost:5000'], 'Write http://localhost:5000'],
    [['--tracking-uri', 'sqlite:///x'], 'mlflow server'],
    [['--tracking-uri', 'https://ada:secret@h'], 'MLFLOW_TRACKING_USERNAME'],
    [['--trace-location', 'a.b'], 'catalog.schema.prefix'],
  ])('the arguments %j', async (argv, message) => {
    const error = await refused('-y', ...argv);
    expect(error).toBeInstanceOf(UsageError);
    expect(`${error.message} ${error.hint}`).toContain(message);
    expect(`${error.message} ${error.hint}`).not.toContain('secret');
  });

  it('to wait for a person who is not there', async () => {
    await expect(bench.setup()).rejects.toThrow(UsageError);
    await expect(bench.setup('--json', '--user')).rejects.toThrow('--json asks nothing');
    const all = ['--user', '--tracking-uri', NOWHERE, '--experiment-id', '1'];
    expect((await bench.setup(...all)).code).toBe(0);
  });
});

describe('setup --forward-existing', () => {
  it('keeps the notifier that was there for the hook to call', async () => {
    bench.put(bench.userConfig, 'notify = ["bell", "--loud"] # mine\n');
    const { stdout } = await bench.setup(...quick, '--forward-existing');
    expect(bench.get(bench.userConfig)).toBe(`${notify().trimEnd()} # mine\n`);
    expect(JSON.parse(bench.get(bench.record))).toMatchObject({ notify: [{ forward: ['bell', '--loud'] }] });
    expect(stdout).toContain('calls the notifier that was there first');
    await bench.setup('-y');
    expect(JSON.parse(bench.get(bench.record))).toMatchObject({ notify: [{ forward: ['bell', '--loud'] }] });
  });

  it('forgets it where somebody has emptied the slot since', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    await bench.setup(...quick, '--forward-existing');
    bench.put(bench.userConfig, 'a = 1\n');
    await bench.setup('-y');
    expect(JSON.parse(bench.get(bench.record)).notify).toEqual([
      {
        file: bench.userConfig,
        argv: expect.any(Array),
        created: false,
        createdFolder: false,
        inserted: notify(),
      },
    ]);
  });
});

describe('setup --dry-run and --json', () => {
  it('shows what would change and writes nothing, without a terminal too', async () => {
    bench.put(bench.userConfig, 'token = "secret"\n[tui]\na = 1\n');
    const before = bench.snapshot();
    const { code, stdout } = await bench.setup('--dry-run');
    expect(code).toBe(0);
    expect(bench.snapshot()).toEqual(before);
    expect(stdout).toContain(`${bench.userConfig}, line 2\n  + ${notify()}`);
    expect(stdout).toContain('Nothing was written');
    expect(stdout).not.toContain('secret');
  });

  it('prints one JSON document and nothing else', async () => {
    bench.put(bench.userConfig, 'token = "secret"\n');
    const { stdout, stderr } = await bench.setup(...quick, '--json');
    expect(stderr).toBe('');
    expect(stdout).not.toContain('secret');
    expect(JSON.parse(stdout)).toMatchObject({
      done: true,
      scope: 'project',
      trackingUri: NOWHERE,
      experimentId: '0',
      tracing: { file: bench.projectTracing, change: 'created' },
      notify: [{ file: bench.userConfig, change: 'registered' }],
      findings: [{ code: 'notify-in-user-config' }, { code: 'server-down' }],
    });
    expect(JSON.parse((await bench.setup('--json', '--dry-run')).stdout)).toMatchObject({
      done: false,
      tracing: { change: 'unchanged' },
    });
  });

  it('says in JSON what is wrong, too', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    const { code, stdout, stderr } = await bench.run('setup', '--json', '--tracking-uri', 'x y', '-y');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { message: expect.stringContaining('--tracking-uri'), hint: expect.any(String) },
    });
    expect(stderr).toContain('--tracking-uri');
  });
});

describe('setup and the server', () => {
  const server = async (answers: Record<string, Reply>) =>
    startLoopback(
      ({ method, url }) =>
        answers[`${method} ${url.split('?')[0]}`] ?? {
          status: 404,
          body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}',
        },
    );
  const version = { 'GET /version': { status: 200, body: '3.17.2' } };

  it('names server and experiment where they answer', async () => {
    const found = {
      status: 200,
      body: '{"experiment":{"experiment_id":"0","name":"Default","lifecycle_stage":"active"}}',
    };
    const { url } = await server({ ...version, 'GET /api/2.0/mlflow/experiments/get': found });
    const { stdout } = await bench.setup('-y', '--tracking-uri', url);
    expect(stdout).toContain(`MLflow 3.17.2 answers at ${url}`);
    expect(stdout).toContain('Experiment 0 (Default) is there');
    expect(stdout).toContain('(it is running)');
  });

  it('makes the experiment that was named and is not there', async () => {
    const created = { status: 200, body: '{"experiment_id":"12"}' };
    const { url, requests } = await server({
      ...version,
      'POST /api/2.0/mlflow/experiments/create': created,
    });
    const { stdout } = await bench.setup('-y', '--tracking-uri', url, '--experiment-name', 'my codex');
    expect(JSON.parse(bench.get(bench.projectTracing))).toMatchObject({ experimentName: 'my codex' });
    expect(requests.at(-1)).toMatchObject({ method: 'POST', body: '{"name":"my codex"}' });
    expect(stdout).toContain('Experiment 12 (my codex) was made');
    expect(stdout).toContain(`${url}/#/experiments/12/traces`);
  });

  it('asks the server that counts in this shell, and makes the named experiment there', async () => {
    const created = { status: 200, body: '{"experiment_id":"12"}' };
    const { url, requests } = await server({
      ...version,
      'POST /api/2.0/mlflow/experiments/create': created,
    });
    bench.env = { ...bench.env, MLFLOW_TRACKING_URI: url };
    const { stdout } = await bench.setup(...quick, '--experiment-name', 'ci');
    expect(requests.at(-1)).toMatchObject({ method: 'POST', body: '{"name":"ci"}' });
    expect(stdout).toContain(`MLFLOW_TRACKING_URI is set here and comes before the file: ${url}`);
    expect(stdout).toContain(`See the traces at ${url}/#/experiments/12/traces`);
    expect(JSON.parse(bench.get(bench.projectTracing))).toEqual({
      trackingUri: NOWHERE,
      experimentName: 'ci',
    });
    bench.env['MLFLOW_EXPERIMENT_NAME'] = 'nightly';
    await bench.setup('-y');
    expect(requests.at(-1)).toMatchObject({ method: 'POST', body: '{"name":"nightly"}' });
  });

  it('advises no MLflow at a collector’s address', async () => {
    const { stdout } = await bench.setup('-y', '--tracking-uri', `${NOWHERE}/v1/traces`);
    expect(stdout).not.toContain('mlflow server');
    expect(stdout).toContain(`See that the server at ${NOWHERE}/v1/traces is running`);
  });

  it('asks first whether the address is right where nobody answers', async () => {
    const { stdout } = await bench.setup(...quick);
    expect(stdout).toContain('→ Is this its address? Then start it: mlflow server --port 9');
  });

  it('does not tell a slow server to be started', async () => {
    const { url } = await startLoopback(() => 'hang');
    const { stdout } = await bench.setup('-y', '--tracking-uri', url);
    expect(stdout).toContain(`${url} takes its time (no answer within 5 s)`);
    expect(stdout).not.toContain('mlflow server');
  });

  it.each<[string, Record<string, Reply>, string]>([
    [
      'the experiment’s check gets no answer',
      { ...version, 'GET /api/2.0/mlflow/experiments/get': { status: 500, body: '' } },
      'Whether there is an experiment 0 at',
    ],
    ['there is no such experiment', version, 'There is no experiment 0'],
    [
      'the experiment is deleted',
      {
        ...version,
        'GET /api/2.0/mlflow/experiments/get': {
          status: 200,
          body: '{"experiment":{"lifecycle_stage":"deleted"}}',
        },
      },
      'is deleted',
    ],
    ['it wants credentials', { 'GET /version': { status: 401, body: '' } }, 'refuses the credentials'],
    ['it is not MLflow', { 'GET /version': { status: 200, body: '<html>' } }, 'is not MLflow'],
  ])('goes on where %s, and says so', async (_, answers, message) => {
    const { url } = await server(answers);
    const { code, stdout } = await bench.setup('-y', '--tracking-uri', url);
    expect(code).toBe(0);
    expect(bench.has(bench.projectTracing)).toBe(true);
    expect(stdout).toContain(message);
  });

  it('asks nobody in a dry run', async () => {
    const { url, requests } = await server(version);
    await bench.setup('--dry-run', '--tracking-uri', url);
    expect(requests).toEqual([]);
  });
});

describe('setup --dry-run', () => {
  it('starts no npx, which would fetch the package, and says what would be registered', async () => {
    bench.script('npx', `touch ${bench.base}/npx-was-started`);
    bench.put(bench.userConfig, 'notify = ["npx", "-y", "@mlflow/codex@0.0.1", "notify-hook"]\n');
    const { code, stdout } = await bench.setup('-y', '--user', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('notify renewed');
    expect(bench.has(`${bench.base}/npx-was-started`)).toBe(false);
  });
});
