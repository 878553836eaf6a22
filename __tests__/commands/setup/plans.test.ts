import { describe, expect, test } from '@jest/globals';
import { planNotify, planNotifyRemoval } from '../../../src/commands/setup/plans/plan-notify.js';
import { planTracing, type TracingValues } from '../../../src/commands/setup/plans/plan-tracing.js';
import type { TextFile } from '../../../src/commands/setup/plans/setup-state.js';
import {
  editLines,
  hookRow,
  nextSteps,
  notifyRow,
  planLines,
} from '../../../src/commands/setup/render-setup.js';
import type { NotifyRecord, TracingRecord } from '../../../src/install/setup-record.js';
import { sha256 } from '../../../src/platform/sha256.js';

const OURS = ['mlflow-codex', 'notify-hook'];
const LINE = 'notify = ["mlflow-codex", "notify-hook"]\n';
const OLD = ['node', '/old/mlflow-codex.js', 'notify-hook'];
const OLD_LINE = 'notify = ["node", "/old/mlflow-codex.js", "notify-hook"]\n';

const file = (text?: string, more: Partial<TextFile> = {}): TextFile => ({
  path: '/f',
  backupFile: '/backups/f',
  folderMissing: false,
  ...(text === undefined ? {} : { text }),
  ...more,
});

describe('the plan of a tracing config', () => {
  const values = (more: Partial<TracingValues> = {}): TracingValues => ({
    trackingUri: 'http://h',
    experiment: { id: '7' },
    traceLocation: undefined,
    ...more,
  });
  const known = (more: Partial<TracingRecord> = {}): TracingRecord => ({
    scope: 'user',
    file: '/f',
    trackingUri: 'http://old',
    created: false,
    createdFolder: false,
    before: {},
    ...more,
  });
  const plan = (from: TextFile, wanted: TracingValues = values(), record?: TracingRecord) =>
    planTracing(from, 'user', wanted, record);

  test('of a file that is not there makes it, and remembers that', () => {
    const text = '{\n  "trackingUri": "http://h",\n  "experimentName": "n",\n  "traceLocation": "a.b.c"\n}\n';
    const wanted = values({ experiment: { name: 'n' }, traceLocation: 'a.b.c' });
    expect(plan(file(undefined, { folderMissing: true }), wanted)).toEqual({
      change: 'created',
      edit: { path: '/f', role: 'tracing-config', before: undefined, after: text, backup: 'none' },
      record: {
        scope: 'user',
        file: '/f',
        trackingUri: 'http://h',
        created: true,
        createdFolder: true,
        before: {},
        wrote: sha256(text),
      },
    });
    const { edit } = plan(file(), values({ experiment: undefined }));
    expect(JSON.parse(edit?.after ?? '')).toEqual({ trackingUri: 'http://h' });
  });

  test('of a file that says the same changes nothing, and keeps what an earlier setup recorded', () => {
    const same = file('{"trackingUri": "http://h", "experimentId": "7"}');
    const record = known({ created: true, createdFolder: true, before: { a: 1 } });
    expect(plan(same, values(), record)).toEqual({
      change: 'unchanged',
      edit: undefined,
      record: { ...record, trackingUri: 'http://h' },
    });
    expect(plan(same).record).toMatchObject({ created: false, createdFolder: false, before: {} });
  });

  test('of a person’s file remembers all of it, and each changed key as it was', () => {
    const text = '{"experimentName": "mine", "trackingUri": "http://h"}';
    expect(plan(file(text))).toMatchObject({
      change: 'changed',
      edit: { before: text, after: '{"trackingUri": "http://h", "experimentId": "7"}', backup: 'make' },
      record: { created: false, before: { experimentId: null, experimentName: 'mine' }, beforeText: text },
    });
  });

  test('of a file that setup made remembers nothing of what it wrote itself', () => {
    const text = '{"trackingUri": "http://old", "experimentId": "7"}';
    const { record, edit } = plan(file(text), values(), known({ created: true, wrote: sha256(text) }));
    expect(record).toMatchObject({ created: true, before: {} });
    expect(record).not.toHaveProperty('beforeText');
    expect(edit?.backup).toBe('none');
  });

  test('of a file changed by an earlier setup gives back what was there before that, key by key', () => {
    const text = '{"trackingUri": "http://old", "experimentId": "1"}';
    const record = known({
      before: { experimentId: '0' },
      beforeText: '{"experimentId": "0"}',
      wrote: sha256(text),
    });
    const again = plan(file(text), values(), record);
    expect(again.record).toMatchObject({
      before: { trackingUri: 'http://old', experimentId: '0' },
      beforeText: '{"experimentId": "0"}',
    });
    expect(again.edit?.backup).toBe('make');
    expect(plan(file(text, { backup: 'x' }), values(), record).edit?.backup).toBe('none');
    // A person has written in between: only keys can be given back.
    const edited = plan(file(`${text} `), values(), record).record;
    expect(edited).not.toHaveProperty('beforeText');
  });
});

