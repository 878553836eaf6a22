import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import {
  backupsDir,
  parseSetupRecord,
  readSetupRecord,
  setupRecordFile,
} from '../../src/install/setup-record.js';

const TRACING = {
  scope: 'project',
  file: '/repo/.codex/mlflow-tracing.json',
  trackingUri: 'http://h',
  created: true,
  createdFolder: false,
  before: {},
  beforeText: '{}',
  wrote: 'abc',
};
const NOTIFY = {
  file: '/home/ada/.codex/config.toml',
  argv: ['mlflow-codex', 'notify-hook'],
  created: false,
  createdFolder: false,
  before: 'notify = ["other"]',
  inserted: 'notify = []',
  forward: ['other'],
};
const STOP_HOOK = {
  file: '/home/ada/.codex/config.toml',
  argv: ['mlflow-codex', 'stop-hook'],
  command: 'mlflow-codex stop-hook',
  inserted: '[[hooks.Stop]]',
  created: false,
  createdFolder: false,
};
const MANAGED_HOOKS = {
  file: '/etc/codex/requirements.toml',
  command: '/usr/bin/node /usr/bin/mlflow-codex stop-hook',
  inserted: { feature: 'hooks = true', hooks: '[[hooks.Stop]]', events: ['Stop'] },
  created: false,
  createdFolder: false,
  beforeText: '[features]',
  wrote: 'abc',
};
const WHOLE = {
  version: 1,
  tracing: [TRACING],
  notify: [NOTIFY],
  stopHook: STOP_HOOK,
  managedHooks: MANAGED_HOOKS,
};
const parsed = (record: unknown) => parseSetupRecord(JSON.stringify(record));

/** Every record with one field of a wrong kind, and, where it must be there, without the field. */
function wrongOnes(entry: object, optional: readonly string[]) {
  return Object.keys(entry).flatMap((field) => {
    const wrong = { ...entry, [field]: 7 };
    const without = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== field));
    return optional.includes(field)
      ? [[field, wrong]]
      : [
          [field, wrong],
          [`no ${field}`, without],
        ];
  }) as [string, object][];
}

describe('a record of setup', () => {
  test('is read as it was written', () => {
    expect(parsed(WHOLE)).toEqual(WHOLE);
    for (const scope of ['user', 'system'])
      expect(parsed({ ...WHOLE, tracing: [{ ...TRACING, scope }] }).tracing).toHaveLength(1);
  });

  test('needs nothing of what is written only now and then', () => {
    const { beforeText: _, wrote: __, ...tracing } = TRACING;
    const { before: ___, inserted: ____, forward: _____, ...notify } = NOTIFY;
    const record = { version: 1, tracing: [tracing], notify: [notify] };
    expect(parsed(record)).toEqual(record);
  });

  test.each([
    ...wrongOnes(TRACING, ['beforeText', 'wrote']),
    ['scope team', { ...TRACING, scope: 'team' }],
    ['before as a list', { ...TRACING, before: [] }],
  ])('leaves a tracing entry out that is not whole: %s', (_, entry) => {
    expect(parsed({ ...WHOLE, tracing: [entry, TRACING] })).toEqual(WHOLE);
  });

  test.each([
    ...wrongOnes(NOTIFY, ['before', 'inserted', 'forward']),
    ['argv empty', { ...NOTIFY, argv: [] }],
    ['argv of numbers', { ...NOTIFY, argv: ['node', 7] }],
    ['forward empty', { ...NOTIFY, forward: [] }],
  ])('leaves a notifier out that is not whole: %s', (_, entry) => {
    expect(parsed({ ...WHOLE, notify: [entry, NOTIFY] })).toEqual(WHOLE);
  });

  test.each(wrongOnes(STOP_HOOK, []))('leaves a Stop hook out that is not whole: %s', (_, entry) => {
    expect(parsed({ ...WHOLE, stopHook: entry })).not.toHaveProperty('stopHook');
  });

  test.each([
    ...wrongOnes(MANAGED_HOOKS, ['beforeText']),
    ...wrongOnes(MANAGED_HOOKS.inserted, ['feature', 'hooks']).map(
      ([name, inserted]) => [`inserted ${name}`, { ...MANAGED_HOOKS, inserted }] as const,
    ),
  ])('leaves managed hooks out that are not whole: %s', (_, entry) => {
    expect(parsed({ ...WHOLE, managedHooks: entry })).not.toHaveProperty('managedHooks');
  });

  test.each([null, 7, [], {}, { tracing: {}, notify: 'x', stopHook: [] }, { tracing: [null, 7] }])(
    'is an empty one where it is %j',
    (record) => {
      expect(parsed(record)).toEqual({ version: 1, tracing: [], notify: [] });
    },
  );
});

test('the record and the backups lie in our state folder', () => {
  expect([setupRecordFile('/s'), backupsDir('/s')]).toEqual(['/s/setup.json', '/s/backups']);
});

test('a record that is not there, or no JSON, is an empty one', async () => {
  const state = await makeTemporaryFolder();
  try {
    const empty = { version: 1, tracing: [], notify: [] };
    expect(readSetupRecord(state)).toEqual(empty);
    writeFileSync(setupRecordFile(state), '{');
    expect(readSetupRecord(state)).toEqual(empty);
    writeFileSync(setupRecordFile(state), JSON.stringify(WHOLE));
    expect(readSetupRecord(state)).toEqual(WHOLE);
  } finally {
    rmSync(state, { recursive: true });
  }
});
