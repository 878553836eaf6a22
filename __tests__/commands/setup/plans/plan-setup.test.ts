import { describe, expect, it } from '@jest/globals';
import { ForeignNotifier } from '../../../../src/commands/setup/plans/plan-notify.js';
import {
  planSetup,
  recordEdit,
  type SetupInput,
  type SetupPlan,
} from '../../../../src/commands/setup/plans/plan-setup.js';
import type { TextFile } from '../../../../src/commands/setup/plans/setup-state.js';
import { readNotifySlot } from '../../../../src/install/codex-config/notify-slot.js';
import type { SetupRecord } from '../../../../src/install/setup-record.js';
import { UserError } from '../../../../src/platform/problems/user-error.js';
import { sha256 } from '../../../../src/platform/sha256.js';

const OURS = ['mlflow-codex', 'notify-hook'];
const LINE = 'notify = ["mlflow-codex", "notify-hook"]\n';
const FOREIGN = 'notify = ["bell"]\n';
const USER = '/h/.codex/config.toml';
const MANAGED = '/etc/codex/managed_config.toml';
const SYSTEM = '/etc/codex/config.toml';
const PROJECT = '/p/.codex/config.toml';

interface Case {
  scope?: 'project' | 'user';
  codex?: string | undefined;
  user?: string;
  project?: string;
  tracing?: string;
  forward?: boolean;
  working?: string[][];
  /** The machine's layers: the managed config.toml and the system's. */
  managed?: string;
  system?: string;
}

const file = (path: string, text: string | undefined): TextFile => ({
  path,
  backupFile: `/backups${path}`,
  folderMissing: text === undefined,
  ...(text === undefined ? {} : { text }),
});

function inputOf({
  scope = 'project',
  codex,
  user,
  project,
  tracing,
  forward = false,
  working = [OURS],
  managed = '',
  system = '',
}: Case): SetupInput {
  return {
    scope,
    codex: codex === undefined ? undefined : { file: '/bin/codex', version: codex },
    values: { trackingUri: 'http://localhost:5000', experiment: { id: '0' }, traceLocation: undefined },
    stopHook: undefined,
    notifier: { argv: OURS, working, forwardExisting: forward },
    files: {
      userConfig: file(USER, user),
      userTracing: file('/h/.codex/mlflow-tracing.json', scope === 'user' ? tracing : undefined),
      project: {
        config: file(PROJECT, project),
        tracing: file('/p/.codex/mlflow-tracing.json', scope === 'project' ? tracing : undefined),
      },
      machine: {
        managed: { file: MANAGED, slot: readNotifySlot(managed, MANAGED) },
        system: { file: SYSTEM, slot: readNotifySlot(system, SYSTEM) },
      },
      recordFile: file('/h/.codex/mlflow-codex/setup.json', undefined),
      record: { version: 1, tracing: [], notify: [] },
      backups: '/backups',
    },
  };
}

const plan = (input: Case) => planSetup(inputOf(input));
const texts = ({ edits }: SetupPlan) =>
  Object.fromEntries(
    edits.filter(({ role }) => role === 'codex-config').map(({ path, after }) => [path, after]),
  );

const told = ({ notices }: SetupPlan) => notices;
const inUsers = (version: string) => [{ code: 'notify-in-user-config', level: 'info', args: { version } }];

