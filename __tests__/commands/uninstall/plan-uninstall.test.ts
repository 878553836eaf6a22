import { describe, expect, test } from '@jest/globals';
import type { InstalledFiles, TextFile } from '../../../src/commands/setup/plans/setup-state.js';
import type { SystemState } from '../../../src/commands/setup/system/plan-system.js';
import { planSystemUninstall } from '../../../src/commands/uninstall/plan-system-uninstall.js';
import {
  planTracingRemoval,
  planUninstall,
  readLeniently,
  readOthers,
  type UninstallScope,
} from '../../../src/commands/uninstall/plan-uninstall.js';
import type { FileEdit } from '../../../src/install/file-edit.js';
import type { NotifyRecord, SetupRecord, TracingRecord } from '../../../src/install/setup-record.js';
import { sha256 } from '../../../src/platform/sha256.js';

const OURS = 'notify = ["mlflow-codex", "notify-hook"]\n';
const HOOK = '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "mlflow-codex stop-hook"\n';

const file = (path: string, text?: string, more: Partial<TextFile> = {}): TextFile => ({
  path,
  backupFile: `/backups${path}`,
  folderMissing: false,
  ...(text === undefined ? {} : { text }),
  ...more,
});
const tracing = (path: string, more: Partial<TracingRecord> = {}): TracingRecord => ({
  scope: 'project',
  file: path,
  trackingUri: 'http://h',
  created: true,
  createdFolder: false,
  before: {},
  ...more,
});
const notify = (path: string, more: Partial<NotifyRecord> = {}): NotifyRecord => ({
  file: path,
  argv: ['mlflow-codex', 'notify-hook'],
  created: false,
  createdFolder: false,
  ...more,
});
const record = (more: Partial<SetupRecord> = {}): SetupRecord => ({
  version: 1,
  tracing: [],
  notify: [],
  ...more,
});
const edit = (
  path: string,
  role: FileEdit['role'],
  before: string | undefined,
  after: string | undefined,
  backup: FileEdit['backup'],
): FileEdit => ({ path, role, before, after, backup });
const texts = (known: SetupRecord) => `${JSON.stringify(known, null, 2)}\n`;

