import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closeLoopbacks, type Reply, startLoopback } from '../../support/loopback.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
const children: (() => void)[] = [];
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.169.0');
});
afterEach(async () => {
  for (const end of children.splice(0)) end();
  bench.remove();
  await closeLoopbacks();
});

const ACTIVE = {
  status: 200,
  body: '{"experiment":{"experiment_id":"0","name":"Default","lifecycle_stage":"active"}}',
};
const WELL: Record<string, Reply> = {
  'GET /version': { status: 200, body: '3.17.2' },
  'GET /api/2.0/mlflow/experiments/get': ACTIVE,
  'POST /v1/traces': { status: 400, body: 'Invalid OpenTelemetry protobuf format: no spans' },
};

const server = (answers: Record<string, Reply> = {}) =>
  startLoopback(
    ({ method, url }) =>
      ({ ...WELL, ...answers })[`${method} ${url.split('?')[0]}`] ?? { status: 404, body: '' },
  );

/** Sets everything up against a server that is well but for these answers. */
async function installed(answers: Record<string, Reply> = {}) {
  const running = await server(answers);
  await bench.setup('-y', '--tracking-uri', running.url);
  running.requests.length = 0;
  return running;
}

async function status(...argv: string[]) {
  const { code, stdout, stderr } = await bench.run('status', ...argv);
  expect(stdout).not.toContain('undefined');
  return { code, stdout, stderr };
}

describe('status of a whole chain', () => {
  it('finds nothing broken: exit 0, and leaves no trace behind', async () => {
    const { url, requests } = await installed();
    const { code, stdout } = await status();
    expect(stdout).toContain('Nothing is broken');
    for (const said of [
      `Node ${process.versions.node}`,
      'Codex 0.169.0',
      `Codex calls our hook: ${bench.userConfig}:1`,
      'The hook starts, version 0.0.0',
      `Traces go to ${url}, experiment 0 (${bench.projectTracing})`,
      `MLflow 3.17.2 answers at ${url}`,
      'Experiment 0 (Default) is there',
      `${url}/v1/traces takes traces from you`,
      'The hook has not run yet',
    ])
      expect(stdout).toContain(said);
    expect(code).toBe(0);
    const post = requests.filter(({ method }) => method === 'POST');
    expect(post).toMatchObject([
      {
        url: '/v1/traces',
        body: '',
        headers: { 'x-mlflow-experiment-id': '0', 'content-type': 'application/x-protobuf' },
      },
    ]);
  });

  it('asks no server with --offline', async () => {
    const { requests } = await installed();
    const { code, stdout } = await status('--offline');
    expect([code, requests]).toEqual([0, []]);
    expect(stdout).toContain('No server was asked');
  });

  it('prints one JSON document with codes, facts, words and remedies', async () => {
    await installed({
      'GET /api/2.0/mlflow/experiments/get': { status: 404, body: 'RESOURCE_DOES_NOT_EXIST' },
    });
    const { code, stdout, stderr } = await status('--json');
    expect([code, stderr]).toEqual([1, '']);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ ok: false, version: '0.0.0', cwd: bench.project });
    expect(report.server).toEqual([
      expect.objectContaining({ code: 'server-up', level: 'ok' }),
      expect.objectContaining({
        code: 'experiment-missing',
        level: 'error',
        args: expect.anything(),
        text: expect.any(String),
        remedy: expect.any(String),
      }),
    ]);
  });

  it('needs no server, no config and no Codex to say something', async () => {
    bench.env = { PATH: bench.bin };
    bench.script('codex', 'exit 1');
    const { code, stdout } = await status();
    expect(code).toBe(1);
    expect(stdout).toContain('Codex calls no hook');
    expect(stdout).toContain('are not traced: there is no tracing config\n      → mlflow-codex setup');
  });
});

