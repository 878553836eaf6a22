import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { linesOf } from '../../scripts/lab/codex.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { type Ended, runIn } from '../support/delivery-process.js';
import {
  closeServers,
  PROXY_AUTHORIZATION,
  type ProxyStub,
  startProxy,
  startTlsBefore,
} from '../support/proxy.js';
import { program } from '../support/shipped-program.js';
import { CERTIFICATE } from '../support/test-certificate.js';

// Everything that the program loads on use, in the form in which a user has it.
let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
  home.receiver.answerWith(({ url }) =>
    url === '/version' ? { body: '3.17.2' } : url.includes('experiments') ? { body: EXPERIMENT } : {},
  );
});
afterEach(async () => {
  await closeServers();
  await home.close();
});

const EXPERIMENT = '{"experiment": {"experiment_id": "7", "name": "codex", "lifecycle_stage": "active"}}';

/** Runs a command line of the packed program in the test's home. */
function run(argv: string[], env: NodeJS.ProcessEnv = {}, cwd = home.codexHome): Promise<Ended> {
  return runIn(home, [process.execPath, program, ...argv], { env, cwd });
}

describe.each(['http', 'https'])('behind a proxy, with a server by %s', (scheme) => {
  let proxy: ProxyStub;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    const { port } = home.receiver;
    proxy = await startProxy(scheme === 'http' ? port : await startTlsBefore(port));
    const cert = path.join(home.codexHome, 'server.pem');
    writeFileSync(cert, CERTIFICATE);
    env = {
      [`${scheme.toUpperCase()}_PROXY`]: proxy.url,
      MLFLOW_TRACKING_SERVER_CERT_PATH: cert,
    };
    home.sendTo(`${scheme}://mlflow.test`, { experimentName: 'codex' });
  });

  /** What the proxy was asked for, once each. */
  const asked = () => [...new Set(proxy.asked.map(([words]) => words))];
  const through = (...paths: string[]) =>
    scheme === 'http'
      ? paths.map((words) => words.replace(' /', ' http://mlflow.test/'))
      : ['CONNECT mlflow.test:443'];

  test('the hook sends its turn', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect(await run(['notify-hook', thread.payload(turn)], env)).toMatchObject({ code: 0, output: '' });
    expect(home.arrived()).toEqual([turn]);
    expect(asked()).toEqual(
      through('GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=codex', 'POST /v1/traces'),
    );
    expect(new Set(proxy.asked.map(([, credentials]) => credentials))).toEqual(
      new Set([PROXY_AUTHORIZATION]),
    );
  });

  test('sync sends what is pending', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    const ended = await run(['sync', thread.threadId], env);
    expect(ended.output).toContain('1 sent');
    expect(ended.code).toBe(0);
    expect(home.arrived()).toEqual([turn]);
  });

  test('status judges by what came back through it', async () => {
    const { output } = await run(['status'], env);
    expect(output).toContain(`MLflow 3.17.2 answers at ${scheme}://mlflow.test`);
    expect(output).toContain('Experiment 7 (codex) is there');
    expect(output).toContain(`${scheme}://mlflow.test/v1/traces takes traces from you`);
  });

  test('setup checks the server', async () => {
    const ended = await run(
      ['setup', '-y', '--user', '--tracking-uri', `${scheme}://mlflow.test`, '--experiment-id', '7'],
      env,
    );
    expect(ended.output).toContain('Experiment 7 (codex) is there');
    expect(ended.code).toBe(0);
    expect(asked()).toEqual(through('GET /version', 'GET /api/2.0/mlflow/experiments/get?experiment_id=7'));
  });
});

describe('a compressed recording', () => {
  const name = 'rollout-2026-11-25T02-00-34-01a2106e-ea0f-77f1-b858-7d8971bf2ec5.jsonl.zst';
  const threadId = '01a2106e-ea0f-77f1-b858-7d8971bf2ec5';
  const turnId = '01a2106e-ea1c-7312-91cf-a2799c6950d9';
  let file: string;
  beforeEach(() => {
    const day = path.join(home.codexHome, 'sessions', '2026', '11', '25');
    mkdirSync(day, { recursive: true });
    file = path.join(day, name);
    cpSync(path.join('__tests__/fixtures/compressed', name), file);
  });

  test('is shown', async () => {
    const { code, output } = await run(['show', file]);
    expect([code, output]).toEqual([0, expect.stringContaining('invoke_agent codex')]);
  });

  test('is sent by sync', async () => {
    const { code, output } = await run(['sync', threadId]);
    expect([code, output]).toEqual([0, expect.stringContaining('1 sent')]);
    expect(home.arrived()).toHaveLength(1);
  });

  test('is sent by the hook', async () => {
    const payload = { type: 'agent-turn-complete', 'thread-id': threadId, 'turn-id': turnId, cwd: '/' };
    expect(await run(['notify-hook', JSON.stringify(payload)])).toMatchObject({ code: 0, output: '' });
    expect(home.arrived()).toHaveLength(1);
  });
});