describe('the plan that takes one tracing config away', () => {
  const plan = (text: string | undefined, known?: Partial<TracingRecord>, more: Partial<TextFile> = {}) =>
    planTracingRemoval(
      file('/p/.codex/t', text, more),
      record({ tracing: [tracing('/other'), ...(known ? [tracing('/p/.codex/t', known)] : [])] }),
    );
  const of = (before: string, after: string | undefined, backup: FileEdit['backup']) =>
    edit('/p/.codex/t', 'tracing-config', before, after, backup);
  const OWN =
    '{"$schema": "https://unpkg.com/@mlflow/codex/schema/mlflow-tracing.schema.json", "trackingUri": "x"}';
  const PERSON = '{"trackingUri": "http://h", "experimentId": "7"}';

  test('is nothing where there is no file', () => {
    expect(plan(undefined, {})).toStrictEqual({ edits: [], folders: [], notices: [] });
  });

  test('takes away what setup made, its copy, and its folder', () => {
    expect(plan('{"trackingUri": "x", "live": true}', { createdFolder: true })).toStrictEqual({
      edits: [of('{"trackingUri": "x", "live": true}', undefined, 'remove')],
      folders: ['/p/.codex'],
      notices: [],
    });
  });

  test.each([
    ['a person has written into', '{"trackingUri": "x", "tags": {}, "redact": true}', ['tags', 'redact']],
    ['is no JSON any more', '{"trackingUri": ', ['?']],
  ])('keeps aside what setup made and %s', (_, text, keys) => {
    expect(plan(text, {})).toStrictEqual({
      edits: [of(text, undefined, 'make')],
      folders: [],
      notices: [
        {
          code: 'tracing-kept-aside',
          level: 'info',
          args: { file: '/p/.codex/t', keys, backup: '/backups/p/.codex/t' },
        },
      ],
    });
  });

  const NOT_OURS = { code: 'tracing-not-ours', level: 'info', args: { file: '/p/.codex/t' } };
  test.each<[string, string, Partial<TracingRecord> | undefined]>([
    ['nothing is recorded of', '{"trackingUri": "x"}', undefined],
    ['is a person’s, by the schema', OWN.replace('"x"', '"x", "tags": {}'), undefined],
    ['is broken, with the schema in it', `${OWN},`, undefined],
    ['said the same before setup', '{"trackingUri": "x"}', { created: false }],
  ])('leaves alone what %s', (_, text, known) => {
    expect(plan(text, known)).toStrictEqual({ edits: [], folders: [], notices: [NOT_OURS] });
  });

  test('takes away, without a record, what an older setup made and nobody has touched', () => {
    expect(plan(OWN)).toStrictEqual({ edits: [of(OWN, undefined, 'remove')], folders: [], notices: [] });
    expect(plan(`\uFEFF${OWN}`).edits).toHaveLength(1);
  });

  const before = { experimentId: '1', experimentName: null };
  test('puts a person’s file back whole where nobody has changed it since', () => {
    const known = { created: false, before, beforeText: 'was', wrote: sha256(PERSON) };
    expect(plan(PERSON, known)).toStrictEqual({
      edits: [of(PERSON, 'was', 'make')],
      folders: [],
      notices: [],
    });
    expect(plan(PERSON, known, { backup: 'was' }).edits).toStrictEqual([of(PERSON, 'was', 'remove')]);
  });

  test.each<[string, Partial<TracingRecord>]>([
    ['somebody has changed it since', { beforeText: 'was', wrote: 'other' }],
    ['its former text is not known', { wrote: sha256(PERSON) }],
  ])('puts the keys back that setup changed where %s', (_, known) => {
    const after = '{"trackingUri": "http://h", "experimentId": "1"}';
    expect(plan(PERSON, { created: false, before, ...known })).toStrictEqual({
      edits: [of(PERSON, after, 'make')],
      folders: [],
      notices: [],
    });
  });

  test('takes a key out that was not there before', () => {
    const known = { created: false, before: { experimentId: null } };
    expect(plan(PERSON, known).edits?.[0]?.after).toBe('{"trackingUri": "http://h"}');
  });

  test('leaves a person’s file alone that is no JSON any more', () => {
    expect(plan('{', { created: false, before })).toStrictEqual({
      edits: [],
      folders: [],
      notices: [{ code: 'tracing-broken', level: 'warning', args: { file: '/p/.codex/t' } }],
    });
  });
});

