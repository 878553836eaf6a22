import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { repositoryUrl } from '../../src/platform/files/repository.js';
import { Workbench } from './workbench.js';

/** All that setup, status and uninstall print to a person and to a program, where nothing listens. */
let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.169.0');
});
afterEach(() => bench.remove());

const quick = ['-y', '--tracking-uri', 'http://127.0.0.1:9'];
const printed = ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
  code,
  stderr,
  lines: bench.short(stdout).split('\n'),
});
const json = ({ stdout }: { stdout: string }) => JSON.parse(bench.short(stdout));

const TRACING = 'PROJECT/.codex/mlflow-tracing.json';
const NOTIFY = '["BASE/lib/node","BASE/lib/mlflow-codex.js","notify-hook"]';
const LINE = 'notify = ["BASE/lib/node", "BASE/lib/mlflow-codex.js", "notify-hook"]';
const FILE = ['{', '  "trackingUri": "http://127.0.0.1:9",', '  "experimentId": "0"', '}'];
const COMMAND = 'BASE/lib/node BASE/lib/mlflow-codex.js notify-hook';
const REMEDY =
  '→ Is this its address? Then start it: mlflow server --port 9. If it is not: mlflow-codex setup';
const PRIVACY =
  'What was said is sent, up to 65536 bytes a message, secrets taken out (known values, tokens, secrets by their place): a net, not a proof; mlflow-codex show --as-sent shows what leaves';
const NEVER = 'The hook has not run yet: have a turn with codex';
const BROKEN = `1 thing is broken. More on each sentence: ${repositoryUrl()}/blob/main/docs/troubleshooting.md`;

describe('setup prints', () => {
  const END = [
    '',
    '· Codex 0.169.0 reads notify in the user’s config only; folders without a tracing config are not traced',
    '! No server answers at http://127.0.0.1:9 (ECONNREFUSED)',
    `    ${REMEDY}`,
    '',
    'Next steps',
    '  1. Start MLflow: mlflow server --port 9',
    '  2. Launch codex, and have a turn with it',
    '  3. See the traces at http://127.0.0.1:9/#/experiments/0/traces',
    '  If none appear: mlflow-codex status',
    '',
  ];

  test('what it changes, what becomes of each file, what it found, and what is left to do', async () => {
    expect(printed(await bench.setup(...quick))).toEqual({
      code: 0,
      stderr: '',
      lines: [
        'Changes:',
        `${TRACING} (new)`,
        ...FILE.map((line) => `  + ${line}`),
        'HOME/config.toml (new)',
        `  + ${LINE}`,
        '',
        `created  ${TRACING}`,
        '         traces go to http://127.0.0.1:9, experiment 0',
        'created  HOME/config.toml',
        `         notify registered: ${NOTIFY}`,
        ...END,
      ],
    });
    expect(printed(await bench.setup('-y')).lines).toEqual([
      `left alone  ${TRACING}`,
      '            traces go to http://127.0.0.1:9, experiment 0',
      'left alone  HOME/config.toml',
      `            notify registered already: ${NOTIFY}`,
      ...END,
    ]);
  });

  test('the same to a program, as one document', async () => {
    await bench.setup(...quick);
    const { stdout } = await bench.setup('-y', '--json');
    expect(stdout.startsWith('{\n  "done": true,\n')).toBe(true);
    expect(json({ stdout })).toEqual({
      done: true,
      scope: 'project',
      trackingUri: 'http://127.0.0.1:9',
      experimentId: '0',
      tracing: { file: TRACING, change: 'unchanged' },
      notify: [{ file: 'HOME/config.toml', change: 'unchanged', argv: JSON.parse(NOTIFY) }],
      edits: [],
      findings: [
        { code: 'notify-in-user-config', level: 'info', args: { version: '0.169.0' } },
        {
          code: 'server-down',
          level: 'warning',
          args: { uri: 'http://127.0.0.1:9', reason: 'ECONNREFUSED' },
        },
      ],
    });
  });

  test('all that is to be known of variables, patterns and npx, in one order', async () => {
    bench.env['MLFLOW_EXPERIMENT_ID'] = '9';
    bench.put(bench.userTracing, { redactPatterns: ['^(a+)+$'] });
    bench.program.script = `${bench.base}/_npx/x/mlflow-codex.js`;
    bench.script('npx', 'echo mlflow-codex 0.0.0');
    const { findings, notify } = json(await bench.setup(...quick, '--json'));
    expect(findings.map(({ code }: { code: string }) => code)).toEqual([
      'notify-in-user-config',
      'environment-overrides',
      'starts-slowly',
      'slow-pattern',
      'server-down',
    ]);
    expect(findings[2]).toEqual({ code: 'starts-slowly', level: 'info', args: {} });
    expect(notify[0].argv).toEqual(['npx', '-y', '@mlflow/codex@0.0.0', 'notify-hook']);
  });

  test('why it does not guess', async () => {
    const why = (argv: string[]) =>
      bench.setup(...argv).catch(({ name, message, hint }) => [name, message, hint]);
    const hint = 'mlflow-codex setup -y takes the defaults; --help lists the flags';
    expect(await why([])).toEqual(['UsageError', 'There is no terminal to ask on: say what you want', hint]);
    const all = ['--user', '--tracking-uri', 'http://127.0.0.1:9', '--experiment-id', '1'];
    for (const missing of [all.slice(1), all.slice(0, 1), all.slice(0, 3)])
      expect(await why(['--json', ...missing])).toEqual([
        'UsageError',
        '--json asks nothing: say what you want',
        hint,
      ]);
    expect(json(await bench.setup('--json', ...all)).done).toBe(true);
  });
});