describe('where notify goes', () => {
  it.each<[string, Case, Record<string, string>, object[]]>([
    ['a user’s, whatever the Codex', { scope: 'user', codex: '0.80.0' }, { [USER]: LINE }, []],
    ['a user’s, without a Codex', { scope: 'user', codex: undefined }, { [USER]: LINE }, []],
    [
      'a project’s under a Codex that ignores it there',
      { codex: '0.169.0' },
      { [USER]: LINE },
      inUsers('0.169.0'),
    ],
    ['a project’s under the first such Codex', { codex: '0.130.0' }, { [USER]: LINE }, inUsers('0.130.0')],
    ['a project’s under 1.0', { codex: '1.0.0' }, { [USER]: LINE }, inUsers('1.0.0')],
    [
      'a project’s under an older Codex',
      { codex: '0.128.0' },
      { [PROJECT]: LINE },
      [{ code: 'notify-in-project-config', level: 'info', args: { version: '0.128.0' } }],
    ],
    [
      'a project’s under a Codex that reads no project’s config',
      { codex: '0.60.1' },
      { [USER]: LINE },
      inUsers('0.60.1'),
    ],
    [
      'a project’s without a Codex',
      { codex: undefined },
      { [USER]: LINE, [PROJECT]: LINE },
      [{ code: 'notify-in-both', level: 'info', args: { file: '' } }],
    ],
  ])('%s', (_, input, expected, notices) => {
    const made = plan(input);
    expect(texts(made)).toEqual(expected);
    expect(told(made)).toEqual(notices);
  });

  it('is in both files of a project whose Codex does not say its version, and that Codex is named', () => {
    const input = { ...inputOf({}), codex: { file: '/bin/codex' } };
    expect(told(planSetup(input))).toEqual([
      { code: 'notify-in-both', level: 'info', args: { file: '/bin/codex' } },
    ]);
  });

  it('is nowhere new where it is already', () => {
    const made = plan({ codex: '0.169.0', user: `a = 1\n${LINE}` });
    expect(texts(made)).toEqual({});
    expect(made.notify).toMatchObject([{ change: 'unchanged', file: USER }]);
  });

  it('is not left in a project’s config that this Codex ignores', () => {
    const made = plan({ codex: '0.169.0', project: `a = 1\n${LINE}b = 2\n` });
    expect(texts(made)).toEqual({ [USER]: LINE, [PROJECT]: 'a = 1\nb = 2\n' });
    expect(made.notify.map(({ file, change }) => [file, change])).toEqual([
      [USER, 'registered'],
      [PROJECT, 'removed'],
    ]);
    expect(told(made)).toEqual([
      ...inUsers('0.169.0'),
      { code: 'leftover-removed', level: 'info', args: { file: PROJECT } },
    ]);
    expect(texts(plan({ scope: 'user', codex: '0.169.0', project: LINE }))).toEqual({
      [USER]: LINE,
      [PROJECT]: '',
    });
  });

  it('goes from a project’s config with the file, where setup made that', () => {
    const input = inputOf({ codex: '0.169.0', project: LINE });
    const entry = { file: PROJECT, argv: OURS, created: true, createdFolder: false, inserted: LINE };
    input.files.record.notify.push(entry);
    const made = planSetup(input);
    expect(texts(made)).toEqual({ [USER]: LINE, [PROJECT]: undefined });
    expect(recordIn(made)?.notify.map(({ file }) => file)).toEqual([USER]);
  });

  it('stays in a project’s config where it is somebody else’s, or an older Codex reads it', () => {
    expect(texts(plan({ codex: '0.169.0', project: FOREIGN }))).toEqual({ [USER]: LINE });
    expect(texts(plan({ codex: '0.120.0', project: LINE }))).toEqual({});
    expect(texts(plan({ scope: 'user', codex: '0.120.0', project: LINE }))).toEqual({ [USER]: LINE });
    expect(texts(plan({ codex: undefined, project: LINE }))).toEqual({ [USER]: LINE });
  });

  describe.each<[string, object, object]>([
    ['our plugin', { plugin: 'id' }, { code: 'plugin-suffices', level: 'info', args: { id: 'id' } }],
    [
      'an administrator’s hook',
      { managedHook: '/etc/r' },
      { code: 'managed-hook-suffices', level: 'info', args: { file: '/etc/r' } },
    ],
    [
      'an administrator’s hook and our plugin',
      { managedHook: '/etc/r', plugin: 'id' },
      { code: 'managed-hook-suffices', level: 'info', args: { file: '/etc/r' } },
    ],
  ])('where %s does the work', (_, wish, notice) => {
    const beside = (input: Case) => {
      const made = inputOf(input);
      return planSetup({ ...made, notifier: { ...made.notifier, ...wish } });
    };

    it.each<[string, Case]>([
      ['an empty slot stays empty', { codex: '0.169.0' }],
      ['somebody else’s notifier stays', { codex: '0.169.0', user: FOREIGN }],
      ['no project’s slot is filled under an older Codex', { codex: '0.120.0', user: FOREIGN }],
      ['the machine’s notifier stays', { scope: 'user', codex: '0.171.0', system: FOREIGN }],
    ])('%s', (__, input) => {
      const made = beside(input);
      expect([made.notify, texts(made), told(made)]).toEqual([[], {}, [notice]]);
    });

    it('one of ours is still renewed', () => {
      const made = beside({
        codex: '0.169.0',
        user: 'notify = ["npx", "-y", "@mlflow/codex@0.0.1", "notify-hook"]\n',
      });
      expect(texts(made)).toEqual({ [USER]: LINE });
      expect(told(made)).toEqual(inUsers('0.169.0'));
    });
  });
});

