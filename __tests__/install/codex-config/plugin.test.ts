import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hookTrust } from '../../../src/codex/hook-trust.js';
import { readPlugin } from '../../../src/install/codex-config/plugin.js';
import { Workbench } from '../../commands/workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const ID = 'mlflow-codex@mlflow';
const ON = `[plugins."${ID}"]\nenabled = true\n`;
const APPROVED = `[hooks.state."${ID}:hooks/hooks.json:stop:0:0"]\ntrusted_hash = "sha256:1"\n`;
const read = () => readPlugin(bench.codexHome, bench.project);
const root = () => path.join(bench.codexHome, 'plugins', 'cache', 'mlflow', 'mlflow-codex', '0.2.0');

describe('our plugin', () => {
  it.each([
    ['no config', undefined],
    ['another plugin', '[plugins."other@mlflow"]\nenabled = true\n'],
    ['switched off', `[plugins."${ID}"]\nenabled = false\n`],
    ['a broken config', '[plugins'],
  ])('is none where there is %s', (_, config) => {
    if (config !== undefined) bench.put(bench.userConfig, config);
    expect(read()).toBeUndefined();
  });

  it('is known with its version, and whether some version of it was approved', () => {
    bench.put(bench.userConfig, ON);
    expect(read()).toEqual({ id: ID, wasApproved: false });
    bench.put(path.join(root(), 'package.json'), {});
    expect(read()).toEqual({ id: ID, wasApproved: false, unpacked: { version: '0.2.0', root: root() } });
    bench.put(bench.userConfig, ON + APPROVED);
    expect(read()?.wasApproved).toBe(true);
  });

  it('is unpacked in a folder of its version: of several the last one counts, and hidden ones do not', () => {
    bench.put(bench.userConfig, ON);
    for (const name of ['0.1.0', '.0.9.0', '0.2.0', '0.1.9'])
      mkdirSync(path.join(path.dirname(root()), name), { recursive: true });
    expect(read()?.unpacked).toEqual({ version: '0.2.0', root: root() });
  });

  it.each([
    ['no word on it', `[plugins."${ID}"]\n`, true],
    ['a name that only begins alike', '[plugins."mlflow-codex-x@mlflow"]\nenabled = true\n', false],
  ])('is switched on where there is %s: %s', (_, config, isOn) => {
    bench.put(bench.userConfig, config);
    expect(read() !== undefined).toBe(isOn);
  });

  it.each([
    ['another plugin’s', `[hooks.state."other@mlflow:hooks/hooks.json:stop:0:0"]\ntrusted_hash = "x"\n`],
    ['none yet', `[hooks.state."${ID}:hooks/hooks.json:stop:0:0"]\nenabled = true\n`],
  ])('was not approved where the approval is %s', (_, state) => {
    bench.put(bench.userConfig, ON + state);
    expect(read()).toEqual({ id: ID, wasApproved: false });
  });

  it('is switched on and off by a project as well, whose approvals count for nothing', () => {
    bench.put(bench.userConfig, ON);
    bench.put(bench.projectConfig, ON.replace('true', 'false'));
    expect(read()).toBeUndefined();
    bench.put(bench.userConfig, ON.replace('true', 'false'));
    bench.put(bench.projectConfig, ON + APPROVED);
    expect(read()).toMatchObject({ id: ID, wasApproved: false });
  });
});

describe('whether Codex runs its hook', () => {
  const ask = () =>
    hookTrust({ codex: { file: path.join(bench.bin, 'codex') }, cwd: bench.base, env: bench.env }, ID);
  const hook = (trustStatus: string, pluginId = ID) => ({
    key: 'k',
    currentHash: 'h',
    pluginId,
    trustStatus,
  });
  /** An app server that answers the questions in their order. */
  const answering = (...hooks: object[]) => {
    const answer = JSON.stringify({ id: 2, result: { data: [{ hooks }] } });
    bench.script(
      'codex',
      `read line; echo '{"id":1,"result":{}}'; read line; read line; echo '${answer}'; cat >/dev/null`,
    );
  };

  it.each([
    ['trusted', [hook('trusted'), hook('untrusted', 'other@mlflow')], 'trusted'],
    ['one of two untrusted', [hook('trusted'), hook('modified')], 'untrusted'],
    ['not listed', [hook('trusted', 'other@mlflow')], undefined],
  ])('is what it lists: %s', async (_, hooks, trust) => {
    answering(...hooks);
    expect(await ask()).toBe(trust);
  });

  it.each([
    ['no such server', 'exit 2'],
    ['other output', 'echo hello; exit 0'],
    ['a refusal', `read line; echo '{"id":1,"error":{"code":-1}}'; cat >/dev/null`],
  ])('is not known where there is %s', async (_, body) => {
    bench.script('codex', body);
    expect(await ask()).toBeUndefined();
  });

  it('is not known without a Codex', async () => {
    expect(await hookTrust({ codex: undefined, cwd: bench.base, env: bench.env }, ID)).toBeUndefined();
    expect(await ask()).toBeUndefined();
  });
});
