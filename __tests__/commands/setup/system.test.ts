import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseSetupRequest } from '../../../src/commands/setup/plans/setup-request.js';
import { runSystemSetup } from '../../../src/commands/setup/system/setup-system.js';
import { runUninstall } from '../../../src/commands/uninstall/uninstall.js';
import { Workbench } from '../workbench.js';

/** The machine's files in folders of a test's own, owned by whoever runs it. */
let bench: Workbench;
let etc: string;
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.171.0');
  etc = path.join(bench.base, 'etc');
  mkdirSync(etc);
  // What every user of the machine can read and nobody else can write.
  for (const entry of [bench.base, path.join(bench.base, 'lib'), etc, bench.program.script])
    chmodSync(entry, 0o755);
});
afterEach(() => bench.remove());

const NOWHERE = 'http://127.0.0.1:9';
const places = () => ({
  codexDir: path.join(etc, 'codex'),
  tracingFile: path.join(etc, 'mlflow-codex', 'mlflow-tracing.json'),
  ownerUid: process.getuid?.() ?? 0,
});
const file = (name: string) => path.join(etc, name);
const put = (name: string, text: string) => {
  mkdirSync(path.dirname(file(name)), { recursive: true });
  writeFileSync(file(name), text);
};
const get = (name: string) => readFileSync(file(name), 'utf8');

async function setup(...more: string[]) {
  const io = bench.io();
  const request = parseSetupRequest(['--system', '-y', '--tracking-uri', NOWHERE, ...more]);
  return io.ran(await runSystemSetup(request, io, bench.program, places()));
}

async function uninstall(...more: string[]) {
  const io = bench.io();
  return io.ran(await runUninstall(['--system', '-y', ...more], io, places()));
}

/** All below etc, with modes: what uninstall must give back. */
function snapshot(): Record<string, string> {
  const names = readdirSync(etc, { recursive: true }).map(String).sort();
  return Object.fromEntries(
    names.map((name) => {
      const stats = statSync(file(name));
      return [name, `${(stats.mode & 0o777).toString(8)} ${stats.isDirectory() ? '' : get(name)}`];
    }),
  );
}

const words = () => `${bench.program.node} ${bench.program.script}`;
const hook = (event: string) =>
  `[[hooks.${event}]]\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = "${words()} stop-hook"\n`;
const HOOKS = () => `[features]\nhooks = true\n\n${hook('Stop')}\n${hook('SessionEnd')}`;

