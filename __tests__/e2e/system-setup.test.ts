import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  codexProgram,
  linesOf,
  makeSandbox,
  runCodex,
  type Sandbox,
  sandboxEnv,
} from '../../scripts/lab/codex.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { type ResponsesApi, startResponsesApi } from '../../scripts/lab/responses-api.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { installProgram } from '../support/installed-program.js';
import { describeInOwnEtc, inOwnEtc, wrapInOwnEtc } from '../support/own-etc.js';
import { removeFolder } from '../support/remove-folder.js';
import { runCommandLine } from '../support/run-command-line.js';

/** A machine that an administrator sets up, and a user of it who has set up nothing: the real Codex, an /etc of its own. */
describeInOwnEtc('setup --system', () => {
  let dir: string;
  let etc: string;
  let program: string;
  let codex: string;
  let receiver: OtlpReceiver;
  let user: Sandbox;
  const apis: ResponsesApi[] = [];
  beforeAll(async () => {
    dir = await makeTemporaryFolder();
    etc = path.join(dir, 'etc');
    mkdirSync(etc);
    program = await installProgram(dir);
    chmodSync(dir, 0o755);
    codex = path.join(dir, 'codex');
    wrapInOwnEtc(codex, etc, await codexProgram());
    receiver = await startOtlpReceiver();
    user = await makeSandbox(dir, { baseUrl: '', model: 'gpt-5.5' });
  });
  afterAll(async () => {
    await receiver.close();
    for (const api of apis) await api.close();
    removeFolder(dir);
  });

  const env = () => {
    const folders = [dir, path.dirname(process.execPath), '/usr/bin', '/bin'];
    return sandboxEnv(user, { PATH: folders.join(path.delimiter) });
  };
  const run = (...args: string[]) =>
    runCommandLine(inOwnEtc(etc, [process.execPath, program, ...args]), { cwd: user.cwd, env: env() });
  const hookLog = () => linesOf(path.join(user.codexHome, 'mlflow-codex', 'hook.log'));
  const outcomes = () =>
    receiver.spans().flatMap(({ name, attributes }) => {
      return name === 'invoke_agent codex' ? [attributes['codex.turn.outcome']] : [];
    });

  /** A turn of the user's, as a scenario has it. */
  async function turn(name: string): Promise<void> {
    const { script, steps } = findScenario(name);
    const api = await startResponsesApi(script);
    apis.push(api);
    await makeSandbox(dir, { baseUrl: api.baseUrl, model: 'gpt-5.5' });
    const args = steps[0]?.args;
    await runCodex(codex, Array.isArray(args) ? args : [], { cwd: user.cwd, env: env() });
  }

  it('has every turn of a user traced who has set up nothing, also a failed one, each once', async () => {
    const done = await run('setup', '--system', '-y', '--tracking-uri', `${receiver.url}/v1/traces`);
    expect(done).toMatchObject({ code: 0 });
    await turn('plain');
    // notify and the Stop hook tell of the same turn.
    await waitFor('both triggers', async () => (await hookLog()).length >= 2);
    await turn('http-500');
    await waitFor('the failed turn', async () => outcomes().length >= 2);
    await sleep(300);
    expect(outcomes()).toEqual(['completed', 'failed']);
  });

  it('is told of by the user’s status, file by file, with nothing broken', async () => {
    const { code, stdout } = await run('status', '--offline');
    expect(stdout).toContain(
      '✓ Codex runs our Stop hook, set by your organisation: /etc/codex/requirements.toml',
    );
    expect(stdout).toContain('✓ Codex calls our hook: /etc/codex/config.toml:1');
    expect(stdout).toContain('✓ The hook starts');
    expect(stdout).toContain('(/etc/mlflow-codex/mlflow-tracing.json)');
    expect(stdout).toContain('Set by your organisation in /etc/mlflow-codex/mlflow-tracing.json');
    expect(code).toBe(0);
  });

  it('serves a user who is not root, and tells him what only root can mend', async () => {
    const nobody = { uid: 65534, home: path.join(dir, 'nobody') };
    mkdirSync(nobody.home);
    chownSync(nobody.home, nobody.uid, nobody.uid);
    const asNobody = [`--reuid=${nobody.uid}`, `--regid=${nobody.uid}`, '--clear-groups'];
    const status = () =>
      runCommandLine(
        inOwnEtc(etc, ['setpriv', ...asNobody, process.execPath, program, 'status', '--offline']),
        { cwd: nobody.home, env: { PATH: env()['PATH'], HOME: nobody.home } },
      );
    const { code, stdout } = await status();
    expect(stdout).toContain('Set by your organisation in /etc/mlflow-codex/mlflow-tracing.json');
    expect(code).toBe(0);
    chmodSync(path.join(etc, 'mlflow-codex'), 0o700);
    const refused = await status();
    chmodSync(path.join(etc, 'mlflow-codex'), 0o755);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(
      'As root: chmod go+rX /etc/mlflow-codex /etc/mlflow-codex/mlflow-tracing.json',
    );
  });

  it('is known to a user’s own setup, which says what will not count', async () => {
    const file = path.join(etc, 'mlflow-codex', 'mlflow-tracing.json');
    const config = { trackingUri: receiver.url, experimentId: '0', required: ['trackingUri'] };
    writeFileSync(file, JSON.stringify(config));
    const { code, stdout } = await run('setup', '--user', '-y', '--tracking-uri', 'http://127.0.0.1:9');
    expect(code).toBe(0);
    expect(stdout).toContain('"trackingUri" of');
    expect(stdout).toContain('is not used: your organisation has set it');
    expect(stdout).toContain('notify is left alone: Codex runs our hook, set by your organisation');
    expect(readFileSync(path.join(user.codexHome, 'config.toml'), 'utf8')).not.toContain('notify');
    expect(stdout).toContain(receiver.url);
    expect((await run('uninstall', '--user', '-y')).code).toBe(0);
  });

  it('is taken back whole', async () => {
    expect(await run('uninstall', '--system', '-y')).toMatchObject({ code: 0 });
    // The tracing config was written over by hand: it goes, and what it was is kept.
    removeFolder(path.join(etc, 'mlflow-codex'));
    expect(readdirSync(etc)).toEqual([]);
    const before = (await hookLog()).length;
    await turn('plain');
    await sleep(300);
    expect(await hookLog()).toHaveLength(before);
  });
});