describe('status of a broken chain: exit 1, and the remedy', () => {
  /** What is broken, and what is said of it. */
  const broken: [string, () => Promise<void> | void, string, string][] = [
    [
      'no server',
      async () => (await installed()).close(),
      'No server answers at',
      '→ Is this its address? Then start it: mlflow server --port',
    ],
    [
      'a wrong experiment',
      async () =>
        void (await installed({
          'GET /api/2.0/mlflow/experiments/get': { status: 404, body: 'RESOURCE_DOES_NOT_EXIST' },
        })),
      'There is no experiment 0',
      '→ mlflow-codex setup',
    ],
    [
      'a deleted experiment',
      async () =>
        void (await installed({
          'GET /api/2.0/mlflow/experiments/get': {
            status: 200,
            body: ACTIVE.body.replace('active', 'deleted'),
          },
        })),
      'is deleted: it takes traces, and shows none',
      '→ mlflow experiments restore --experiment-id 0',
    ],
    [
      'Basic authentication (MLflow 3.17.2 answers 401 to /version)',
      async () => void (await installed({ 'GET /version': { status: 401, body: '' } })),
      'refuses the credentials',
      '→ Set MLFLOW_TRACKING_USERNAME',
    ],
    [
      'no permission to write',
      async () => void (await installed({ 'POST /v1/traces': { status: 403, body: 'Permission denied' } })),
      'refuses traces from you (HTTP 403)',
      'EDIT permission',
    ],
    [
      'a server without a database',
      async () => void (await installed({ 'POST /v1/traces': { status: 501, body: '' } })),
      'takes no traces (HTTP 501)',
      '--backend-store-uri',
    ],
    [
      'a server that is not MLflow',
      async () => void (await installed({ 'GET /version': { status: 404, body: '<html>' } })),
      'is not MLflow (HTTP 404)',
      '→ Correct the tracking URI',
    ],
    [
      'somebody else’s notifier',
      async () => {
        await installed();
        bench.put(bench.userConfig, 'a = 1\nnotify = ["bell"]\n');
      },
      'config.toml:2: ["bell"]',
      '→ mlflow-codex setup --forward-existing',
    ],
    [
      'a notifier that Codex cannot start with',
      async () => {
        await installed();
        bench.put(bench.userConfig, 'notify = "bell"\n');
      },
      'config.toml:1',
      '→ Remove notify from',
    ],
    [
      'no notifier',
      async () => {
        await installed();
        bench.put(bench.userConfig, '[tui]\nnotify = ["x"]\n');
      },
      'Codex calls no hook',
      '→ mlflow-codex setup',
    ],
    [
      'an older program of ours',
      async () => {
        await installed();
        bench.put(bench.userConfig, 'notify = ["node", "/x/@mlflow/codex/bundle/stop.js"]\n');
      },
      'an older program',
      '→ mlflow-codex setup renews it',
    ],
    [
      'a project’s notify that this Codex ignores',
      async () => {
        await installed();
        bench.put(bench.projectConfig, 'notify = ["mlflow-codex", "notify-hook"]\n');
      },
      `ignores notify in a project’s config: `,
      '→ mlflow-codex setup moves it',
    ],
    [
      'a program that is gone',
      async () => {
        await installed();
        bench.put(bench.userConfig, 'notify = ["/gone/mlflow-codex", "notify-hook"]\n');
      },
      'The hook does not start (it is not there)',
      '→ npm install -g @mlflow/codex',
    ],
    [
      'a program that fails',
      async () => {
        await installed();
        bench.put(bench.program.script, 'exit 1');
      },
      'The hook does not start',
      '→ npm install -g @mlflow/codex',
    ],
    [
      'a config.toml that is not TOML',
      async () => {
        await installed();
        bench.put(bench.userConfig, 'a =\n');
      },
      'config.toml:1:',
      '→ Correct',
    ],
    [
      'a broken tracing config',
      async () => {
        await installed();
        bench.put(bench.projectTracing, '{"trackingUri": }');
      },
      'Nothing is sent from here: ',
      'mlflow-tracing.json:1:17',
    ],
    [
      'a tracing config that cannot be read',
      async () => {
        await installed();
        bench.put(bench.userTracing, '');
      },
      'Nothing is sent from here: ',
      '→ Correct',
    ],
    [
      'a token with a line break',
      async () => {
        await installed();
        bench.env = { ...bench.env, MLFLOW_TRACKING_TOKEN: 'hunter2\n' };
      },
      'MLFLOW_TRACKING_TOKEN holds a character',
      '→ Set MLFLOW_TRACKING_TOKEN again',
    ],
    [
      'a variable that names no server',
      async () => {
        await installed();
        bench.env = { ...bench.env, MLFLOW_TRACKING_URI: './mlruns' };
      },
      'MLFLOW_TRACKING_URI',
      '→ ',
    ],
  ];

  it.each(broken)('%s', async (_, prepare, text, remedy) => {
    await prepare();
    const { code, stdout } = await status();
    expect(code).toBe(1);
    expect(stdout).toContain(text);
    expect(stdout).toContain(remedy);
    expect(stdout).not.toContain('hunter2');
    expect(stdout).toMatch(/(1 thing is|\d things are) broken/);
  });
});