const recordIn = ({ edits }: SetupPlan): SetupRecord | undefined => {
  const text = edits.find(({ role }) => role === 'record')?.after;
  return text === undefined ? undefined : (JSON.parse(text) as SetupRecord);
};

describe('a whole plan', () => {
  const tracing = {
    scope: 'project',
    file: '/p/.codex/mlflow-tracing.json',
    trackingUri: 'http://localhost:5000',
    created: true,
    createdFolder: true,
    before: {},
  };
  const CONFIG = '{\n  "trackingUri": "http://localhost:5000",\n  "experimentId": "0"\n}\n';

  it('is the tracing config, the notifier, and last the record of both', () => {
    const input = inputOf({ codex: '0.169.0', user: 'a = 1\n' });
    const made = planSetup(input);
    const notify = { file: USER, argv: OURS, created: false, createdFolder: false, inserted: LINE };
    const next = { version: 1, tracing: [{ ...tracing, wrote: sha256(CONFIG) }], notify: [notify] };
    expect(made).toStrictEqual({
      scope: 'project',
      tracing: {
        change: 'created',
        file: tracing.file,
        edit: {
          path: tracing.file,
          role: 'tracing-config',
          before: undefined,
          after: CONFIG,
          backup: 'none',
        },
        record: { ...tracing, wrote: sha256(CONFIG) },
      },
      notify: [{ file: USER, change: 'registered', edit: made.edits[1], record: notify }],
      stopHook: undefined,
      edits: [
        made.tracing.edit,
        { path: USER, role: 'codex-config', before: 'a = 1\n', after: `a = 1\n${LINE}`, backup: 'make' },
        {
          path: '/h/.codex/mlflow-codex/setup.json',
          role: 'record',
          before: undefined,
          after: `${JSON.stringify(next, null, 2)}\n`,
          backup: 'none',
        },
      ],
      notices: inUsers('0.169.0'),
      input,
    });
  });

  it('for the user has the user’s tracing config, and goes on from what is recorded of that', () => {
    const input = inputOf({
      scope: 'user',
      codex: '0.171.0',
      user: LINE,
      tracing: '{"trackingUri": "http://old"}',
    });
    const users = { ...tracing, scope: 'user' as const, file: '/h/.codex/mlflow-tracing.json' };
    const elsewhere = { ...users, file: '/q', created: false, before: { live: true } };
    input.files.record.tracing.push(elsewhere, users, elsewhere);
    const made = planSetup(input);
    expect([made.tracing.file, made.tracing.record.created, made.tracing.record.before]).toEqual([
      users.file,
      true,
      {},
    ]);
    expect(made.edits.map(({ path }) => path)).toEqual([users.file, '/h/.codex/mlflow-codex/setup.json']);
  });

  it('keeps in the record what other setups did, and each file once', () => {
    const input = inputOf({ codex: '0.169.0', user: LINE });
    const elsewhere = { ...tracing, scope: 'project' as const, file: '/q/.codex/mlflow-tracing.json' };
    const before = { ...elsewhere, file: tracing.file, trackingUri: 'http://old' };
    const others = { file: '/q/.codex/config.toml', argv: OURS, created: true, createdFolder: true };
    const stopHook = {
      file: USER,
      argv: ['mlflow-codex', 'stop-hook'],
      command: 'mlflow-codex stop-hook',
      inserted: 'x',
      created: false,
      createdFolder: false,
    };
    input.files.record = {
      version: 1,
      tracing: [before, elsewhere],
      notify: [{ ...others, file: USER, created: false }, others],
      stopHook,
    };
    const next = recordIn(planSetup(input));
    expect(next?.tracing.map(({ file, trackingUri }) => [file, trackingUri])).toEqual([
      [elsewhere.file, 'http://localhost:5000'],
      [tracing.file, 'http://localhost:5000'],
    ]);
    expect(next?.notify).toEqual([others, { ...others, file: USER, created: false }]);
    expect(next?.stopHook).toEqual(stopHook);
  });

  it('has one edit of the user’s config.toml for the notifier and a Stop hook', () => {
    const stopHook = {
      argv: ['m', 'stop-hook'],
      command: 'mlflow-codex stop-hook',
      events: ['Stop' as const],
    };
    const made = planSetup({ ...inputOf({ codex: '0.169.0', user: 'a = 1\n' }), stopHook });
    const hook =
      '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "mlflow-codex stop-hook"\n';
    expect(made.edits.map(({ path, role }) => [path, role])).toEqual([
      [tracing.file, 'tracing-config'],
      [USER, 'codex-config'],
      ['/h/.codex/mlflow-codex/setup.json', 'record'],
    ]);
    expect(made.edits[1]).toEqual({
      path: USER,
      role: 'codex-config',
      before: 'a = 1\n',
      after: `a = 1\n${LINE}\n${hook}`,
      backup: 'make',
    });
    expect(told(made)).toEqual([
      ...inUsers('0.169.0'),
      { code: 'stop-hook-trust', level: 'info', args: { file: USER, hooks: 'Stop hook' } },
    ]);
    expect(recordIn(made)).toMatchObject({ notify: [{ file: USER }], stopHook: made.stopHook?.record });
    const again = inputOf({ codex: '0.169.0', user: made.edits[1]?.after ?? '' });
    expect(told(planSetup({ ...again, stopHook }))).toEqual(inUsers('0.169.0'));
  });

  it('of a Stop hook leaves the notifier of a project’s own file an edit of its own', () => {
    const stopHook = {
      argv: ['m', 'stop-hook'],
      command: 'mlflow-codex stop-hook',
      events: ['Stop' as const],
    };
    const made = planSetup({ ...inputOf({ codex: '0.120.0' }), stopHook });
    expect(made.edits.map(({ path }) => path)).toEqual([
      tracing.file,
      PROJECT,
      USER,
      '/h/.codex/mlflow-codex/setup.json',
    ]);
  });

  it('has no edit of the record where that says the same, and takes an empty one away', () => {
    const at = (text: string | undefined) => ({ recordFile: file('/r', text) });
    const nothing = { version: 1 as const, tracing: [], notify: [] };
    const one = { ...nothing, notify: [{ file: USER, argv: OURS, created: true, createdFolder: false }] };
    const text = `${JSON.stringify(one, null, 2)}\n`;
    expect(recordEdit(at(text), one)).toEqual([]);
    expect(recordEdit(at(undefined), nothing)).toEqual([]);
    const edit = { path: '/r', role: 'record', backup: 'none' };
    expect(recordEdit(at(text), nothing)).toEqual([{ ...edit, before: text, after: undefined }]);
    expect(recordEdit(at(undefined), one)).toEqual([{ ...edit, before: undefined, after: text }]);
    for (const more of [
      { tracing: [tracing] },
      { stopHook: { file: USER } },
      { managedHooks: { file: '/etc/codex/requirements.toml' } },
    ]) {
      const [made] = recordEdit(at(undefined), { ...nothing, ...more } as unknown as SetupRecord);
      expect(made?.after).toBe(`${JSON.stringify({ ...nothing, ...more }, null, 2)}\n`);
    }
  });
});

