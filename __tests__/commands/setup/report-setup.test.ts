import { describe, expect, test } from '@jest/globals';
import type { SetupPlan } from '../../../src/commands/setup/plans/plan-setup.js';
import { reportSetup, type SetupResult, setupJson } from '../../../src/commands/setup/report-setup.js';
import {
  reportSystem,
  type SystemResult,
  systemJson,
} from '../../../src/commands/setup/system/report-system.js';
import type { Finding } from '../../../src/platform/problems/finding.js';
import { recordedPrompts } from '../recorded-prompts.js';
import { Workbench } from '../workbench.js';

const values = { trackingUri: 'http://h:1/', experiment: { id: '7' }, traceLocation: undefined };
const inEffect = { ...values, trackingUri: 'http://far' };
const notice: Finding = { code: 'starts-slowly', level: 'info', args: {} };
const up: Finding = { code: 'server-up', level: 'ok', args: { uri: 'http://far', version: '3.17.2' } };
const down: Finding = {
  code: 'server-not-mlflow',
  level: 'warning',
  args: { uri: 'http://far', status: 404 },
};

const edits = [
  { path: '/t', role: 'tracing-config', before: undefined, after: '{}\n', backup: 'none' },
  {
    path: '/f',
    role: 'codex-config',
    before: 'token = "x"\n',
    after: 'token = "x"\na = 1\n',
    backup: 'make',
  },
  { path: '/s/setup.json', role: 'record', before: undefined, after: '{}\n', backup: 'none' },
];
const argv = ['m', 'notify-hook'];
const plan = (more: object = {}) =>
  ({
    scope: 'user',
    tracing: { file: '/t', change: 'created' },
    notify: [
      { file: '/f', change: 'registered', edit: edits[1], record: { file: '/f', argv, forward: ['bell'] } },
      { file: '/p', change: 'removed', edit: edits[1], record: undefined },
    ],
    stopHook: undefined,
    edits,
    notices: [notice],
    ...more,
  }) as unknown as SetupPlan;
const result = (more: Partial<SetupResult> = {}): SetupResult => ({
  plan: plan(),
  written: values,
  inEffect,
  server: { state: 'up', findings: [up] },
  isDone: true,
  ...more,
});

const FILES = [
  'created  /t',
  '         traces go to http://h:1, experiment 7',
  'changed  /f',
  '         notify registered: ["m","notify-hook"]',
  'changed  /p',
  '         notify taken out',
].join('\n');
const SLOW =
  '· The hook is started through npx, which costs time after every turn\n    → npm install -g @mlflow/codex && mlflow-codex setup';
const UP = '✓ MLflow 3.17.2 answers at http://far';
const STEPS = [
  '1. Launch codex, and have a turn with it',
  '2. See the traces at http://far/#/experiments/7/traces',
  'If none appear: mlflow-codex status',
];

/** A report to a person at a terminal, and the same to one without. */
function bothWays(report: (to: Parameters<typeof reportSetup>[1]) => void) {
  const bench = new Workbench();
  try {
    const [io, terminal] = [bench.io(), bench.io()];
    const { prompts, told } = recordedPrompts();
    report({ io: terminal, prompts, say: prompts.say });
    report({ io, prompts: undefined, say: (text) => io.stdout.write(`${text}\n\n`) });
    expect(terminal.ran(0)).toEqual({ code: 0, stdout: '', stderr: '' });
    return { told, printed: io.ran(0).stdout };
  } finally {
    bench.remove();
  }
}

describe('setup tells a person', () => {
  test('what was done, what was found, and what is left to do', () => {
    const { told, printed } = bothWays((to) => reportSetup(result(), to));
    expect(told).toEqual([
      `say: ${FILES}`,
      `say: ${SLOW}\n${UP}`,
      `note: Next steps\n${STEPS.join('\n')}`,
      'outro: Codex turns become traces from now on',
    ]);
    expect(printed).toBe(
      `${FILES}\n\n${SLOW}\n${UP}\n\nNext steps\n${STEPS.map((step) => `  ${step}\n`).join('')}`,
    );
  });

  test('that turns wait, where one thing about the server is not well', () => {
    const server = { state: 'unknown' as const, findings: [up, down] };
    const { told } = bothWays((to) => reportSetup(result({ server }), to));
    expect(told.at(-1)).toBe('outro: Codex turns are kept until a server takes them');
  });

  test('no more than the files, where there is nothing to say of them', () => {
    const quiet = { plan: plan({ notices: [] }), server: { state: 'unknown' as const, findings: [] } };
    const { told } = bothWays((to) => reportSetup(result(quiet), to));
    expect(told.map((one) => one.split(':')[0])).toEqual(['say', 'note', 'outro']);
  });

  test('that nothing was written', () => {
    const { told, printed } = bothWays((to) => reportSetup(result({ isDone: false }), to));
    expect(told).toEqual([`say: ${FILES}`, `say: ${SLOW}\n${UP}`, 'outro: Nothing was written']);
    expect(printed).toBe(`${FILES}\n\n${SLOW}\n${UP}\n\nNothing was written.\n`);
  });
});