describe('the plan of uninstall', () => {
  const [USER_CONFIG, USER_TRACING] = ['/h/config.toml', '/h/mlflow-tracing.json'];
  const [CONFIG, TRACING] = ['/p/.codex/config.toml', '/p/.codex/mlflow-tracing.json'];
  const RECORD = '/h/mlflow-codex/setup.json';
  const T = '{"trackingUri": "x"}';

  interface There {
    userConfig?: string;
    userTracing?: string;
    config?: string;
    tracing?: string;
    known?: SetupRecord;
    others?: TextFile[];
    isHome?: boolean;
  }
  const plan = (scope: UninstallScope, there: There) => {
    const { known = record(), others = [] } = there;
    const files: InstalledFiles = {
      userConfig: file(USER_CONFIG, there.userConfig),
      userTracing: file(USER_TRACING, there.userTracing),
      ...(there.isHome
        ? {}
        : { project: { config: file(CONFIG, there.config), tracing: file(TRACING, there.tracing) } }),
      recordFile: file(RECORD, there.known && texts(known)),
      record: known,
      backups: '/backups',
    };
    return planUninstall({ scope, files, others });
  };
  const gone = (path: string) => edit(path, 'tracing-config', T, undefined, 'remove');
  const noRecord = (known: SetupRecord) => edit(RECORD, 'record', texts(known), undefined, 'none');
  const left = (known: SetupRecord, after: SetupRecord) =>
    edit(RECORD, 'record', texts(known), texts(after), 'none');

  test('takes the project away whole: tracing config, both notifiers, the Stop hook, folders and the record', () => {
    const known = record({
      tracing: [tracing(TRACING, { createdFolder: true })],
      notify: [
        notify(CONFIG, { created: true, createdFolder: true }),
        notify(USER_CONFIG, { created: true, createdFolder: true }),
      ],
      stopHook: {
        file: USER_CONFIG,
        argv: ['mlflow-codex', 'stop-hook'],
        command: 'mlflow-codex stop-hook',
        inserted: HOOK,
        created: true,
        createdFolder: true,
      },
    });
    expect(plan('project', { tracing: T, config: OURS, userConfig: OURS + HOOK, known })).toStrictEqual({
      edits: [
        gone(TRACING),
        edit(CONFIG, 'codex-config', OURS, undefined, 'none'),
        edit(USER_CONFIG, 'codex-config', OURS + HOOK, undefined, 'none'),
        noRecord(known),
      ],
      folders: ['/p/.codex', '/p/.codex', '/h', '/h/mlflow-codex'],
      notices: [],
    });
  });

  test('takes a Stop hook alone away, with the folder that was made for it', () => {
    const stopHook = {
      file: USER_CONFIG,
      argv: ['mlflow-codex', 'stop-hook'],
      command: 'mlflow-codex stop-hook',
      inserted: HOOK,
      created: true,
      createdFolder: true,
    };
    const known = record({ stopHook });
    expect(plan('user', { userConfig: HOOK, known })).toStrictEqual({
      edits: [edit(USER_CONFIG, 'codex-config', HOOK, undefined, 'none'), noRecord(known)],
      folders: ['/h', '/h/mlflow-codex'],
      notices: [],
    });
    // The user's hook is none of a project's file, and stays while somebody needs it.
    const needed = record({ stopHook, tracing: [tracing(USER_TRACING, { scope: 'user' })] });
    const there = { config: HOOK, tracing: T, userConfig: HOOK, userTracing: T, known: needed };
    expect(plan('project', there)).toStrictEqual({
      edits: [],
      folders: [],
      notices: [
        { code: 'tracing-not-ours', level: 'info', args: { file: TRACING } },
        { code: 'notify-still-needed', level: 'info', args: { file: USER_CONFIG, needs: [USER_TRACING] } },
      ],
    });
  });

  test('keeps notify in the user’s file while another project that is still there, or the user, needs it', () => {
    const known = record({
      tracing: [
        tracing(TRACING),
        tracing('/q/t'),
        tracing('/gone/t'),
        tracing(USER_TRACING, { scope: 'user' }),
      ],
      notify: [notify(CONFIG), notify(USER_CONFIG)],
    });
    const others = [file('/q/t', T), file('/gone/t')];
    const there = { tracing: T, config: OURS, userConfig: OURS, userTracing: T, known, others };
    expect(plan('project', there)).toStrictEqual({
      edits: [
        gone(TRACING),
        edit(CONFIG, 'codex-config', OURS, '', 'make'),
        left(known, { ...known, tracing: known.tracing.slice(1), notify: [notify(USER_CONFIG)] }),
      ],
      folders: [],
      notices: [
        {
          code: 'notify-still-needed',
          level: 'info',
          args: { file: USER_CONFIG, needs: ['/q/t', USER_TRACING] },
        },
      ],
    });
    expect(plan('user', there)).toStrictEqual({
      edits: [gone(USER_TRACING), left(known, { ...known, tracing: known.tracing.slice(0, 3) })],
      folders: [],
      notices: [
        { code: 'notify-still-needed', level: 'info', args: { file: USER_CONFIG, needs: [TRACING, '/q/t'] } },
      ],
    });
  });

  test.each<[string, There, boolean]>([
    ['it is ours, though nothing is recorded', { userConfig: OURS }, true],
    ['it is recorded', { userConfig: '', known: record({ notify: [notify(USER_CONFIG)] }) }, true],
    ['it is not there', { userConfig: '' }, false],
    ['it is somebody else’s', { userConfig: 'notify = ["bell"]\n' }, false],
  ])('says that notify stays only where there is one of ours: %s', (_, there, isSaid) => {
    const { notices, edits } = plan('project', { userTracing: T, ...there });
    expect(notices.map(({ code }) => code)).toEqual(isSaid ? ['notify-still-needed'] : []);
    expect(edits).toEqual([]);
  });

  test('in Codex’s own home a project is the user', () => {
    const known = record({ tracing: [tracing(USER_TRACING, { scope: 'user' })] });
    expect(plan('project', { userTracing: T, userConfig: OURS, known, isHome: true }).edits).toStrictEqual([
      gone(USER_TRACING),
      edit(USER_CONFIG, 'codex-config', OURS, '', 'make'),
      noRecord(known),
    ]);
  });

  test('for the user leaves a project’s own notifier alone', () => {
    expect(plan('user', { config: OURS, userConfig: OURS }).edits.map(({ path }) => path)).toEqual([
      USER_CONFIG,
    ]);
  });

  test('of one project leaves the notifiers of others alone', () => {
    const known = record({ notify: [notify('/q/c')] });
    expect(plan('project', { known, others: [file('/q/c', OURS)] }).edits).toEqual([]);
  });

  test('says of a notifier that was replaced since that it is not ours any more', () => {
    const known = record({ notify: [notify(USER_CONFIG, { createdFolder: true }), notify(CONFIG)] });
    expect(plan('project', { userConfig: 'notify = ["bell"]\n', known })).toStrictEqual({
      edits: [noRecord(known)],
      folders: ['/h', '/h/mlflow-codex'],
      notices: [{ code: 'notify-not-ours', level: 'info', args: { file: USER_CONFIG } }],
    });
  });

  test('for all takes every recorded file away, and no other', () => {
    const known = record({
      tracing: [tracing(TRACING), tracing('/q/t'), tracing(USER_TRACING)],
      notify: [notify('/q/c'), notify(USER_CONFIG)],
    });
    const others = [file('/q/t', T), file('/q/c', OURS), file('/x/t', T), file('/x/c', OURS)];
    const there = { tracing: T, userTracing: T, config: OURS, userConfig: OURS, known, others };
    expect(plan('all', there)).toStrictEqual({
      edits: [
        gone(USER_TRACING),
        gone(TRACING),
        gone('/q/t'),
        edit(CONFIG, 'codex-config', OURS, '', 'make'),
        edit(USER_CONFIG, 'codex-config', OURS, '', 'make'),
        edit('/q/c', 'codex-config', OURS, '', 'make'),
        noRecord(known),
      ],
      folders: ['/h/mlflow-codex'],
      notices: [],
    });
    expect(plan('all', { userTracing: T, isHome: true }).notices).toEqual([
      { code: 'tracing-not-ours', level: 'info', args: { file: USER_TRACING } },
    ]);
  });
});