describe('status prints', () => {
  const codex = [
    'mlflow-codex 0.0.0 in PROJECT',
    '',
    'Codex',
    `  ✓ Node ${process.versions.node}`,
    '  ✓ Codex 0.169.0 (BASE/bin/codex)',
  ];
  const settings = [
    'Settings',
    `  ✓ Traces go to http://127.0.0.1:9, experiment 0 (${TRACING})`,
    `  · ${PRIVACY}`,
    '',
  ];
  const turns = ['Turns', `  · ${NEVER}`, ''];
  const hooked = [
    ...codex,
    '  ✓ Codex calls our hook: HOME/config.toml:1',
    `  ✓ The hook starts, version 0.0.0: ${COMMAND}`,
    '',
  ];

  test('the chain from Codex to the turns, and that nothing is broken', async () => {
    await bench.setup(...quick);
    expect(printed(await bench.run('status', '--offline'))).toEqual({
      code: 0,
      stderr: '',
      lines: [
        ...hooked,
        ...settings,
        'Server',
        '  · No server was asked (--offline)',
        '',
        ...turns,
        'Nothing is broken.',
        '',
      ],
    });
  });

  test('how many things are broken, and where to read more', async () => {
    await bench.setup(...quick);
    const down = [
      'Server',
      '  ✗ No server answers at http://127.0.0.1:9 (ECONNREFUSED)',
      `      ${REMEDY}`,
      '',
    ];
    expect(printed(await bench.run('status'))).toEqual({
      code: 1,
      stderr: '',
      lines: [...hooked, ...settings, ...down, ...turns, BROKEN, ''],
    });
    bench.put(bench.userConfig, '');
    expect(printed(await bench.run('status')).lines.at(-2)).toBe(
      BROKEN.replace('1 thing is', '2 things are'),
    );
  });

  test('no heading over nothing', async () => {
    expect(printed(await bench.run('status')).lines).toEqual([
      ...codex,
      '  ✗ Codex calls no hook: HOME/config.toml has no notify',
      '      → mlflow-codex setup',
      '',
      'Settings',
      '  ! Sessions in PROJECT are not traced: there is no tracing config',
      '      → mlflow-codex setup',
      '',
      ...turns,
      BROKEN,
      '',
    ]);
  });

  test('the same to a program, with the words', async () => {
    await bench.setup(...quick);
    const { stdout } = await bench.run('status', '--offline', '--json');
    expect(stdout.startsWith('{\n  "ok": true,\n')).toBe(true);
    const node = process.versions.node;
    expect(json({ stdout })).toEqual({
      ok: true,
      version: '0.0.0',
      cwd: 'PROJECT',
      codex: [
        { code: 'node', level: 'ok', args: { version: node }, text: `Node ${node}` },
        {
          code: 'codex',
          level: 'ok',
          args: { file: 'BASE/bin/codex', version: '0.169.0' },
          text: 'Codex 0.169.0 (BASE/bin/codex)',
        },
        {
          code: 'notify-ours',
          level: 'ok',
          args: { file: 'HOME/config.toml', line: 1 },
          text: 'Codex calls our hook: HOME/config.toml:1',
        },
        {
          code: 'hook-starts',
          level: 'ok',
          args: { command: COMMAND, version: '0.0.0' },
          text: `The hook starts, version 0.0.0: ${COMMAND}`,
        },
      ],
      settings: [
        {
          code: 'settings',
          level: 'ok',
          args: {
            uri: 'http://127.0.0.1:9',
            uriSource: TRACING,
            experiment: '0',
            experimentSource: TRACING,
          },
          text: `Traces go to http://127.0.0.1:9, experiment 0 (${TRACING})`,
        },
        {
          code: 'privacy',
          level: 'info',
          args: { content: 'full', redact: true, redactPii: false, patterns: 0, maxContentBytes: 65536 },
          text: PRIVACY,
        },
      ],
      server: [{ code: 'offline', level: 'info', args: {}, text: 'No server was asked (--offline)' }],
      turns: [{ code: 'hook-never-ran', level: 'info', args: {}, text: NEVER }],
    });
  });

  test('of each session without a run of the hook why its folder is not traced', async () => {
    await bench.setup(...quick);
    const thread = (n: number, cwd: string) => {
      const id = `01a1f866-0d00-7abc-8def-00000000000${n}`;
      const meta = {
        id,
        timestamp: '2026-11-25T00:00:00.000Z',
        cwd,
        originator: 'codex_cli_rs',
        cli_version: '0.169.0',
      };
      bench.put(
        `${bench.codexHome}/sessions/2026/11/25/rollout-2026-11-25T00-00-0${n}-${id}.jsonl`,
        `${JSON.stringify({ timestamp: meta.timestamp, type: 'session_meta', payload: meta })}\n`,
      );
    };
    bench.put(`${bench.home}/off/.codex/mlflow-tracing.json`, { enabled: false });
    thread(1, bench.project);
    thread(2, `${bench.home}/nowhere`);
    thread(3, `${bench.home}/off`);
    const { turns: found } = json(await bench.run('status', '--offline', '--json'));
    const reasons = found.flatMap(
      ({ code, args }: { code: string; args: { thread: string; reason: string } }) =>
        code === 'thread-unknown' ? [[args.thread.at(-1), args.reason]] : [],
    );
    expect(Object.fromEntries(reasons)).toEqual({
      1: '',
      2: 'no-config',
      3: `switched off by BASE/home/off/.codex/mlflow-tracing.json`,
    });
  });
});

