import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { linesOf, runCodex } from '../../scripts/lab/codex.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { type NpmRegistry, startNpmRegistry } from '../support/npm-registry.js';
import { packProgram, unpackProgram } from '../support/packed-program.js';
import { removeFolder } from '../support/remove-folder.js';

const ID = 'mlflow-codex@mlflow';

let dir: string;
let version: string;
let program: string;
let registry: NpmRegistry;
let receiver: OtlpReceiver;
beforeAll(async () => {
  dir = await makeTemporaryFolder();
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { name: string; version: string };
  version = manifest.version;
  registry = await startNpmRegistry(manifest.name, version, await packProgram(path.join(dir, 'packed')));
  // A marketplace is a folder of a repository: of this one it is this file alone.
  await mkdir(path.join(dir, 'market', '.agents'), { recursive: true });
  await cp('.agents/plugins', path.join(dir, 'market', '.agents', 'plugins'), { recursive: true });
  await mkdir(path.join(dir, 'own'));
  program = await unpackProgram(path.join(dir, 'own'));
}, 60_000);
afterAll(async () => {
  await registry.close();
  removeFolder(dir);
});
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

interface Codex {
  codex: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** What a person types, in Codex's own environment; npm finds the registry where it looks for it. */
async function typed(
  { codex, cwd, env }: Codex,
  line: string,
): Promise<{ code: number | null; output: string }> {
  const [name, ...args] = line.split(' ');
  const PATH = `${path.dirname(codex)}${path.delimiter}${env['PATH']}`;
  const [file, argv] = name === 'codex' ? [codex, args] : [process.execPath, [program, ...args]];
  const npm = { npm_config_registry: registry.url, npm_config_cache: path.join(dir, 'npm-cache') };
  const { code, stdout, stderr } = await runCodex(file, argv, { cwd, env: { ...env, ...npm, PATH } });
  return { code, output: stdout + stderr };
}

const roots = () => receiver.spans().filter((span) => span.name === 'invoke_agent codex');

const install = async (codex: Codex) => {
  for (const words of [`marketplace add ${path.join(dir, 'market')}`, `add ${ID}`])
    expect(await typed(codex, `codex plugin ${words}`)).toEqual({ code: 0, output: expect.any(String) });
  const status = await typed(codex, 'mlflow-codex status --offline');
  expect(status.code).toBe(1);
  expect(status.output).toContain(
    `Codex does not run the hook of our plugin ${ID}, version ${version}: you have not approved it`,
  );
};

const approve = async (codex: Codex) => {
  const setup = `mlflow-codex setup -y --user --tracking-uri ${receiver.url} --trust-plugin`;
  const { code, output } = await typed(codex, setup);
  expect(output).toContain(`Codex runs the hooks of our plugin ${ID}, version ${version}`);
  expect(output).toContain('No notifier is registered');
  expect(code).toBe(0);
};

const registerNotifierToo = async (codex: Codex) => {
  await waitFor('the first turn', () => roots().length > 0);
  const config = path.join(String(codex.env['CODEX_HOME']), 'config.toml');
  const text = await readFile(config, 'utf8');
  const notify = JSON.stringify([process.execPath, program, 'notify-hook']);
  // Setup has left somebody else's notifier where it was.
  expect(text).toContain('notify = ["true"]');
  await writeFile(
    config,
    text.replace('["true"]', () => notify),
  );
  const { code, output } = await typed(codex, 'mlflow-codex status --offline');
  expect(output).toContain('Codex calls our hook');
  expect(output).toContain(`Codex runs the hooks of our plugin ${ID}, version ${version}`);
  expect(code).toBe(0);
};

const changeFiles = async (codex: Codex) => {
  const cache = path.join(String(codex.env['CODEX_HOME']), 'plugins', 'cache', 'mlflow', 'mlflow-codex');
  await appendFile(path.join(cache, version, 'README.md'), '\n');
  const { code, output } = await typed(codex, 'mlflow-codex status --offline');
  expect(output).toContain('its files have changed since you approved it');
  // The notifier does the work.
  expect(code).toBe(0);
};

it('the plugin that npm brings sends each turn once, beside other notifiers and ours, once it is approved', async () => {
  const scenario = findScenario('plain');
  const [turn] = scenario.steps;
  const drives = [install, approve].map((drive) => ({ args: [], drive }));
  const steps = [
    ...drives,
    turn,
    { args: [], drive: registerNotifierToo },
    turn,
    { args: [], drive: changeFiles },
  ].flatMap((step) => step ?? []);
  const { codexHome } = await play({ ...scenario, steps }, { dir, notify: () => ['true'] });
  // One line of the plugin's hook for the first turn, one of each for the second.
  await waitFor(
    'all hooks',
    async () => (await linesOf(path.join(codexHome, 'mlflow-codex', 'hook.log'))).length >= 3,
  );
  const turns = roots().map((span) => span.attributes['codex.turn.id']);
  expect(new Set(turns).size).toBe(2);
  expect(turns).toHaveLength(2);
}, 60_000);
