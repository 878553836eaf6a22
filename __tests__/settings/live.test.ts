import { describe, expect, test } from '@jest/globals';
import type { TracingConfig } from '../../src/settings/files/tracing-config.js';
import { mergeSettings } from '../../src/settings/merge-settings.js';
import { DeliveryHome } from '../support/delivery-home.js';

const layer = (file: string, config: TracingConfig) => ({ file, config, unknownKeys: [] });

function merged(
  files: { project?: TracingConfig; user?: TracingConfig; system?: TracingConfig },
  env: NodeJS.ProcessEnv = {},
) {
  const { project, user = {}, system } = files;
  const found = mergeSettings({
    env,
    project: project && { ...layer('project', project), trusted: true },
    user: layer('user', { trackingUri: 'http://localhost:5000', ...user }),
    system: system && layer('system', system),
    userName: 'ada',
  });
  if (found.kind !== 'settings') throw new Error(found.kind);
  return found.settings;
}

describe('live', () => {
  test.each<[string, Parameters<typeof merged>[0], string | undefined, boolean | undefined]>([
    ['is off where nobody says anything', {}, undefined, undefined],
    ['is on where the user says so', { user: { live: true } }, undefined, true],
    ['is on where the machine says so', { system: { live: true } }, undefined, true],
    [
      'is the user’s before the machine’s',
      { user: { live: false }, system: { live: true } },
      undefined,
      false,
    ],
    ['cannot be switched on by a project', { project: { live: true } }, undefined, undefined],
    [
      'can be switched off by a project',
      { project: { live: false }, user: { live: true } },
      undefined,
      false,
    ],
    ['is what the environment says', { user: { live: true } }, '0', false],
    ['is what the environment says, over a project’s no', { project: { live: false } }, '1', true],
    ['stays what the machine requires', { system: { live: false, required: ['live'] } }, '1', false],
  ])('%s', (_, files, variable, expected) => {
    expect(merged(files, { MLFLOW_CODEX_LIVE: variable }).live).toBe(expected);
  });

  test('a project’s yes is told to count for nothing', () => {
    const told = merged({ project: { live: true } }).warnings;
    expect(told).toEqual([
      { code: 'misplaced-keys', level: 'warning', args: { file: 'project', keys: ['live'] } },
    ]);
  });
});

test('a run wants turns to be shown only where its folder’s settings say so', async () => {
  const home = await DeliveryHome.make();
  try {
    const wants = async (settings: object) => {
      home.sendTo(home.receiver.url, { experimentId: '0', ...settings });
      const run = home.run();
      await run.route('/home/dev/project');
      run.close();
      return run.wantsLive;
    };
    expect(await wants({})).toBe(false);
    expect(await wants({ live: false })).toBe(false);
    expect(await wants({ live: true })).toBe(true);
    expect(home.receiver.requests).toEqual([]);
  } finally {
    await home.close();
  }
});