describe('uninstall prints', () => {
  const CHANGES = [
    'Changes:',
    `${TRACING} (removed)`,
    ...FILE.map((line) => `  - ${line}`),
    'HOME/config.toml (removed)',
    `  - ${LINE}`,
  ];

  test('what it takes away, and what stays', async () => {
    await bench.setup(...quick);
    const lines = async (...argv: string[]) => printed(await bench.run('uninstall', ...argv));
    const dry = { code: 0, stderr: '', lines: [...CHANGES, 'Nothing was written.', ''] };
    expect(await lines('--dry-run')).toEqual(dry);
    const kept = 'Kept: traces in MLflow and Codex’s recordings';
    expect((await lines('--yes')).lines).toEqual([...CHANGES, `Done. ${kept}`, '']);
    expect((await lines('-y')).lines).toEqual(['There is nothing to take away.', kept, '']);
    bench.put(`${bench.codexHome}/mlflow-codex/hook.log`, '');
    expect((await lines('-y')).lines).toEqual([
      'There is nothing to take away.',
      'Kept: traces in MLflow, Codex’s recordings, and what is known of them in HOME/mlflow-codex',
      '',
    ]);
  });

  test('the same to a program, as one document', async () => {
    await bench.setup(...quick);
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    const edits = [{ path: TRACING, removed: true, lines: FILE.map((line) => `  - ${line}`) }];
    const findings = [{ code: 'notify-not-ours', level: 'info', args: { file: 'HOME/config.toml' } }];
    const dry = await bench.run('uninstall', '--json', '--dry-run');
    expect(dry.stdout.startsWith('{\n  "done": false,\n')).toBe(true);
    expect(json(dry)).toEqual({ done: false, edits, findings });
    expect(json(await bench.run('uninstall', '--json', '-y'))).toEqual({ done: true, edits, findings });
    expect(json(await bench.run('uninstall', '--json', '-y'))).toEqual({
      done: true,
      edits: [],
      findings: [],
    });
  });

  test('what it leaves, below what it takes away', async () => {
    await bench.setup(...quick);
    bench.put(bench.userConfig, `${bench.get(bench.userConfig)}a = 1\n`);
    await bench.setup(...quick, '--user');
    expect(printed(await bench.run('uninstall', '--project', '-y')).lines.slice(6, -2)).toEqual([
      '· notify stays in HOME/config.toml: it is needed by HOME/mlflow-tracing.json',
      '    → mlflow-codex uninstall --all takes everything away',
    ]);
  });

  test.each([
    ['--user', '--all'],
    ['--project', '--system'],
  ])('that %s and %s exclude each other', async (...argv) => {
    const { code, stderr } = await bench.run('uninstall', ...argv);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${argv[0]} and ${argv[1]} exclude each other`),
    ]);
  });
});
