import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { runStatus } from '../../../src/commands/status/status.js';
import { home } from '../../support/test-home.js';

const DIFFERENT = 'had with other MLFLOW_… variables than here';

async function statusIn(env: NodeJS.ProcessEnv): Promise<string> {
  const stdout = new PassThrough();
  await runStatus(['--offline'], {
    stdout,
    stderr: new PassThrough(),
    stdin: new PassThrough(),
    env: { ...env, CODEX_HOME: home.codexHome, PATH: '/nowhere' },
    cwd: home.codexHome,
    homeDir: home.codexHome,
    isTTY: false,
    colors: false,
  });
  return String(stdout.read());
}

test('status says of turns that wait for a hook of another shell that they do, and what sends them from here', async () => {
  home.answer(401);
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn()));
  expect(await statusIn({})).not.toContain(DIFFERENT);
  expect(await statusIn({ MLFLOW_TRACKING_URI: home.receiver.url })).not.toContain(DIFFERENT);
  const elsewhere = await statusIn({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' });
  expect(elsewhere).toContain(`1 turn of 1 session not sent yet`);
  expect(elsewhere).toContain(`401; ${DIFFERENT}`);
  expect(elsewhere).toContain('mlflow-codex sync');
});