describe('what stands in the slot', () => {
  it.each([
    ['an older program of ours', 'notify = ["node", "/x/@mlflow/codex/bundle/stop.js"]\n'],
    [
      'one of ours that does not start any more',
      'notify = ["node", "/gone/mlflow-codex.js", "notify-hook"]\n',
    ],
    ['one of ours in another version', 'notify = ["npx", "-y", "@mlflow/codex@0.0.1", "notify-hook"]\n'],
    ['nothing, said so', 'notify = []\n'],
  ])('is renewed where it is %s', (_, user) => {
    expect(texts(plan({ codex: '0.169.0', user: `a = 1\n${user}b = 2\n` }))).toEqual({
      [USER]: `a = 1\n${LINE}b = 2\n`,
    });
  });

  it('is left alone where it is ours in another form and starts', () => {
    const argv = ['node', '/x/bin/mlflow-codex.js', 'notify-hook'];
    const user = `notify = ${JSON.stringify(argv)}\n`;
    const made = plan({ codex: '0.169.0', user, working: [OURS, argv] });
    expect(texts(made)).toEqual({});
    expect(made.notify).toMatchObject([{ change: 'unchanged', record: { argv } }]);
  });

  it('is refused where it is somebody else’s: file, line, notifier and remedy, and no plan', () => {
    const act = () => plan({ codex: '0.169.0', user: `a = 1\n\n${FOREIGN}` });
    expect(act).toThrow(ForeignNotifier);
    expect(act).toThrow(`${USER}:3: Codex calls another program already: notify = ["bell"]`);
    try {
      act();
    } catch (error) {
      expect((error as UserError).hint).toContain('--forward-existing');
    }
  });

  it('is wrapped on request: the notifier is recorded, to be called and to be put back', () => {
    const made = plan({ codex: '0.169.0', user: `a = 1\n${FOREIGN}`, forward: true });
    expect(texts(made)).toEqual({ [USER]: `a = 1\n${LINE}` });
    expect(made.notify).toMatchObject([
      { change: 'forwarding', record: { forward: ['bell'], before: 'notify = ["bell"]' } },
    ]);
  });

  it.each(['notify = "bell"\n', '[notify]\na = 1\n', 'notify.a = 1\n'])(
    'is refused where nothing can be forwarded to: %j',
    (user) => {
      expect(() => plan({ codex: '0.169.0', user, forward: true })).toThrow(ForeignNotifier);
    },
  );

  it('of the user is not silenced by ours in a project, under an older Codex', () => {
    const input: Case = { codex: '0.120.0', user: FOREIGN };
    expect(() => plan(input)).toThrow(
      expect.objectContaining({
        message: `${USER}:1: In this project ours would silence the notifier that Codex calls everywhere: notify = ["bell"]`,
        file: USER,
        line: 1,
        argv: ['bell'],
      }),
    );
    expect(() => plan({ ...input, user: 'notify = 7\n', forward: true })).toThrow(
      `${USER}:1: In this project ours would silence the notifier that Codex calls everywhere`,
    );
    // Ours there, or none, is silenced by nobody.
    expect(texts(plan({ ...input, user: LINE }))).toEqual({ [PROJECT]: LINE });
    expect(plan({ ...input, user: LINE, forward: true }).notify[0]?.record).not.toHaveProperty('forward');
    const made = plan({ ...input, forward: true });
    expect(texts(made)).toEqual({ [PROJECT]: LINE });
    expect(made.notify).toMatchObject([{ file: PROJECT, record: { forward: ['bell'] } }]);
    const both = plan({ ...input, project: 'notify = ["own"]\n', forward: true });
    expect(both.notify).toMatchObject([{ file: PROJECT, record: { forward: ['own'] } }]);
  });

  it('is refused in one file of two: then neither is written', () => {
    expect(() => plan({ codex: undefined, project: FOREIGN })).toThrow(ForeignNotifier);
  });
});