test('the hook asks Codex’s config.toml whether a project may name a server of its own', async () => {
  const project = path.join(home.codexHome, 'project');
  mkdirSync(path.join(project, '.codex'), { recursive: true });
  const settings = { trackingUri: 'http://mlflow.test', experimentId: '1' };
  writeFileSync(path.join(project, '.codex', 'mlflow-tracing.json'), JSON.stringify(settings));
  const proxy = await startProxy(home.receiver.port);
  const env = { HTTP_PROXY: proxy.url };
  const hook = async () => {
    const thread = home.thread();
    await run(['notify-hook', thread.payload(thread.turnIn(project), { cwd: project })], env);
  };
  await hook();
  expect(proxy.asked).toEqual([]);
  const trust = `[projects.${JSON.stringify(project)}]\ntrust_level = "trusted"\n`;
  writeFileSync(path.join(home.codexHome, 'config.toml'), trust);
  await hook();
  expect(proxy.asked).toContainEqual(['POST http://mlflow.test/v1/traces', PROXY_AUTHORIZATION]);
});

test('a notifier that was there first is called by notify, and not once more by the Stop hook', async () => {
  const bell = path.join(home.codexHome, 'bell');
  const heard = path.join(home.codexHome, 'heard');
  writeFileSync(bell, `#!/bin/sh\necho rang >> ${heard}\n`, { mode: 0o755 });
  const made = { created: false, createdFolder: false };
  const notify = [{ file: path.join(home.codexHome, 'config.toml'), argv: ['x'], ...made, forward: [bell] }];
  mkdirSync(home.stateDir);
  writeFileSync(path.join(home.stateDir, 'setup.json'), JSON.stringify({ version: 1, tracing: [], notify }));
  const thread = home.thread();
  const turn = thread.turn();
  const input = { session_id: thread.threadId, turn_id: turn, transcript_path: thread.path, cwd: '/' };
  const stop = [process.execPath, program, 'stop-hook'];
  expect(await runIn(home, stop, { stdin: JSON.stringify(input) })).toMatchObject({ code: 0, output: '' });
  await waitFor('the Stop hook', async () => home.arrived().length > 0);
  await run(['notify-hook', thread.payload(turn)]);
  await waitFor('the bell', async () => (await linesOf(heard)).length > 0);
  expect(await linesOf(heard)).toEqual(['rang']);
  expect(home.arrived()).toEqual([turn]);
});

test.each([
  [['--version'], /^mlflow-codex \d/],
  [['--help'], /Begin with/],
  [['setup', '--help'], /--tracking-uri/],
  [['notify-hook', '--help'], /Called by Codex/],
  [['uninstall', '-y', '--user'], /There is nothing to take away/],
  [['setup', '--user', '-y', '--dry-run'], /Nothing was written/],
  [['status', '--offline', '--json'], /"ok": false/],
  [['show', '--json'], /there is no recording/],
])('%j works as packed', async (argv, says) => {
  const { output } = await run(argv);
  expect(output).toMatch(says);
  expect(output).not.toMatch(/internal error|constructor/);
});

test('a folder that is gone since keeps no command from its work', async () => {
  const there = path.join(home.codexHome, 'gone');
  mkdirSync(there);
  const shell = ['sh', '-c', 'rmdir "$PWD" && "$@"', 'sh', process.execPath, program];
  const { code, output } = await runIn(home, [...shell, 'status', '--offline'], { cwd: there });
  expect(output).toContain(` in ${there}\n`);
  expect(code).toBe(1);
  mkdirSync(there);
  expect(await runIn(home, [...shell, 'sync'], { cwd: there })).toMatchObject({ code: 0 });
});

test('output that cannot be written is said, in a line', async () => {
  const shell = ['sh', '-c', '"$@" >/dev/full', 'sh', process.execPath, program, 'sync'];
  expect(await runIn(home, shell, {})).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^mlflow-codex: the output cannot be written \(ENOSPC\)\n.*\n$/),
  });
});