describe('the plan of the notify slot', () => {
  const wish = { argv: OURS, working: [OURS], forwardExisting: false };
  const record: NotifyRecord = {
    file: '/f',
    argv: OLD,
    created: true,
    createdFolder: true,
    inserted: `${OLD_LINE}\n`,
  };

  test('fills an empty slot, and remembers whether file and folder were there', () => {
    const made = planNotify(file(undefined, { folderMissing: true }), wish, undefined);
    expect(made).toMatchObject({
      change: 'registered',
      edit: { after: LINE, backup: 'make', role: 'codex-config' },
      record: { file: '/f', argv: OURS, created: true, createdFolder: true, inserted: LINE },
    });
    expect(planNotify(file(''), wish, undefined).record).toMatchObject({
      created: false,
      createdFolder: false,
    });
  });

  test('leaves one of ours alone that works', () => {
    const kept = planNotify(file(LINE), wish, undefined);
    expect(kept).toEqual({
      file: '/f',
      change: 'unchanged',
      edit: undefined,
      record: { file: '/f', created: false, createdFolder: false, argv: OURS },
    });
    expect(planNotify(file(LINE), wish, record).record).toMatchObject({ created: true, createdFolder: true });
  });

  test('renews one of ours that does not, so that uninstall still undoes the first setup', () => {
    const renewed = planNotify(file(`${OLD_LINE}\n[t]\n`), wish, record);
    expect(renewed).toMatchObject({
      change: 'renewed',
      edit: { after: `${LINE}\n[t]\n`, backup: 'make' },
      record: { ...record, argv: OURS, inserted: `${LINE}\n` },
    });
    expect(planNotify(file(OLD_LINE, { backup: '' }), wish, record).edit?.backup).toBe('none');
    expect(planNotify(file(OLD_LINE), wish, undefined).record).not.toHaveProperty('inserted');
  });

  test('leaves somebody else’s alone beside a Stop hook, unless it may be forwarded to', () => {
    const theirs = file('notify = ["bell"]\n');
    const beside = { ...wish, leaveForeign: true };
    expect(planNotify(theirs, beside, undefined)).toEqual({
      file: '/f',
      change: 'foreign',
      edit: undefined,
      record: undefined,
    });
    const forwarding = planNotify(theirs, { ...beside, forwardExisting: true }, undefined);
    expect(forwarding).toMatchObject({ change: 'forwarding', record: { forward: ['bell'] } });
    expect(() => planNotify(theirs, wish, undefined)).toThrow(
      expect.objectContaining({
        message: '/f:1: Codex calls another program already: notify = ["bell"]',
        hint: expect.stringContaining('--forward-existing'),
      }),
    );
    expect(() => planNotify(file('notify = 7\n'), { ...wish, forwardExisting: true }, undefined)).toThrow(
      expect.objectContaining({
        message: '/f:1: notify is no list of texts, and Codex refuses it',
        hint: expect.stringContaining('Remove it from /f'),
      }),
    );
  });

  test('takes ours out again, and the file with it where nothing else is in one that setup made', () => {
    const removed = (text: string, known?: NotifyRecord, more: Partial<TextFile> = {}) =>
      planNotifyRemoval(file(text, more), known)?.edit;
    expect(removed(LINE, record)).toMatchObject({ after: undefined, backup: 'none' });
    expect(removed(LINE, { ...record, created: false })).toMatchObject({ after: '', backup: 'make' });
    expect(removed(`a = 1\n${LINE}`)).toMatchObject({ after: 'a = 1\n', backup: 'make' });
    expect(removed(`a = 1\n${LINE}`, undefined, { backup: 'a = 1\n' })).toMatchObject({ backup: 'remove' });
    expect(removed('notify = ["bell"]\n')).toBeUndefined();
    expect(planNotifyRemoval(file(), record)).toBeUndefined();
  });
});