describe('the tracing config', () => {
  const edited = (input: Case) => plan(input).edits.find(({ role }) => role === 'tracing-config')?.after;

  it('is made with address and experiment, and nothing else', () => {
    expect(JSON.parse(edited({ codex: '0.169.0' }) ?? '')).toEqual({
      trackingUri: 'http://localhost:5000',
      experimentId: '0',
    });
  });

  it('is left alone where it says the same', () => {
    expect(
      edited({ codex: '0.169.0', tracing: '{"experimentId": "0", "trackingUri":"http://localhost:5000"}' }),
    ).toBeUndefined();
  });

  it('keeps the user’s own keys, their order and their form; a name gives way to an id', () => {
    const tracing =
      '{\n\t"tags": { "team": "x" },\n\t"experimentName": "old",\n\t"trackingUri": "http://localhost:5000",\n\t"mine": 12345678901234567890\n}';
    expect(edited({ codex: '0.169.0', tracing })).toBe(
      '{\n\t"tags": { "team": "x" },\n\t"trackingUri": "http://localhost:5000",\n\t"mine": 12345678901234567890,\n\t"experimentId": "0"\n}',
    );
  });

  it.each(['{', '[]', '{"enabled": "yes"}'])(
    'is refused where it is broken (%j), never replaced',
    (tracing) => {
      expect(() => plan({ codex: '0.169.0', tracing })).toThrow(UserError);
      expect(() => plan({ codex: '0.169.0', tracing })).toThrow('/p/.codex/mlflow-tracing.json:1:');
    },
  );
});

