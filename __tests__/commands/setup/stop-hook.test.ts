import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.171.0');
});
afterEach(() => bench.remove());

const NOWHERE = 'http://127.0.0.1:9';
const setup = (...more: string[]) => bench.setup('-y', '--user', '--tracking-uri', NOWHERE, ...more);
const command = () => bench.hookCommand;
const hook = () => `${bench.hookEntry('Stop')}\n${bench.hookEntry('SessionEnd')}`;

describe('setup --stop-hook', () => {
  test('leaves somebody else’s notifier alone, registers a Stop hook and says how it is trusted', async () => {
    const before = '# mine\nnotify = ["bell"]\n[tui]\na = 1\n';
    bench.put(bench.userConfig, before);
    const { code, stdout } = await setup('--stop-hook');
    expect(code).toBe(0);
    expect(bench.get(bench.userConfig)).toBe(`${before}\n${hook()}`);
    expect(JSON.parse(bench.get(bench.userTracing))).toEqual({ trackingUri: NOWHERE, experimentId: '0' });
    expect(stdout).toContain(`Stop and SessionEnd hooks registered: ${command()}`);
    expect(stdout).toContain('notify left to the program that is there');
    expect(stdout).toContain('→ Start codex: it asks for a review. Later: type /hooks');
  });

  test('registers both where the slot is free, once, and uninstall gives every byte back', async () => {
    bench.put(bench.userConfig, '[[hooks.Stop]]\nhooks = [{ type = "command", command = "ding" }]\n');
    const before = bench.snapshot();
    await setup('--stop-hook');
    expect(bench.get(bench.userConfig)).toContain('notify-hook');
    expect(bench.get(bench.userConfig).endsWith(`\n${hook()}`)).toBe(true);
    const after = bench.snapshot();
    const { stdout } = await setup('--stop-hook');
    expect(stdout).toContain('Stop and SessionEnd hooks registered already');
    expect(bench.snapshot()).toEqual(after);
    await bench.run('uninstall', '--user', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  test('takes the file that it made away again', async () => {
    const before = bench.snapshot();
    await setup('--stop-hook');
    await bench.run('uninstall', '--user', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  test('is renewed where the program has moved, and keeps what stands behind it', async () => {
    await setup('--stop-hook');
    bench.put(bench.userConfig, `${bench.get(bench.userConfig)}\n[tui]\na = 1\n`);
    bench.program.script = path.join(bench.base, 'moved', 'mlflow-codex.js');
    bench.put(bench.program.script, 'echo mlflow-codex 0.0.0');
    bench.put(path.join(bench.base, 'lib', 'mlflow-codex.js'), 'exit 1');
    const { stdout } = await setup('--stop-hook');
    expect(stdout).toContain(`Stop and SessionEnd hooks renewed: ${command()}`);
    const text = bench.get(bench.userConfig);
    expect(text.match(/stop-hook/g)).toHaveLength(2);
    expect(text).toContain('[tui]\na = 1\n');
  });

  test('writes nothing at all where hooks are written in a form that cannot be added to', async () => {
    bench.put(bench.userConfig, 'hooks = { Stop = [] }\n');
    const before = bench.snapshot();
    await expect(setup('--stop-hook')).rejects.toThrow('cannot be edited');
    expect(bench.snapshot()).toEqual(before);
  });

  test('is offered to whom setup refuses', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    await expect(setup()).rejects.toMatchObject({ hint: expect.stringContaining('--stop-hook') });
    expect(readdirSync(bench.codexHome)).toEqual(['config.toml']);
  });
});

describe('status', () => {
  test('with a Stop hook alone is content, starts what it calls, and says what trust it needs', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    await setup('--stop-hook');
    const { code, stdout } = await bench.run('status', '--offline');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`Our Stop hook is registered: ${bench.userConfig}:6`),
    ]);
    expect(stdout).toContain('type /hooks in codex');
    expect(stdout).toContain(`The hook starts, version 0.0.0: ${command()}`);
    expect(stdout).not.toContain('✗');
  });

  test.each([
    ['the user’s hooks.json', () => path.join(bench.codexHome, 'hooks.json')],
    ['the project’s hooks.json', () => path.join(bench.project, '.codex', 'hooks.json')],
  ])('knows one in %s', async (_, file) => {
    const hooks = { Stop: [{ hooks: [{ type: 'command', command: 'mlflow-codex stop-hook' }] }] };
    bench.put(file(), { hooks });
    bench.put(bench.userTracing, { trackingUri: NOWHERE });
    const { code, stdout } = await bench.run('status', '--offline');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Our Stop hook is registered: ${file()}:1`)]);
  });

  test('takes nobody else’s Stop hook for ours', async () => {
    bench.put(bench.userTracing, { trackingUri: NOWHERE });
    for (const other of ['other stop-hook', 'mlflow-codex status', 'my-mlflow-codex-notes stop-hook']) {
      bench.put(bench.userConfig, `[[hooks.Stop]]\nhooks = [{ type = "command", command = "${other}" }]\n`);
      expect((await bench.run('status', '--offline')).stdout).toContain('Codex calls no hook');
    }
  });
});
