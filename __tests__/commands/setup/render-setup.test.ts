import { describe, expect, test } from '@jest/globals';
import type { ServerCheck } from '../../../src/commands/setup/check-server.js';
import type { NotifyPlan } from '../../../src/commands/setup/plans/plan-notify.js';
import type { SetupPlan } from '../../../src/commands/setup/plans/plan-setup.js';
import type { TracingPlan, TracingValues } from '../../../src/commands/setup/plans/plan-tracing.js';
import {
  editLines,
  hookRow,
  nextSteps,
  notifyRow,
  planLines,
  rowLines,
  tracingRow,
} from '../../../src/commands/setup/render-setup.js';
import type { Finding } from '../../../src/platform/problems/finding.js';

const edit = (before: string | undefined, after: string | undefined) =>
  ({ path: '/f', role: 'codex-config', before, after, backup: 'none' }) as const;

describe('of an edit setup shows', () => {
  test.each<[string, string | undefined, string | undefined, string[]]>([
    [
      'the stretch of lines that it changes',
      'a\nb\nc\n',
      'a\nx\ny\nc\n',
      ['/f, line 2', '  - b', '  + x', '  + y'],
    ],
    ['a line at the beginning', 'b\n', 'a\nb\n', ['/f, line 1', '  + a']],
    ['a line more of the same', 'a\na\n', 'a\na\na\n', ['/f, line 3', '  + a']],
    ['a line less of the same', 'a\na\na\n', 'a\na\n', ['/f, line 3', '  - a']],
    ['lines that are gone from the end', 'a\nb\nc\n', 'a\n', ['/f, line 2', '  - b', '  - c']],
    [
      'two places as one stretch',
      'a\nb\nc\n',
      'x\nb\ny\n',
      ['/f, line 1', '  - a', '  - b', '  - c', '  + x', '  + b', '  + y'],
    ],
    ['a new file whole', undefined, 'a\r\nb\r\n', ['/f (new)', '  + a', '  + b']],
    ['a file that goes whole', 'a\n', undefined, ['/f (removed)', '  - a']],
    ['what comes into an empty file', '', 'a', ['/f, line 1', '  + a']],
    ['what goes from a file that stays', 'a\n', '', ['/f, line 1', '  - a']],
    ['a blank line as one', 'a\n', 'a\n\n', ['/f, line 2', '  + ']],
    ['no control character', '\u001b[2J', 'a\u001b[2J', ['/f, line 1', '  -  [2J', '  + a [2J']],
    ['nothing where nothing changes', 'a\nb\n', 'a\nb\n', ['/f, line 3']],
  ])('%s', (_, before, after, lines) => {
    expect(editLines(edit(before, after))).toEqual(lines);
  });

  test('its path without detours', () => {
    expect(editLines({ ...edit('', 'a'), path: '/x/../f' })[0]).toBe('/f, line 1');
  });
});

describe('of one file setup says what becomes of it:', () => {
  const argv = ['mlflow-codex', 'notify-hook'];
  const record = { file: '/f', argv, created: false, createdFolder: false };
  const OURS = '["mlflow-codex","notify-hook"]';

  test.each<[NotifyPlan['change'], NotifyPlan['edit'], boolean, string, string]>([
    ['registered', edit(undefined, 'x'), true, 'created', `notify registered: ${OURS}`],
    ['registered', edit('', 'x'), true, 'changed', `notify registered: ${OURS}`],
    ['renewed', edit('y', 'x'), true, 'changed', `notify renewed: ${OURS}`],
    [
      'forwarding',
      edit('y', 'x'),
      true,
      'changed',
      `notify registered; it calls the notifier that was there first: ${OURS}`,
    ],
    ['unchanged', undefined, true, 'left alone', `notify registered already: ${OURS}`],
    ['foreign', undefined, false, 'left alone', 'notify left to the program that is there'],
    ['removed', edit('y', 'x'), false, 'changed', 'notify taken out'],
  ])('notify %s', (change, made, isRecorded, word, detail) => {
    const plan = { file: '/f', change, edit: made, record: isRecorded ? record : undefined };
    expect(notifyRow(plan)).toEqual({ file: '/f', change: word, detail });
  });

  test.each<[Parameters<typeof hookRow>[0]['change'], boolean, string, string]>([
    ['registered', true, 'created', 'Stop hook registered: m stop-hook'],
    ['registered', false, 'changed', 'Stop hook registered: m stop-hook'],
    ['renewed', false, 'changed', 'Stop hook renewed: m stop-hook'],
    ['unchanged', true, 'left alone', 'Stop hook registered already: m stop-hook'],
  ])('a hook %s, in a new file: %s', (change, isNew, word, detail) => {
    const hook = { file: '/f', command: 'm stop-hook', what: 'Stop hook', change, isNew };
    expect(hookRow(hook)).toEqual({ file: '/f', change: word, detail });
  });

  const at: TracingValues = { trackingUri: 'http://h/', experiment: undefined, traceLocation: undefined };
  const databricks: TracingValues = { ...at, trackingUri: 'databricks', traceLocation: 'a.b.c' };
  test.each<[string, TracingValues, TracingPlan['change'], string, string]>([
    ['no experiment', at, 'created', 'created', 'traces go to http://h'],
    [
      'an id',
      { ...at, experiment: { id: '7' } },
      'changed',
      'changed',
      'traces go to http://h, experiment 7',
    ],
    [
      'a name',
      { ...at, experiment: { name: 'n' } },
      'unchanged',
      'left alone',
      'traces go to http://h, experiment "n"',
    ],
    ['a trace location', databricks, 'created', 'created', 'traces go to databricks, a.b.c'],
    [
      'a trace location and an experiment',
      { ...databricks, experiment: { id: '7' } },
      'created',
      'created',
      'traces go to databricks, a.b.c',
    ],
    [
      'a workspace without a trace location',
      { ...databricks, trackingUri: 'databricks://p', traceLocation: undefined, experiment: { id: '7' } },
      'created',
      'created',
      'traces go to databricks://p, experiment 7',
    ],
    [
      'a trace location that no workspace is there for',
      { ...databricks, trackingUri: 'http://h' },
      'created',
      'created',
      'traces go to http://h',
    ],
  ])('the tracing config with %s', (_, values, change, word, detail) => {
    const plan = { file: '/t', change } as TracingPlan & { file: string };
    expect(tracingRow(plan, values)).toEqual({ file: '/t', change: word, detail });
  });

  test('in two lines, below each other', () => {
    const rows = [
      { file: '/a', change: 'left alone', detail: 'x\u001b[2J' },
      { file: '/b\u001b[2J', change: 'created', detail: 'y' },
    ];
    expect(rowLines(rows)).toEqual([
      'left alone  /a',
      '            x [2J',
      'created     /b [2J',
      '            y',
    ]);
  });

  test('for a whole plan, the hook last', () => {
    const plan = {
      tracing: { file: '/t', change: 'created' },
      notify: [
        { file: '/f', change: 'foreign', edit: undefined, record: undefined },
        { file: '/p', change: 'removed', edit: edit('a', ''), record: undefined },
      ],
      stopHook: {
        file: '/f',
        change: 'registered',
        events: ['Stop', 'SessionEnd'],
        record: { command: 'm stop-hook' },
      },
    } as unknown as SetupPlan;
    const lines = [
      'created     /t',
      '            traces go to http://h',
      'left alone  /f',
      '            notify left to the program that is there',
      'changed     /p',
      '            notify taken out',
    ];
    expect(planLines(plan, at)).toEqual([
      ...lines,
      'changed     /f',
      '            Stop and SessionEnd hooks registered: m stop-hook',
    ]);
    expect(planLines({ ...plan, stopHook: undefined }, at)).toEqual(lines);
  });
});

