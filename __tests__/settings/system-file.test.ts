import { chmodSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { resolveDestination } from '../../src/mlflow/destination.js';
import { systemTracingFile } from '../../src/settings/files/system-file.js';
import type { TracingConfig } from '../../src/settings/files/tracing-config.js';
import { resolveSettings, type SettingsResult } from '../../src/settings/resolve-settings.js';

let base: string;
let homeDir: string;
let file: string;
beforeEach(async () => {
  base = realpathSync(await makeTemporaryFolder());
  homeDir = path.join(base, 'home');
  file = path.join(base, 'etc', 'mlflow-tracing.json');
  mkdirSync(path.join(homeDir, '.codex'), { recursive: true });
  mkdirSync(path.dirname(file), { mode: 0o755 });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Who owns the test's files stands for root. */
const ownerUid = process.getuid?.() ?? 0;

function write(config: TracingConfig | string): void {
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config), { mode: 0o644 });
}

const resolve = (cwd = homeDir, env: NodeJS.ProcessEnv = {}): Promise<SettingsResult> =>
  resolveSettings({
    env,
    cwd,
    codexHome: path.join(homeDir, '.codex'),
    homeDir,
    userName: 'ada',
    system: { file, ownerUid },
  });

async function destinationOf(config: TracingConfig, env: NodeJS.ProcessEnv = {}) {
  write(config);
  const found = await resolve(homeDir, env);
  if (found.kind !== 'settings') throw new Error(found.kind);
  return resolveDestination(found.settings, env, homeDir);
}

describe("the machine's file", () => {
  it('lies where no variable of the environment moves it', () => {
    expect(systemTracingFile('linux')).toBe('/etc/mlflow-codex/mlflow-tracing.json');
    expect(systemTracingFile('darwin')).toBe('/etc/mlflow-codex/mlflow-tracing.json');
    expect(systemTracingFile('win32')).toBe('C:\\ProgramData\\mlflow-codex\\mlflow-tracing.json');
  });

  it('is read', async () => {
    write({ trackingUri: 'http://localhost:1' });
    expect(await resolve()).toMatchObject({ settings: { sources: { trackingUri: file } } });
  });

  it.each([
    ['is broken', '{"trackingUri": '],
    ['holds a wrong value', '{"sampleRatio": 2}'],
  ])('sends nothing anywhere when it %s', async (_, text) => {
    write(text);
    const env = { MLFLOW_TRACKING_URI: 'http://localhost:2' };
    expect(await resolve(homeDir, env)).toMatchObject({ kind: 'broken', file });
  });

  const onUnix = process.platform === 'win32' ? it.skip : it;

  onUnix.each([
    ['it', () => chmodSync(file, 0o666)],
    ['it, being of its group,', () => chmodSync(file, 0o664)],
    ['its folder', () => chmodSync(path.dirname(file), 0o777)],
  ])('sends nothing anywhere when others than root can write %s', async (_, open) => {
    write({ trackingUri: 'http://localhost:1' });
    open();
    expect(await resolve()).toMatchObject({
      kind: 'broken',
      file,
      message: expect.stringContaining('others than root can write it'),
      hint: expect.stringContaining('chmod go-w'),
    });
  });

  onUnix('sends nothing anywhere when it is not root’s', async () => {
    write({ trackingUri: 'http://localhost:1' });
    const found = await resolveSettings({
      env: {},
      cwd: homeDir,
      codexHome: path.join(homeDir, '.codex'),
      homeDir,
      userName: 'ada',
      system: { file, ownerUid: ownerUid + 1 },
    });
    expect(found).toMatchObject({ kind: 'broken', file });
  });
});

describe('a folder that "exclude" names', () => {
  it('is not traced, nor what lies below it, also by another name', async () => {
    write({ trackingUri: 'http://localhost:1', exclude: ['~/private'] });
    const deep = path.join(homeDir, 'private', 'deep');
    mkdirSync(deep, { recursive: true });
    symlinkSync(deep, path.join(homeDir, 'open'));
    for (const folder of [deep, path.join(homeDir, 'open'), path.join(homeDir, 'private', 'gone')])
      expect(await resolve(folder)).toMatchObject({ kind: 'untraced', reason: 'excluded' });
    expect(await resolve()).toMatchObject({ kind: 'settings' });
  });
});

describe('a token file', () => {
  it('gives the bearer token, without its line break; MLflow’s variables win', async () => {
    writeFileSync(path.join(homeDir, 'token'), 'of-the-file\n');
    const config = { trackingUri: 'http://localhost:1', tokenFile: '~/token' };
    expect(await destinationOf(config)).toMatchObject({
      destination: { headers: { authorization: 'Bearer of-the-file' } },
    });
    const env = { MLFLOW_TRACKING_TOKEN: 'of-the-environment' };
    expect(await destinationOf(config, env)).toMatchObject({
      destination: { headers: { authorization: 'Bearer of-the-environment' } },
    });
  });

  it.each([
    ['is absent', undefined],
    ['is empty', ' \n'],
    ['holds a line break within', 'a\nb'],
  ])('that %s is a problem: nothing goes without a token', async (_, text) => {
    const tokenFile = path.join(base, 'token');
    if (text !== undefined) writeFileSync(tokenFile, text);
    const found = await destinationOf({ trackingUri: 'http://localhost:1', tokenFile });
    expect(found).toMatchObject({ kind: 'problem', message: expect.stringContaining(tokenFile) });
    expect(JSON.stringify(found)).not.toContain('a\\nb');
  });
});

it('certificates and headers of the machine’s file reach the connection; a missing file is named', async () => {
  const serverCertPath = path.join(base, 'ca.pem');
  writeFileSync(serverCertPath, 'of the company');
  const config = { trackingUri: 'https://h', serverCertPath, headers: { 'X-Team': 'search' } };
  expect(await destinationOf(config)).toMatchObject({
    destination: { tls: { ca: Buffer.from('of the company') }, headers: { 'x-team': 'search' } },
  });
  const missing = path.join(base, 'gone.pem');
  expect(await destinationOf({ ...config, clientCertPath: missing })).toMatchObject({
    kind: 'problem',
    message: expect.stringContaining(`${missing} (clientCertPath)`),
  });
});

it.each([
  ['authorization', { authorization: 'Bearer x' }],
  ['ours', { 'X-MLflow-Experiment-Id': '7' }],
  ['the connection’s', { 'Content-Type': 'text/plain' }],
  ['no name', { 'x team': 'a' }],
  ['two lines', { 'x-team': 'a\r\nx-other: b' }],
])('a header that is %s is refused, and nothing is sent', async (_, headers) => {
  write({ trackingUri: 'http://localhost:1', headers: headers as unknown as Record<string, string> });
  expect(await resolve()).toMatchObject({ kind: 'broken' });
});

it('an attribute of the resource that is ours is refused', async () => {
  write({ trackingUri: 'http://localhost:1', resourceAttributes: { 'service.name': 'x' } });
  expect(await resolve()).toMatchObject({ kind: 'broken', message: expect.stringContaining('service.name') });
});