describe('status of a chain that is not broken, but not as it might seem', () => {
  it('says that a project’s file is passed over, and what counts instead', async () => {
    const { url } = await server();
    await bench.setup('-y', '--user', '--tracking-uri', url);
    bench.put(bench.projectTracing, { trackingUri: 'https://elsewhere.example', experimentId: '3' });
    const { code, stdout } = await status();
    expect(code).toBe(0);
    expect(stdout).toContain(`Traces go to ${url}, experiment 0 (${bench.userTracing})`);
    expect(stdout).toContain(
      `! ${bench.projectTracing} sends to https://elsewhere.example, and is passed over`,
    );
    bench.put(bench.userTracing, '{}');
    expect((await status('--offline')).stdout).toContain(
      'its tracing config is passed over, and there is no other',
    );
  });

  it('says who switched tracing off', async () => {
    await installed();
    bench.put(bench.projectTracing, { enabled: false });
    expect((await status()).stdout).toContain(`Tracing is switched off by ${bench.projectTracing}`);
    bench.env = { ...bench.env, MLFLOW_CODEX_DISABLED: '1' };
    expect((await status()).stdout).toContain(
      'Tracing is switched off by MLFLOW_CODEX_DISABLED\n      → unset MLFLOW_CODEX_DISABLED',
    );
  });

  it('warns of a Codex that is not there, of keys that mean nothing, and of an experiment of another server', async () => {
    await installed();
    bench.env = {
      ...bench.env,
      PATH: path.join(bench.base, 'lib'),
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
    };
    bench.put(bench.projectTracing, {
      trackingUri: 'http://127.0.0.1:8',
      experimentId: '5',
      experimentID: '6',
    });
    const { stdout } = await status('--offline');
    expect(stdout).toContain('Traces go to http://127.0.0.1:9, experiment 0 (environment, default)');
    expect(stdout).toContain('keys that mean nothing: experimentID');
    expect(stdout).toContain('Experiment 5 of');
  });

  it.each(['3.9.0', '2.22.0'])('warns of MLflow %s: it is too old', async (version) => {
    await installed({ 'GET /version': { status: 200, body: version } });
    const { code, stdout } = await status();
    expect([code, stdout]).toEqual([0, expect.stringContaining(`MLflow ${version} at`)]);
    expect(stdout).toContain('too old');
  });

  it('asks a collector for nothing but its endpoint', async () => {
    const { url, requests } = await server({ 'POST /v1/traces': { status: 200, body: '' } });
    await bench.setup('-y', '--tracking-uri', `${url}/v1/traces`);
    const { code, stdout } = await status();
    expect([code, requests.map((request) => request.url)]).toEqual([0, ['/v1/traces']]);
    expect(stdout).toContain('/v1/traces takes traces from you');
  });

  it('warns of a profile that calls another program', async () => {
    await installed();
    bench.put(path.join(bench.codexHome, 'work.config.toml'), 'notify = ["bell"]\n');
    expect((await status()).stdout).toContain('codex --profile work calls another program');
  });

  it('under Codex before 0.130 reads the project’s notify, which comes before the user’s', async () => {
    bench.installCodex('0.120.0');
    await installed();
    expect((await status()).stdout).toContain(`Codex calls our hook: ${bench.projectConfig}:1`);
    bench.put(bench.projectConfig, 'notify = ["bell"]\n');
    bench.put(bench.userConfig, 'notify = ["mlflow-codex", "notify-hook"]\n');
    const { code, stdout } = await status();
    expect(code).toBe(1);
    expect(stdout).toContain(`${bench.projectConfig}:1: ["bell"]`);
  });

  it('says that a Codex without this shell’s PATH does not find the hook, and which sessions may be missing', async () => {
    await installed();
    expect((await status('--offline')).stdout).not.toContain('needs the PATH');
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.0');
    bench.put(bench.userConfig, 'notify = ["mlflow-codex", "notify-hook"]\n');
    let { stdout } = await status('--offline');
    expect(stdout).toContain('The hook starts');
    expect(stdout).toContain(
      '! A Codex that a desktop, an editor, systemd or cron starts does not find the hook',
    );
    expect(stdout).toContain('→ mlflow-codex setup registers it by its full path');
    expect(stdout).not.toContain('sessions are missing');
    const day = path.join(bench.codexHome, 'sessions', '2026', '11', '25');
    bench.put(
      path.join(day, 'rollout-2026-11-25T00-00-00-01a1f866-0d00-7abc-8def-000000000029.jsonl'),
      '{}\n',
    );
    ({ stdout } = await status('--offline'));
    expect(stdout).toContain('1 of the last sessions are missing, perhaps for this');
  });

  it('makes no experiment, and says that the first turn will', async () => {
    const server = await installed({
      'GET /api/2.0/mlflow/experiments/get-by-name': { status: 404, body: 'RESOURCE_DOES_NOT_EXIST' },
    });
    bench.env = { ...bench.env, MLFLOW_EXPERIMENT_NAME: 'ci' };
    const { code, stdout } = await status();
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(
        `There is no experiment "ci" at ${server.url} yet: it is made with the first turn`,
      ),
    ]);
    expect(server.requests.map(({ method }) => method)).not.toContain('POST');
  });

  it('says that a copy of another version is registered', async () => {
    await installed();
    bench.put(bench.program.script, 'echo mlflow-codex 0.0.1');
    const { code, stdout } = await status('--offline');
    expect(code).toBe(0);
    expect(stdout).toContain('! The hook is version 0.0.1, this program 0.0.0: ');
    expect(stdout).not.toContain('The hook starts');
  });

  it('names the notifier that is forwarded to', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    await bench.setup('-y', '--tracking-uri', 'http://127.0.0.1:9', '--forward-existing');
    expect((await status('--offline')).stdout).toContain('calls the notifier that was there first: ["bell"]');
  });

  it('shows no control character of anybody’s in the terminal', async () => {
    await installed();
    bench.put(bench.userConfig, 'notify = ["be\\u001b[2Jll"]\n');
    bench.put(bench.projectTracing, { trackingUri: 'http://127.0.0.1:9', experimentName: 'a\u001b[2Jb' });
    const { stdout } = await status('--offline');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('a [2Jb');
  });
});