describe('the recorded files elsewhere', () => {
  test('are each read once, those of this folder not again', () => {
    const files = {
      userConfig: file('/h/c'),
      userTracing: file('/h/t'),
      project: { config: file('/p/c'), tracing: file('/p/t') },
      record: record({
        tracing: [tracing('/q/t'), tracing('/h/t'), tracing('/p/t')],
        notify: [notify('/q/c'), notify('/q/t'), notify('/h/c'), notify('/p/c')],
      }),
    } as unknown as InstalledFiles;
    expect(readOthers(files, (path) => file(path)).map(({ path }) => path)).toEqual(['/q/t', '/q/c']);
  });

  test('count as gone where they cannot be read', () => {
    const fails = () => {
      throw new Error('it cannot be read');
    };
    const missing = { path: '/nowhere/f', backupFile: '', folderMissing: true };
    expect(readLeniently(fails, '/nowhere/f')).toEqual(missing);
    expect(readLeniently((path) => file(path), '/nowhere/f')).toEqual(file('/nowhere/f'));
  });
});

describe('the plan of uninstall --system', () => {
  const [T, C, R, S] = [
    '/etc/m/t',
    '/etc/codex/config.toml',
    '/etc/codex/requirements.toml',
    '/etc/m/setup.json',
  ];
  const state = (more: Partial<SystemState>): SystemState => ({
    tracing: file(T),
    config: file(C),
    requirements: file(R),
    recordFile: file(S, more.record ? texts(more.record) : undefined),
    record: record(),
    backups: '/etc/m/backups',
    ...more,
  });
  const managedHooks = {
    file: R,
    command: 'mlflow-codex stop-hook',
    inserted: { hooks: HOOK, events: ['Stop' as const] },
    created: true,
    createdFolder: true,
    wrote: sha256(HOOK),
  };

  test('takes away all that setup --system did, with the folders that it made', () => {
    const known = record({
      tracing: [tracing(T, { scope: 'system', createdFolder: true })],
      notify: [notify(C, { created: true })],
      managedHooks,
    });
    const there = {
      tracing: file(T, '{}'),
      config: file(C, OURS),
      requirements: file(R, HOOK),
      record: known,
    };
    expect(planSystemUninstall(state(there))).toStrictEqual({
      edits: [
        edit(R, 'codex-config', HOOK, undefined, 'remove'),
        edit(C, 'codex-config', OURS, undefined, 'none'),
        edit(T, 'tracing-config', '{}', undefined, 'remove'),
        edit(S, 'record', texts(known), undefined, 'none'),
      ],
      folders: ['/etc/codex', '/etc/m'],
      notices: [],
    });
  });

  test.each<[string, boolean, boolean, string[]]>([
    ['for notify', true, false, ['/etc/codex']],
    ['for the hooks', false, true, ['/etc/codex']],
    ['by somebody else', false, false, []],
  ])('takes Codex’s folder away where setup made it %s', (_, forNotify, forHooks, folders) => {
    const known = record({
      notify: [notify('/elsewhere'), notify(C, { createdFolder: forNotify })],
      managedHooks: { ...managedHooks, createdFolder: forHooks },
    });
    expect(planSystemUninstall(state({ record: known })).folders).toEqual(folders);
  });

  const others = (path: string) => ({ code: 'hook-set-by-others', level: 'warning', args: { file: path } });
  test.each<[string, Partial<SystemState>, object[]]>([
    ['hooks in requirements.toml', { requirements: file(R, HOOK) }, [others(R)]],
    [
      'one hook of several events',
      { requirements: file(R, HOOK.replaceAll('Stop', 'SessionEnd')) },
      [others(R)],
    ],
    ['a notifier', { config: file(C, OURS) }, [others(C)]],
    ['both', { config: file(C, OURS), requirements: file(R, HOOK) }, [others(R), others(C)]],
    [
      'a tracing config and no more',
      { tracing: file(T, '{}'), config: file(C, ''), requirements: file(R, '') },
      [{ code: 'tracing-not-ours', level: 'info', args: { file: T } }],
    ],
    ['another program’s', { config: file(C, 'notify = ["bell"]\n'), requirements: file(R, 'a = 1\n') }, []],
    ['nothing', {}, []],
  ])('names what an administrator has written by other means, and leaves it: %s', (_, there, notices) => {
    expect(planSystemUninstall(state(there))).toStrictEqual({ edits: [], folders: [], notices });
  });
});
