import { describe, expect, it } from '@jest/globals';
import { ForeignNotifier } from '../../../src/commands/setup/plans/plan-notify.js';
import { planSetup, type SetupInput, type SetupPlan } from '../../../src/commands/setup/plans/plan-setup.js';
import type { TextFile } from '../../../src/commands/setup/plans/setup-state.js';
import { readNotifySlot } from '../../../src/install/codex-config/notify-slot.js';
import { UserError } from '../../../src/platform/problems/user-error.js';

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
const codes = ({ notices }: SetupPlan) => notices.map(({ code }) => code);

describe('where notify goes', () => {
  it.each<[string, Case, Record<string, string>, string[]]>([
    ['a user’s, whatever the Codex', { scope: 'user', codex: '0.80.0' }, { [USER]: LINE }, []],
    [
      'a project’s under a Codex that ignores it there',
      { codex: '0.169.0' },
      { [USER]: LINE },
      ['notify-in-user-config'],
    ],
    [
      'a project’s under the first such Codex',
      { codex: '0.130.0' },
      { [USER]: LINE },
      ['notify-in-user-config'],
    ],
    ['a project’s under 1.0', { codex: '1.0.0' }, { [USER]: LINE }, ['notify-in-user-config']],
    [
      'a project’s under an older Codex',
      { codex: '0.128.0' },
      { [PROJECT]: LINE },
      ['notify-in-project-config'],
    ],
    [
      'a project’s under a Codex that reads no project’s config',
      { codex: '0.60.1' },
      { [USER]: LINE },
      ['notify-in-user-config'],
    ],
    [
      'a project’s without a Codex',
      { codex: undefined },
      { [USER]: LINE, [PROJECT]: LINE },
      ['notify-in-both'],
    ],
  ])('%s', (_, input, expected, notices) => {
    const made = plan(input);
    expect(texts(made)).toEqual(expected);
    expect(codes(made)).toEqual(notices);
  });

  it('is nowhere new where it is already', () => {
    const made = plan({ codex: '0.169.0', user: `a = 1\n${LINE}` });
    expect(texts(made)).toEqual({});
    expect(made.notify).toMatchObject([{ change: 'unchanged', file: USER }]);
  });

  it('is not left in a project’s config that this Codex ignores', () => {
    const made = plan({ codex: '0.169.0', project: `a = 1\n${LINE}b = 2\n` });
    expect(texts(made)).toEqual({ [USER]: LINE, [PROJECT]: 'a = 1\nb = 2\n' });
    expect(codes(made)).toContain('leftover-removed');
    expect(texts(plan({ scope: 'user', codex: '0.169.0', project: LINE }))).toEqual({
      [USER]: LINE,
      [PROJECT]: '',
    });
  });

  it('stays in a project’s config where it is somebody else’s, or an older Codex reads it', () => {
    expect(texts(plan({ codex: '0.169.0', project: FOREIGN }))).toEqual({ [USER]: LINE });
    expect(texts(plan({ codex: '0.120.0', project: LINE }))).toEqual({});
    expect(texts(plan({ scope: 'user', codex: '0.120.0', project: LINE }))).toEqual({ [USER]: LINE });
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
    expect(() => plan(input)).toThrow('would silence');
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
  expect(codes(made)).toEqual(['home-is-user-scope']);
});

describe('a notifier of the machine’s', () => {
  it.each(['user', 'project'] as const)('is not silenced by the user’s own, unasked (%s scope)', (scope) => {
    const input: Case = { scope, codex: '0.171.0', system: FOREIGN };
    expect(() => plan(input)).toThrow(ForeignNotifier);
    expect(() => plan(input)).toThrow(`${SYSTEM}:1`);
  });

  it('is called by ours where that is allowed, and by Codex again once ours is gone', () => {
    const [notify] = plan({ scope: 'user', codex: '0.171.0', system: FOREIGN, forward: true }).notify;
    expect(notify).toMatchObject({ change: 'forwarding', record: { file: USER, forward: ['bell'] } });
    // Nothing is put back into the user's file: the slot was empty.
    expect(notify?.record?.before).toBeUndefined();
  });

  it('is none of setup’s business where it is ours, or where the user has his own word already', () => {
    expect(plan({ scope: 'user', codex: '0.171.0', system: LINE }).notify[0]?.change).toBe('registered');
    const users = { scope: 'user' as const, codex: '0.171.0', user: LINE, system: FOREIGN };
    expect(plan(users).notify[0]?.change).toBe('unchanged');
  });

  it('in the managed config makes setup pointless: nobody could call ours', () => {
    const input: Case = { scope: 'user', codex: '0.171.0', managed: FOREIGN, forward: true };
    expect(() => plan(input)).toThrow(UserError);
    expect(() => plan(input)).toThrow(`${MANAGED}:1`);
  });
});