describe('what is left to do', () => {
  const steps = (
    trackingUri: string,
    state: ServerCheck['state'],
    experiment: TracingValues['experiment'] = { id: '7' },
    findings: Finding[] = [],
  ) => nextSteps({ trackingUri, experiment, traceLocation: undefined }, { state, findings });
  const [LAUNCH, LAST] = ['Launch codex, and have a turn with it', 'If none appear: mlflow-codex status'];

  test.each<[string, ServerCheck['state'], string]>([
    ['http://localhost:5000', 'up', 'Start MLflow: mlflow server --port 5000  (it is running)'],
    ['http://localhost:5000', 'down', 'Start MLflow: mlflow server --port 5000'],
    ['http://127.0.0.1', 'down', 'Start MLflow: mlflow server --port 80'],
    ['http://localhost:5000', 'slow', 'See that the server at http://localhost:5000 is running'],
    ['http://localhost:5000', 'unknown', 'See that the server at http://localhost:5000 is running'],
    ['http://far/', 'down', 'See that the server at http://far is running'],
  ])('begins with the server, where that is %s and %s', (uri, state, first) => {
    const shown = uri.replace(/\/$/, '');
    expect(steps(uri, state)).toEqual([
      `1. ${first}`,
      `2. ${LAUNCH}`,
      `3. See the traces at ${shown}/#/experiments/7/traces`,
      LAST,
    ]);
  });

  test.each<[string, ServerCheck['state'], string[]]>([
    ['http://far', 'up', [`1. ${LAUNCH}`, '2. See the traces at http://far/#/experiments/7/traces', LAST]],
    ['http://far/v1/traces', 'up', [`1. ${LAUNCH}`, '2. See the traces in MLflow', LAST]],
    [
      'http://localhost:4318/v1/traces',
      'down',
      [
        '1. See that the server at http://localhost:4318/v1/traces is running',
        `2. ${LAUNCH}`,
        '3. See the traces in MLflow',
        LAST,
      ],
    ],
    ['databricks', 'unknown', [`1. ${LAUNCH}`, '2. See the traces in MLflow', LAST]],
  ])('is less where %s is %s', (uri, state, expected) => {
    expect(steps(uri, state)).toEqual(expected);
  });

  test.each<[string, TracingValues['experiment'], Finding[], string]>([
    ['no experiment is known', undefined, [], 'experiments'],
    ['its id is not known', { name: 'n' }, [], 'experiments'],
    [
      'its id was found',
      { name: 'n' },
      [
        { code: 'offline', level: 'info', args: {} },
        { code: 'experiment-active', level: 'ok', args: { uri: 'http://far', id: '12', name: 'n' } },
      ],
      'experiments/12/traces',
    ],
    [
      'it was made',
      { name: 'n' },
      [{ code: 'experiment-created', level: 'ok', args: { uri: 'http://far', id: '13', name: 'n' } }],
      'experiments/13/traces',
    ],
  ])('leads to the experiments, where %s', (_, experiment, findings, page) => {
    const given = experiment === undefined ? {} : { experiment };
    const values = { trackingUri: 'http://far', experiment: undefined, traceLocation: undefined, ...given };
    expect(nextSteps(values, { state: 'up', findings })[1]).toBe(`2. See the traces at http://far/#/${page}`);
  });
});