describe('status and a Codex daemon that was started long ago', () => {
  /** A process of ours with this environment stands in for the daemon. */
  function daemon(env: NodeJS.ProcessEnv): void {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { env, stdio: 'ignore' });
    children.push(() => child.kill());
    bench.put(path.join(bench.codexHome, 'app-server-daemon', 'daemon.pid'), { pid: child.pid });
  }

  it('is content where it can start the hook with the same settings', async () => {
    await installed();
    daemon(bench.env);
    expect((await status()).stdout).toContain('can start the hook, with the same settings');
  });

  it('finds broken a hook that the daemon does not find', async () => {
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.0');
    await installed();
    bench.put(bench.userConfig, 'notify = ["mlflow-codex", "notify-hook"]\n');
    daemon({ PATH: '/usr/bin:/bin' });
    const { code, stdout } = await status();
    expect(code).toBe(1);
    expect(stdout).toContain('cannot start the hook (it is not there): mlflow-codex notify-hook');
    expect(stdout).toContain('→ codex app-server daemon restart');
  });

  it('warns where it has other settings than this shell, without their values', async () => {
    await installed();
    daemon({ ...bench.env, MLFLOW_TRACKING_TOKEN: 'hunter2', MLFLOW_EXPERIMENT_ID: '9' });
    const { code, stdout } = await status();
    expect(code).toBe(0);
    expect(stdout).toContain(
      'was started with another MLFLOW_EXPERIMENT_ID, MLFLOW_TRACKING_TOKEN than this shell has',
    );
    expect(stdout).not.toContain('hunter2');
  });

  it.each(['{"pid": 999999999}', '{"pid": "1"}', '{', '{"pid": -1}'])(
    'is not confused by a stale or damaged pid file: %s',
    async (text) => {
      await installed();
      bench.put(path.join(bench.codexHome, 'app-server-daemon', 'daemon.pid'), text);
      expect((await status()).stdout).not.toContain('daemon');
    },
  );
});

