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
const hook = (event: string) => bench.hookEntry(event);

describe('setup --live', () => {
  test('switches it on in the user’s file and registers a hook at each prompt; uninstall takes both back', async () => {
    bench.put(bench.userConfig, '# mine\n');
    const before = bench.snapshot();
    const { stdout } = await setup('--live');
    expect(JSON.parse(bench.get(bench.userTracing))).toEqual({
      trackingUri: NOWHERE,
      experimentId: '0',
      live: true,
    });
    expect(bench.get(bench.userConfig).endsWith(`\n${hook('UserPromptSubmit')}`)).toBe(true);
    expect(bench.get(bench.userConfig)).toContain('notify-hook');
    expect(stdout).toContain('UserPromptSubmit hook registered');
    const after = bench.snapshot();
    await setup('--live');
    expect(bench.snapshot()).toEqual(after);
    await bench.run('uninstall', '--user', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  test('goes beside a Stop hook that is there, and stays where setup runs again without it', async () => {
    const before = bench.snapshot();
    await setup('--stop-hook');
    await setup('--live');
    expect(bench.get(bench.userConfig)).toContain(
      ['Stop', 'SessionEnd', 'UserPromptSubmit'].map(hook).join('\n'),
    );
    await setup('--stop-hook');
    expect(bench.get(bench.userConfig).match(/stop-hook/g)).toHaveLength(3);
    expect(JSON.parse(bench.get(bench.userTracing)).live).toBe(true);
    await bench.run('uninstall', '--user', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  test('keeps a prompt’s hook that a person has written', async () => {
    bench.put(
      bench.userConfig,
      hook('UserPromptSubmit').replace(JSON.stringify(bench.hookCommand), '"greet"'),
    );
    const before = bench.snapshot();
    await setup('--live');
    expect(bench.get(bench.userConfig)).toContain('"greet"');
    await bench.run('uninstall', '--user', '-y');
    expect(bench.snapshot()).toEqual(before);
  });

  test.each(['--project', '--system'])('is nothing for %s', async (scope) => {
    const before = bench.snapshot();
    const answer = bench.setup('-y', scope, '--tracking-uri', NOWHERE, '--live');
    await expect(answer).rejects.toThrow('--live is for --user');
    expect(bench.snapshot()).toEqual(before);
  });

  test('is nothing for a folder where no scope is named, either', async () => {
    await expect(bench.setup('-y', '--tracking-uri', NOWHERE, '--live')).rejects.toThrow('--live is for');
  });
});