describe('setup --system', () => {
  test('writes the three files, for everybody to read, by the program’s absolute path', async () => {
    const { code, stdout } = await setup('--experiment-id', '7');
    expect(code).toBe(0);
    expect(JSON.parse(get('mlflow-codex/mlflow-tracing.json'))).toEqual({
      trackingUri: NOWHERE,
      experimentId: '7',
    });
    expect(get('codex/requirements.toml')).toBe(HOOKS());
    expect(get('codex/config.toml')).toBe(
      `notify = ["${bench.program.node}", "${bench.program.script}", "notify-hook"]\n`,
    );
    expect(stdout).toContain(`Stop and SessionEnd hooks registered: ${words()} stop-hook`);
    const modes = Object.fromEntries(
      Object.entries(snapshot()).map(([name, text]) => [name, text.slice(0, 3)]),
    );
    expect(modes).toEqual({
      codex: '755',
      'codex/config.toml': '644',
      'codex/requirements.toml': '644',
      'mlflow-codex': '755',
      'mlflow-codex/mlflow-tracing.json': '644',
      'mlflow-codex/setup.json': '600',
    });
  });

  test('changes nothing the second time, and uninstall leaves nothing behind', async () => {
    await setup();
    const first = snapshot();
    const { stdout } = await setup();
    expect(stdout).toContain('Stop and SessionEnd hooks registered already');
    expect(snapshot()).toEqual(first);
    expect((await uninstall()).stdout).toContain('Done.');
    expect(snapshot()).toEqual({});
  });

  test('keeps what administrators have written, byte for byte, and gives it back', async () => {
    put(
      'codex/requirements.toml',
      '# ours\nallowed_approval_policies = ["never"]\n[features]\n# fixed\nmemories = false',
    );
    put('codex/config.toml', '# defaults\n[tui]\ntheme = "x"\n');
    put('mlflow-codex/mlflow-tracing.json', '{"redact": true, "required": ["redact"]}\n');
    const before = snapshot();
    await setup();
    expect(get('codex/requirements.toml')).toBe(
      `# ours\nallowed_approval_policies = ["never"]\n[features]\nhooks = true\n# fixed\nmemories = false\n\n${hook('Stop')}\n${hook('SessionEnd')}`,
    );
    expect(JSON.parse(get('mlflow-codex/mlflow-tracing.json'))).toMatchObject({
      redact: true,
      trackingUri: NOWHERE,
    });
    await uninstall();
    expect(snapshot()).toEqual(before);
  });

  test('takes out only its own where somebody has written into the files since', async () => {
    put('codex/requirements.toml', '[features]\nmemories = false\n');
    await setup();
    put(
      'codex/requirements.toml',
      `# later\n${get('codex/requirements.toml')}\n[[hooks.Stop]]\nhooks = []\n`,
    );
    await uninstall();
    expect(get('codex/requirements.toml')).toBe(
      '# later\n[features]\nmemories = false\n\n[[hooks.Stop]]\nhooks = []\n',
    );
  });

  test('registers a hook at each prompt where the machine’s file shows turns live', async () => {
    put('mlflow-codex/mlflow-tracing.json', '{"live": true}\n');
    const before = snapshot();
    const { stdout } = await setup();
    expect(stdout).toContain('Stop, SessionEnd, and UserPromptSubmit hooks registered');
    expect(get('codex/requirements.toml')).toBe(`${HOOKS()}\n${hook('UserPromptSubmit')}`);
    await uninstall();
    expect(snapshot()).toEqual(before);
  });

  test('leaves another program’s notify alone, since the hooks need none', async () => {
    put('codex/config.toml', 'notify = ["/opt/company/bell"]\n');
    const { code, stdout } = await setup();
    expect(code).toBe(0);
    expect(get('codex/config.toml')).toBe('notify = ["/opt/company/bell"]\n');
    expect(stdout).toContain('notify left to the program that is there');
    expect(get('codex/requirements.toml')).toBe(HOOKS());
  });

  test('renews its command where the program has moved, and uninstall still gives the first state back', async () => {
    put('codex/requirements.toml', '# ours\n');
    const before = snapshot();
    await setup();
    const old = bench.program.script;
    bench.program.script = path.join(bench.base, 'lib', 'new', 'mlflow-codex.js');
    bench.put(bench.program.script, 'echo mlflow-codex 0.0.0\n');
    for (const entry of [bench.program.script, path.dirname(bench.program.script)]) chmodSync(entry, 0o755);
    const { stdout } = await setup();
    expect(stdout).toContain(`hooks renewed: ${words()} stop-hook`);
    expect(get('codex/requirements.toml')).not.toContain(`${old} `);
    expect(get('codex/requirements.toml')).toContain(HOOKS());
    await uninstall();
    expect(snapshot()).toEqual(before);
  });

  test('adds the hook that is missing beside one that an administrator wrote', async () => {
    put(
      'codex/requirements.toml',
      '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "MLFLOW_EXPERIMENT_ID=7 mlflow-codex stop-hook"\n',
    );
    const before = snapshot();
    await setup();
    expect(get('codex/requirements.toml').match(/stop-hook/g)).toHaveLength(2);
    await uninstall();
    expect(snapshot()).toEqual(before);
  });

  test.each([
    ['hooks are switched off', '[features]\nhooks = false\n', /requirements\.toml:2: hooks are switched off/],
    ['the file is not TOML', '[features\n', /requirements\.toml:1:10: not valid TOML/],
    [
      'features are written on one line',
      'features = { memories = false }\n',
      /cannot be edited without touching more/,
    ],
    ['hooks are written on one line', 'hooks = { Stop = [] }\n', /cannot be edited without touching more/],
  ])('writes nothing at all where %s', async (_, text, says) => {
    put('codex/requirements.toml', text);
    const before = snapshot();
    await expect(setup()).rejects.toThrow(says);
    expect(snapshot()).toEqual(before);
  });

  test('shows and writes nothing with --dry-run; --json says it to programs', async () => {
    const { stdout } = await setup('--dry-run');
    expect(stdout).toContain(`+ command = "${words()} stop-hook"`);
    expect(stdout).toContain('Nothing was written.');
    const { stdout: json } = await setup('--dry-run', '--json');
    expect(JSON.parse(json)).toMatchObject({
      done: false,
      scope: 'system',
      managedHooks: {
        file: file('codex/requirements.toml'),
        change: 'registered',
        command: `${words()} stop-hook`,
      },
    });
    expect(snapshot()).toEqual({});
  });

  test('leaves requirements.toml alone for a Codex that does not run, or start with, managed hooks', async () => {
    bench.installCodex('0.120.0');
    const { stdout } = await setup();
    expect(stdout).toContain('Codex 0.120.0 runs no managed hooks');
    expect(existsSync(file('codex/requirements.toml'))).toBe(false);
    expect(get('codex/config.toml')).toContain('notify-hook');
    put('codex/config.toml', 'notify = ["/opt/company/bell"]\n');
    await expect(setup()).rejects.toThrow(
      /notify is another program’s, and Codex 0\.120\.0 runs no managed hooks/,
    );
  });

  test.each([
    ['that only its owner can reach', 0o700, /not every user of this machine can read it/],
    ['that others can write', 0o777, /others than root can change it/],
  ])('refuses a program in a folder %s', async (_, mode, says) => {
    chmodSync(path.join(bench.base, 'lib'), mode);
    await expect(setup()).rejects.toThrow(says);
    expect(snapshot()).toEqual({});
  });

  test('uninstall names hooks that it did not write, and leaves them', async () => {
    put('codex/requirements.toml', HOOKS());
    put('codex/config.toml', 'notify = ["mlflow-codex", "notify-hook"]\n');
    put('mlflow-codex/mlflow-tracing.json', '{}');
    const before = snapshot();
    const { stdout } = await uninstall();
    for (const name of ['codex/requirements.toml', 'codex/config.toml'])
      expect(stdout).toContain(`${file(name)} still has our hook`);
    expect(stdout).toContain(`${file('mlflow-codex/mlflow-tracing.json')} stays`);
    expect(snapshot()).toEqual(before);
  });
});

describe('the command line', () => {
  test.each([
    [['--system', '--user'], /--user and --system exclude each other/],
    [['--system', '--stop-hook'], /--stop-hook is nothing for --system/],
  ])('%j is refused', (argv, says) => {
    expect(() => parseSetupRequest(argv)).toThrow(says);
  });
});