describe('status of what became of the turns', () => {
  it('shows the last runs of the hook from its log', async () => {
    await installed();
    mkdirSync(path.dirname(bench.record), { recursive: true });
    const line = (outcome: string, secondsAgo: number, detail?: string) =>
      `${JSON.stringify({ time: new Date(Date.now() - secondsAgo * 1000).toISOString(), thread: 't', turn: 'u', outcome, ms: 42, detail })}\n`;
    bench.put(
      path.join(path.dirname(bench.record), 'hook.log'),
      `${line('sent', 7200) + line('pending', 120, 'HTTP 503')}garbage\n`,
    );
    const { code, stdout } = await status();
    expect(code).toBe(0);
    expect(stdout).toContain('· 2 h ago: sent in 42 ms');
    expect(stdout).toContain('! 2 min ago: pending in 42 ms (HTTP 503)');
  });
});

describe('MLFLOW_CODEX_TAGS', () => {
  it.each([
    ['job=7,team=x,', undefined],
    ['job:7,team=x', 'A part of MLFLOW_CODEX_TAGS is no key=value'],
    ['job 7,=x, team = x', '2 parts of MLFLOW_CODEX_TAGS are no key=value'],
  ])('%s', async (tags, warning) => {
    bench.env = { ...bench.env, MLFLOW_TRACKING_URI: 'http://127.0.0.1:9', MLFLOW_CODEX_TAGS: tags };
    const { stdout } = await status('--offline');
    if (warning === undefined) expect(stdout).not.toContain('MLFLOW_CODEX_TAGS');
    else expect(stdout).toContain(warning);
  });
});

it('says so where MLflow does not answer to the name it was called by', async () => {
  const { url } = await installed({
    'GET /api/2.0/mlflow/experiments/get': {
      status: 403,
      body: 'Invalid Host header - possible DNS rebinding attack detected',
    },
  });
  const { code, stdout } = await status();
  expect(code).toBe(1);
  expect(stdout).toContain(`MLflow does not answer to the name in ${url} (HTTP 403, Invalid Host header)`);
  expect(stdout).toContain('mlflow server --allowed-hosts "localhost:*,127.0.0.1:*,127.0.0.1:*"');
});