it('plans nothing where config.toml is not TOML', () => {
  expect(() => plan({ codex: '0.169.0', user: 'a = \n' })).toThrow(`${USER}:1:`);
});

it('takes a project that is Codex’s home for the user’s', () => {
  const input = inputOf({ codex: '0.80.0' });
  delete input.files.project;
  const made = planSetup(input);
  expect(made.scope).toBe('user');
  expect(told(made)).toEqual([{ code: 'home-is-user-scope', level: 'info', args: {} }]);
  expect(made.tracing.file).toBe('/h/.codex/mlflow-tracing.json');
  expect(told(planSetup({ ...input, scope: 'user' }))).toEqual([]);
});

describe('a notifier of the machine’s', () => {
  const silenced = 'Ours would silence the notifier that Codex calls for everybody on this machine';

  it.each(['user', 'project'] as const)('is not silenced by the user’s own, unasked (%s scope)', (scope) => {
    const input: Case = { scope, codex: '0.171.0', system: `\n${FOREIGN}` };
    expect(() => plan(input)).toThrow(ForeignNotifier);
    expect(() => plan(input)).toThrow(
      expect.objectContaining({
        message: `${SYSTEM}:2: ${silenced}: notify = ["bell"]`,
        file: SYSTEM,
        line: 2,
        argv: ['bell'],
      }),
    );
  });

  it('cannot be called by ours where it is no list of texts', () => {
    const input: Case = { scope: 'user', codex: '0.171.0', system: 'notify = 7\n', forward: true };
    expect(() => plan(input)).toThrow(expect.objectContaining({ message: `${SYSTEM}:1: ${silenced}` }));
  });

  it('is called by ours where that is allowed, and by Codex again once ours is gone', () => {
    const [notify] = plan({ scope: 'user', codex: '0.171.0', system: FOREIGN, forward: true }).notify;
    // Nothing is put back into the user's file: the slot was empty.
    expect(notify).toStrictEqual({
      file: USER,
      change: 'forwarding',
      edit: { path: USER, role: 'codex-config', before: undefined, after: LINE, backup: 'make' },
      record: {
        file: USER,
        argv: OURS,
        created: true,
        createdFolder: true,
        inserted: LINE,
        forward: ['bell'],
      },
    });
  });

  it.each<[string, Case, string]>([
    ['it is ours', { user: '', system: LINE }, 'registered'],
    ['there is none', { user: '' }, 'registered'],
    ['the user has his own word already', { user: LINE, system: FOREIGN }, 'unchanged'],
    ['the user has switched it off', { user: 'notify = []\n', system: FOREIGN }, 'registered'],
    ['the managed one is ours', { user: '', managed: LINE }, 'registered'],
  ])('is none of setup’s business where %s', (_, input, change) => {
    const [made] = plan({ scope: 'user', codex: '0.171.0', forward: true, ...input }).notify;
    expect(made?.change).toBe(change);
    expect(made?.record).not.toHaveProperty('forward');
  });

  it('is left to the machine where a Stop hook does the work beside it', () => {
    const input = inputOf({ scope: 'user', codex: '0.171.0', user: FOREIGN, system: FOREIGN });
    const made = planSetup({ ...input, notifier: { ...input.notifier, leaveForeign: true } });
    expect(made.notify.map(({ change }) => change)).toEqual(['foreign']);
  });

  it('in the managed config makes setup pointless: nobody could call ours', () => {
    const input: Case = { scope: 'user', codex: '0.171.0', managed: `\n\n${FOREIGN}`, forward: true };
    expect(() => plan(input)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: `${MANAGED}:3: Codex calls another program, and no user's config can change that`,
        hint: 'Ask the administrator of this machine for a Stop hook in requirements.toml (docs/platform.md)',
      }),
    );
  });

  it('is not asked for where nobody has read the machine’s files', () => {
    const input = inputOf({ scope: 'user', codex: '0.171.0' });
    delete input.files.machine;
    expect(planSetup(input).notify[0]?.change).toBe('registered');
  });

  it('says nothing of a setup that touches no file but an older Codex’s project', () => {
    const made = plan({ codex: '0.120.0', managed: FOREIGN, system: FOREIGN });
    expect(made.notify.map(({ file, change }) => [file, change])).toEqual([[PROJECT, 'registered']]);
  });
});