describe('setup tells a program', () => {
  const json = (more: Partial<SetupResult> = {}) => JSON.parse(JSON.stringify(setupJson(result(more))));
  const WHOLE = {
    done: true,
    scope: 'user',
    trackingUri: 'http://h:1',
    experimentId: '7',
    tracing: { file: '/t', change: 'created' },
    notify: [
      { file: '/f', change: 'registered', argv, forward: ['bell'] },
      { file: '/p', change: 'removed' },
    ],
    edits: [
      { path: '/t', lines: ['  + {}'] },
      { path: '/f', lines: ['  + a = 1'] },
    ],
    findings: [notice, up],
  };

  test('the same, and of a file the changed lines alone', () => {
    expect(json()).toStrictEqual(WHOLE);
    expect(json({ isDone: false })).toStrictEqual({ ...WHOLE, done: false });
  });

  test('an experiment’s name, a trace location and a Stop hook, where there are some', () => {
    const { experimentId: _, ...rest } = WHOLE;
    const stopHook = { file: '/f', change: 'renewed', record: { command: 'm stop-hook' } };
    const written = { ...values, experiment: { name: 'n' }, traceLocation: 'a.b.c' };
    expect(json({ written, plan: plan({ stopHook }) })).toStrictEqual({
      ...rest,
      experimentName: 'n',
      traceLocation: 'a.b.c',
      stopHook: { file: '/f', change: 'renewed', command: 'm stop-hook' },
    });
    expect(json({ written: { ...values, experiment: undefined } })).toStrictEqual(rest);
  });
});

describe('setup --system tells', () => {
  const hooks = {
    file: '/r',
    change: 'registered',
    command: 'm stop-hook',
    events: ['Stop', 'SessionEnd'],
    edit: { ...edits[1], path: '/r', before: undefined },
  };
  const system = (more: object = {}, isDone = true) =>
    ({
      plan: {
        tracing: { file: '/t', change: 'created' },
        notify: { file: '/f', change: 'registered', edit: edits[1], record: { file: '/f', argv } },
        hooks,
        edits,
        notices: [notice],
        ...more,
      },
      written: values,
      server: { state: 'up', findings: [up] },
      isDone,
    }) as unknown as SystemResult;
  const ROWS = [
    'created  /t',
    '         traces go to http://h:1, experiment 7',
    'created  /r',
    '         Stop and SessionEnd hooks registered: m stop-hook',
    'changed  /f',
    '         notify registered: ["m","notify-hook"]',
  ];
  const TO_DO = [
    '1. Say in /t what nobody may loosen: "required", "redact", "content" (docs/platform.md)',
    '2. As a user of this machine: mlflow-codex status',
    '3. These files are text: copy them to other machines that have the program in the same place',
  ];

  test('an administrator what was done and what is left to do', () => {
    const { told, printed } = bothWays((to) => reportSystem(system(), to));
    expect(told).toEqual([
      `say: ${ROWS.join('\n')}`,
      `say: ${SLOW}\n${UP}`,
      `note: Next steps\n${TO_DO.join('\n')}`,
      'outro: Every user’s Codex turns become traces from now on',
    ]);
    expect(printed).toBe(
      `${ROWS.join('\n')}\n\n${SLOW}\n${UP}\n\nNext steps\n${TO_DO.map((step) => `  ${step}\n`).join('')}`,
    );
  });

  test('of a file that was there that it was changed, and of no hooks nothing', () => {
    const said = (more: object) => bothWays((to) => reportSystem(system(more), to)).told[0];
    expect(said({ hooks: { ...hooks, edit: { ...hooks.edit, before: '' } } })).toContain('changed  /r');
    expect(said({ hooks: { ...hooks, change: 'unchanged', edit: undefined } })).toContain('left alone  /r');
    expect(said({ hooks: undefined })).toBe(`say: ${[...ROWS.slice(0, 2), ...ROWS.slice(4)].join('\n')}`);
  });

  test('that nothing was written; nothing of findings where there are none', () => {
    const quiet = { ...system({ notices: [] }, false), server: { state: 'unknown' as const, findings: [] } };
    const { told, printed } = bothWays((to) => reportSystem(quiet, to));
    expect(told).toEqual([`say: ${ROWS.join('\n')}`, 'outro: Nothing was written']);
    expect(printed).toBe(`${ROWS.join('\n')}\n\nNothing was written.\n`);
  });

  test('a program the same', () => {
    const json = (of: SystemResult) => JSON.parse(JSON.stringify(systemJson(of)));
    const whole = {
      done: true,
      scope: 'system',
      trackingUri: 'http://h:1',
      experimentId: '7',
      tracing: { file: '/t', change: 'created' },
      notify: [{ file: '/f', change: 'registered', argv }],
      managedHooks: {
        file: '/r',
        change: 'registered',
        command: 'm stop-hook',
        events: ['Stop', 'SessionEnd'],
      },
      edits: [
        { path: '/t', lines: ['  + {}'] },
        { path: '/f', lines: ['  + a = 1'] },
      ],
      findings: [notice, up],
    };
    expect(json(system())).toStrictEqual(whole);
    const { experimentId: _, managedHooks: __, ...rest } = whole;
    const foreign = { file: '/f', change: 'foreign', edit: undefined, record: undefined };
    const other = system({ hooks: undefined, notify: foreign }, false);
    expect(
      json({ ...other, written: { ...values, experiment: { name: 'n' }, traceLocation: 'a.b.c' } }),
    ).toStrictEqual({
      ...rest,
      done: false,
      experimentName: 'n',
      traceLocation: 'a.b.c',
      notify: [{ file: '/f', change: 'foreign' }],
    });
    expect(json({ ...other, written: { ...values, experiment: undefined } })).not.toHaveProperty(
      'experimentId',
    );
  });
});
