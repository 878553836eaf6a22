import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  planSystem,
  readSystemState,
  type SystemPlan,
} from '../../../../src/commands/setup/system/plan-system.js';
import {
  assertRights,
  systemFiles,
  systemPlaces,
} from '../../../../src/commands/setup/system/system-places.js';
import { Workbench } from '../../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const etc = (...names: string[]) => path.join(bench.base, 'etc', ...names);
const places = () => ({ codexDir: etc('codex'), tracingFile: etc('m', 't.json'), ownerUid: 0 });
const plan = (version: string | undefined = '0.171.0') =>
  planSystem({
    state: readSystemState(places()),
    values: { trackingUri: 'http://h', experiment: { id: '7' }, traceLocation: undefined },
    program: ['/n', '/s.js'],
    codex: version === '' ? undefined : { file: '/c', version },
  });
const NOTIFY = 'notify = ["/n", "/s.js", "notify-hook"]\n';
const files = ({ edits }: SystemPlan) => edits.map((edit) => bench.short(edit.path));
const ALL = [
  'BASE/etc/m/t.json',
  'BASE/etc/codex/config.toml',
  'BASE/etc/codex/requirements.toml',
  'BASE/etc/m/setup.json',
];

describe('the plan of setup --system', () => {
  test('is the tracing config, notify, and hooks, for everybody to read; and the record of them, which is not', () => {
    const made = plan();
    expect(files(made)).toEqual(ALL);
    expect(made.edits.map(({ isPublic, role, backup }) => [isPublic, role, backup])).toEqual([
      [true, 'tracing-config', 'none'],
      [true, 'codex-config', 'make'],
      [true, 'codex-config', 'make'],
      [undefined, 'record', 'none'],
    ]);
    expect(made.edits[1]?.after).toBe(NOTIFY);
    expect(made.notices).toEqual([]);
    expect([made.tracing.file, made.tracing.change, made.tracing.record.scope]).toEqual([
      etc('m', 't.json'),
      'created',
      'system',
    ]);
    expect(made.hooks).toMatchObject({ command: '/n /s.js stop-hook', events: ['Stop', 'SessionEnd'] });
    expect(JSON.parse(made.edits[3]?.after ?? '')).toEqual({
      version: 1,
      tracing: [made.tracing.record],
      notify: [made.notify.record],
      managedHooks: made.hooks?.record,
    });
  });

  test('has the hook at each prompt only where the machine’s file shows turns live', () => {
    bench.put(etc('m', 't.json'), { live: true });
    expect(plan().hooks?.events).toEqual(['Stop', 'SessionEnd', 'UserPromptSubmit']);
    bench.put(etc('m', 't.json'), { live: false });
    expect(plan().hooks?.events).toEqual(['Stop', 'SessionEnd']);
  });

  test('says where no Codex tells its version, and registers the hooks all the same', () => {
    const made = plan('');
    expect(made.notices).toEqual([{ code: 'codex-version-unknown', level: 'info', args: {} }]);
    expect(files(made)).toEqual(ALL);
  });

  test('leaves requirements.toml to a Codex that is new enough, and keeps what is recorded of it', () => {
    const managedHooks = plan().hooks?.record;
    bench.put(etc('m', 'setup.json'), { version: 1, tracing: [], notify: [], managedHooks });
    const made = plan('0.130.0');
    expect([files(made), made.hooks]).toEqual([[ALL[0], ALL[1], ALL[3]], undefined]);
    expect(made.notices).toEqual([
      { code: 'codex-without-managed-hooks', level: 'warning', args: { version: '0.130.0' } },
    ]);
    expect(JSON.parse(made.edits.at(-1)?.after ?? '').managedHooks).toEqual(managedHooks);
  });

  test('leaves another program’s notify alone, where hooks do the work, and refuses where none can', () => {
    bench.put(etc('codex', 'config.toml'), 'notify = ["bell"]\n');
    const made = plan();
    expect([made.notify.change, files(made)]).toEqual(['foreign', [ALL[0], ALL[2], ALL[3]]]);
    expect(JSON.parse(made.edits.at(-1)?.after ?? '').notify).toEqual([]);
    expect(() => plan('0.130.0')).toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: `${etc('codex', 'config.toml')}: notify is another program’s, and Codex 0.130.0 runs no managed hooks`,
        hint: 'Update Codex to 0.134 or later: its Stop hooks need no notify',
      }),
    );
  });

  test('keeps no copy of a config.toml that setup made', () => {
    const argv = ['/old/mlflow-codex.js', 'notify-hook'];
    const entry = { file: etc('codex', 'config.toml'), argv, createdFolder: true };
    bench.put(entry.file, `notify = ${JSON.stringify(['node', ...argv])}\n`);
    const backupOf = (created: boolean) => {
      bench.put(etc('m', 'setup.json'), { version: 1, tracing: [], notify: [{ ...entry, created }] });
      return plan().edits.find(({ path: file }) => file === entry.file)?.backup;
    };
    expect([backupOf(true), backupOf(false)]).toEqual(['none', 'make']);
  });

  test('refuses a record that is damaged, with the remedy', () => {
    bench.put(etc('m', 'setup.json'), '{');
    expect(() => plan()).toThrow(
      expect.objectContaining({
        message: `${etc('m', 'setup.json')} is damaged`,
        hint: 'Delete it: what setup did before cannot be taken back then',
      }),
    );
  });
});

test('the machine’s files lie in two folders, with record and copies beside the tracing config', () => {
  expect(systemFiles({ codexDir: '/c', tracingFile: '/m/t.json', ownerUid: 0 })).toEqual({
    tracing: '/m/t.json',
    config: '/c/config.toml',
    requirements: '/c/requirements.toml',
    record: '/m/setup.json',
    backups: '/m/backups',
  });
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('nothing in the environment moves them, and they are root’s', () => {
  expect(systemPlaces()).toEqual({
    codexDir: '/etc/codex',
    tracingFile: '/etc/mlflow-codex/mlflow-tracing.json',
    ownerUid: 0,
  });
});

const onUnix = process.platform === 'win32' ? test.skip : test;
onUnix('who may not write them is told how root does it', () => {
  const own = process.getuid?.() ?? 0;
  const act = (ownerUid: number) => () =>
    assertRights({ ...places(), ownerUid }, ['/n', '/s.js', 'setup', '--system']);
  expect(act(own)).not.toThrow();
  expect(act(own + 1)).toThrow(
    expect.objectContaining({
      message: `${etc('m', 't.json')} is every user’s: only root may write it`,
      hint: 'As root, with the same options: sudo /n /s.js setup --system …',
    }),
  );
});