describe('what setup says', () => {
  const edit = (before: string | undefined, after: string | undefined) =>
    ({ path: '/f', role: 'codex-config', before, after, backup: 'none' }) as const;

  test('of an edit is the stretch of lines that it changes', () => {
    expect(editLines(edit('a\nb\nc\n', 'a\nx\ny\nc\n'))).toEqual(['/f, line 2', '  - b', '  + x', '  + y']);
    expect(editLines(edit('a\na\n', 'a\na\na\n'))).toEqual(['/f, line 3', '  + a']);
    expect(editLines(edit(undefined, 'a\r\nb\r\n'))).toEqual(['/f (new)', '  + a', '  + b']);
    expect(editLines(edit('a\n', undefined))).toEqual(['/f (removed)', '  - a']);
    expect(editLines(edit('', 'a\u001b[2J'))).toEqual(['/f, line 1', '  + a [2J']);
  });

  test('of each file is what becomes of it', () => {
    const base = { file: '/f', record: { argv: OURS } as NotifyRecord };
    const row = (change: 'registered' | 'unchanged' | 'foreign', made: ReturnType<typeof edit> | undefined) =>
      notifyRow({ ...base, change, edit: made, record: change === 'foreign' ? undefined : base.record });
    expect(row('registered', edit(undefined, 'x'))).toEqual({
      file: '/f',
      change: 'created',
      detail: 'notify registered: ["mlflow-codex","notify-hook"]',
    });
    expect(row('registered', edit('', 'x')).change).toBe('changed');
    expect(row('unchanged', undefined).change).toBe('left alone');
    expect(row('foreign', undefined).detail).toBe('notify left to the program that is there');
    const hook = { file: '/f', command: 'm stop-hook', what: 'Stop hook' };
    expect(hookRow({ ...hook, change: 'registered', isNew: true })).toMatchObject({
      change: 'created',
      detail: 'Stop hook registered: m stop-hook',
    });
    expect(hookRow({ ...hook, change: 'renewed', isNew: false }).change).toBe('changed');
    expect(hookRow({ ...hook, change: 'unchanged', isNew: true })).toMatchObject({
      change: 'left alone',
      detail: 'Stop hook registered already: m stop-hook',
    });
  });

  test('of a plan is where traces go, and what Codex calls', () => {
    const told = (values: TracingValues, change: 'created' | 'changed' | 'unchanged' = 'created') =>
      planLines({ tracing: { file: '/t', change }, notify: [], stopHook: undefined } as never, values);
    const at = { trackingUri: 'http://h/', experiment: undefined, traceLocation: undefined };
    expect(told(at)).toEqual(['created  /t', '         traces go to http://h']);
    expect(told({ ...at, experiment: { id: '7' } }, 'changed')).toEqual([
      'changed  /t',
      '         traces go to http://h, experiment 7',
    ]);
    expect(told({ ...at, experiment: { name: 'n' } }, 'unchanged')[1]).toContain('http://h, experiment "n"');
    const databricks = { ...at, trackingUri: 'databricks', traceLocation: 'a.b.c' };
    expect(told(databricks)[1]).toContain('traces go to databricks, a.b.c');
    expect(told({ ...databricks, trackingUri: 'http://h' })[1]).toBe('         traces go to http://h');
  });

  test('of what is left to do depends on where the server is and whether it runs', () => {
    const steps = (
      trackingUri: string,
      state: string,
      experiment: TracingValues['experiment'] = { id: '7' },
    ) => nextSteps({ trackingUri, experiment, traceLocation: undefined }, { state, findings: [] } as never);
    expect(steps('http://localhost:5000', 'up')).toEqual([
      '1. Start MLflow: mlflow server --port 5000  (it is running)',
      '2. Launch codex, and have a turn with it',
      '3. See the traces at http://localhost:5000/#/experiments/7/traces',
      'If none appear: mlflow-codex status',
    ]);
    expect(steps('http://localhost:5000', 'down')[0]).toBe('1. Start MLflow: mlflow server --port 5000');
    expect(steps('http://far', 'down')[0]).toBe('1. See that the server at http://far is running');
    expect(steps('http://far', 'up', { name: 'n' })).toEqual([
      '1. Launch codex, and have a turn with it',
      '2. See the traces at http://far/#/experiments',
      'If none appear: mlflow-codex status',
    ]);
    expect(steps('http://far/v1/traces', 'up')[1]).toBe('2. See the traces in MLflow');
    expect(steps('databricks', 'down')[0]).toBe('1. Launch codex, and have a turn with it');
  });
});
