import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseSetupRequest } from '../../../src/commands/setup/plans/setup-request.js';
import { approvePlugin, pluginWish, sufficient } from '../../../src/commands/setup/plugin-trust.js';
import { checkPlugin } from '../../../src/commands/status/check-plugin.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';
import type { Prompts } from '../../../src/terminal/prompts.js';
import { Workbench } from '../workbench.js';

const id = 'mlflow-codex@mlflow';
const ON = `[plugins."${id}"]\nenabled = true\n`;
const APPROVED = `[hooks.state."${id}:hooks/hooks.json:stop:0:0"]\ntrusted_hash = "sha256:1"\n`;
const version = '0.2.0';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const root = () => path.join(bench.codexHome, 'plugins', 'cache', 'mlflow', 'mlflow-codex', version);
function install(config = ON): void {
  bench.put(bench.userConfig, config);
  bench.put(path.join(root(), 'package.json'), {});
}
/** An app server that answers each question with the plugin's hook in this state. */
function serve(trustStatus: string): void {
  const hook = { key: 'k', currentHash: 'h', pluginId: id, trustStatus };
  const result = JSON.stringify({ data: [{ hooks: [hook] }] });
  bench.script(
    'codex',
    `id=0; while read line; do case "$line" in *'"id"'*) id=$((id+1)); echo "{\\"id\\":$id,\\"result\\":${result.replaceAll('"', '\\"')}}";; esac; done`,
  );
}
const codex = () => ({ file: path.join(bench.bin, 'codex') });

describe('setup and our plugin', () => {
  const wish = (argv: string[] = [], answer?: boolean, asked: string[] = []) => {
    const confirm = async (question: string) => {
      asked.push(question);
      return answer === true;
    };
    const prompts = answer === undefined ? undefined : ({ confirm } as Partial<Prompts> as Prompts);
    return pluginWish(bench.codexHome, parseSetupRequest(argv), bench.io(), prompts);
  };

  test('have nothing to do with each other where it is not there, or without its files', async () => {
    expect(await wish()).toBeUndefined();
    bench.put(bench.userConfig, ON);
    expect(await wish()).toBeUndefined();
    expect(sufficient(undefined)).toBeUndefined();
    expect(await approvePlugin(undefined, codex(), bench.io())).toEqual([]);
  });

  test('ask for its approval where it never was, and somebody can be asked', async () => {
    install();
    const asked: string[] = [];
    expect(await wish([], true, asked)).toMatchObject({ approve: true, suffices: true });
    expect(asked).toEqual([
      `Codex has our plugin ${id}. Approve its hook now? (Codex would ask at its next start)`,
    ]);
    expect(await wish([], false)).toMatchObject({ approve: false, suffices: false });
    expect(await wish([])).toMatchObject({ approve: false, suffices: false });
    expect(sufficient(await wish([]))).toBeUndefined();
    expect(sufficient(await wish([], true))).toBe(id);
  });

  test('ask nothing where it was approved, or --trust-plugin says so', async () => {
    install();
    const asked: string[] = [];
    expect(await wish(['--trust-plugin'], false, asked)).toMatchObject({ approve: true, suffices: true });
    install(ON + APPROVED);
    expect(await wish([], false, asked)).toMatchObject({ approve: false, suffices: true });
    expect(asked).toEqual([]);
  });

  test('tell how its hook stands afterwards', async () => {
    install();
    const tell = async (argv: string[], answer?: boolean) =>
      approvePlugin(await wish(argv, answer), codex(), bench.io());
    const untrusted = (wasApproved: boolean) => [
      { code: 'plugin-untrusted', level: 'warning', args: { id, version, wasApproved } },
    ];
    expect(await tell([], false)).toEqual(untrusted(false));
    serve('trusted');
    // Nobody has said so: Codex is not even asked.
    expect(await tell([], false)).toEqual(untrusted(false));
    expect(await tell(['--trust-plugin'])).toEqual([
      { code: 'plugin-hook', level: 'ok', args: { id, version } },
    ]);
    serve('modified');
    expect(await tell(['--trust-plugin'])).toEqual(untrusted(false));
    install(ON + APPROVED);
    expect(await tell(['--trust-plugin'])).toEqual(untrusted(true));
    expect(await tell([])).toEqual([]);
  });
});

describe('status and our plugin', () => {
  const check = () =>
    checkPlugin({
      io: bench.io(),
      codexHome: bench.codexHome,
      project: bench.project,
      codex: codex(),
    } as Partial<StatusContext> as StatusContext);
  const argv = () => ['node', path.join(root(), 'bin', 'mlflow-codex.js'), 'stop-hook'];

  test('have nothing to do with each other where it is not there', async () => {
    expect(await check()).toBeUndefined();
  });

  test('miss its files', async () => {
    bench.put(bench.userConfig, ON);
    expect(await check()).toEqual({ finding: { code: 'plugin-missing', level: 'error', args: { id } } });
  });

  test('do not ask Codex of one that was never approved', async () => {
    install();
    serve('trusted');
    expect(await check()).toEqual({
      finding: { code: 'plugin-untrusted', level: 'error', args: { id, version, wasApproved: false } },
      argv: argv(),
    });
  });

  test.each([
    ['trusted', { code: 'plugin-hook', level: 'ok', args: { id, version } }],
    ['modified', { code: 'plugin-untrusted', level: 'error', args: { id, version, wasApproved: true } }],
    [undefined, { code: 'plugin-unsure', level: 'info', args: { id, version } }],
  ])('tell what Codex says of it: %s', async (status, finding) => {
    install(ON + APPROVED);
    if (status !== undefined) serve(status);
    expect(await check()).toEqual({ finding, argv: argv() });
  });
});
