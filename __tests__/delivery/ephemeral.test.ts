import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { home } from '../support/test-home.js';

/** Turns of `codex exec --ephemeral`: nothing is on disk but what the notifier is told. */

/** A folder below the home with a tracing config of its own. */
function project(name: string, config: object): string {
  const folder = path.join(home.codexHome, name);
  mkdirSync(path.join(folder, '.codex'), { recursive: true });
  writeFileSync(path.join(folder, '.codex', 'mlflow-tracing.json'), JSON.stringify(config));
  return folder;
}

function announced(cwd: string): string {
  return JSON.stringify({
    type: 'agent-turn-complete',
    'thread-id': '01a21080-0000-7000-8000-00000000000e',
    'turn-id': '01a21080-0000-7000-8000-00000000000f',
    cwd,
    client: 'codex_exec',
    'input-messages': ['a prompt'],
    'last-assistant-message': 'an answer',
  });
}

test('goes where its folder says, though the user’s home says nothing', async () => {
  rmSync(path.join(home.codexHome, 'mlflow-tracing.json'));
  const folder = project('traced', { trackingUri: home.receiver.url, experimentId: '7' });
  expect(await home.hook(announced(folder))).toMatchObject({ outcome: 'sent' });
  expect(home.receiver.requests.map(({ headers }) => headers['x-mlflow-experiment-id'])).toEqual(['7']);
  expect(home.arrived()).toEqual(['01a21080-0000-7000-8000-00000000000f']);
});

test('is held to its folder’s privacy', async () => {
  const folder = project('private', { content: 'metadata' });
  expect(await home.hook(announced(folder))).toMatchObject({ outcome: 'sent' });
  expect(JSON.stringify(home.receiver.spans())).not.toContain('a prompt');
});

test('is not sent from a folder that is not to be traced', async () => {
  const folder = project('disabled', { enabled: false });
  expect(await home.hook(announced(folder))).toMatchObject({ outcome: 'disabled' });
  expect(home.receiver.requests).toEqual([]);
});

test('is lost, and says why, where the server does not take it', async () => {
  home.answer(401);
  expect(await home.hook(announced(home.codexHome))).toEqual({
    outcome: 'lost',
    detail: 'no recording (--ephemeral), and not accepted: 401',
  });
});

test('is named as a subagent where it is no turn of the user’s', async () => {
  const { client: _, ...agents } = JSON.parse(announced(home.codexHome));
  await home.hook(announced(home.codexHome));
  await home.hook(JSON.stringify({ ...agents, 'input-messages': [] }));
  const names = home.receiver.spans().filter(({ parentSpanId }) => parentSpanId === '');
  expect(names.map(({ name }) => name)).toEqual(['invoke_agent codex', 'invoke_agent subagent']);
});
