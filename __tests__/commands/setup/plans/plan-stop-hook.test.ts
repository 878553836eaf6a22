import { describe, expect, test } from '@jest/globals';
import { planStopHook, planStopHookRemoval } from '../../../../src/commands/setup/plans/plan-stop-hook.js';
import type { TextFile } from '../../../../src/commands/setup/plans/setup-state.js';
import type { HookEvent } from '../../../../src/install/codex-config/hook-entries.js';
import type { FileEdit } from '../../../../src/install/file-edit.js';
import type { StopHookRecord } from '../../../../src/install/setup-record.js';
import { plannedFile } from '../planned-file.js';

const COMMAND = '/bin/mlflow-codex stop-hook';
const OLD = '/old/mlflow-codex stop-hook';
const MINE = 'MLFLOW_EXPERIMENT_ID=7 mlflow-codex stop-hook';

const hook = (event: HookEvent, command = COMMAND) =>
  `[[hooks.${event}]]\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = "${command}"\n`;
const BOTH = `${hook('Stop')}\n${hook('SessionEnd')}`;

const { file, edit } = plannedFile('/f');
const record = (
  events: HookEvent[],
  inserted: string,
  more: Partial<StopHookRecord> = {},
): StopHookRecord => ({
  file: '/f',
  argv: ['/bin/mlflow-codex', 'stop-hook'],
  command: COMMAND,
  events,
  inserted,
  created: false,
  createdFolder: false,
  ...more,
});

describe('the plan of a Stop hook', () => {
  const plan = (
    at: TextFile,
    known?: StopHookRecord,
    events: HookEvent[] = ['Stop', 'SessionEnd'],
    present?: FileEdit,
  ) =>
    planStopHook(at, present, { argv: ['/bin/mlflow-codex', 'stop-hook'], command: COMMAND, events }, known);

  test('makes the file where there is none, and remembers that', () => {
    expect(plan(file(undefined, { folderMissing: true }))).toStrictEqual({
      file: '/f',
      events: ['Stop', 'SessionEnd'],
      change: 'registered',
      edit: edit(undefined, BOTH),
      record: record(['Stop', 'SessionEnd'], BOTH, { created: true, createdFolder: true }),
    });
  });

  test('adds to what is there, and to what else is to be changed in the file, with one copy of what it was', () => {
    const already = edit('a = 1\n', 'notify = []\na = 1\n', 'none');
    expect(plan(file('a = 1\n'), undefined, ['Stop'], already)).toStrictEqual({
      file: '/f',
      events: ['Stop'],
      change: 'registered',
      edit: edit('a = 1\n', `notify = []\na = 1\n\n${hook('Stop')}`, 'none'),
      record: record(['Stop'], `\n${hook('Stop')}`),
    });
  });

  test('leaves hooks alone that say the same, and what is known of them', () => {
    const known = record(['Stop', 'SessionEnd'], BOTH, { created: true, createdFolder: true });
    const already = edit(BOTH, `a = 1\n${BOTH}`);
    expect(plan(file(BOTH), known, ['Stop'], already)).toStrictEqual({
      file: '/f',
      events: ['Stop', 'SessionEnd'],
      change: 'unchanged',
      edit: already,
      record: known,
    });
  });

  test('leaves a person’s own hook as it is, the first time and again', () => {
    const text = hook('Stop', MINE);
    const first = plan(file(text), undefined, ['Stop']);
    expect(first).toStrictEqual({
      file: '/f',
      events: ['Stop'],
      change: 'unchanged',
      edit: undefined,
      record: record([], '', { command: MINE }),
    });
    expect(plan(file(text), first.record, ['Stop'])).toStrictEqual(first);
  });

  test('adds only the hook that is missing beside a person’s, and leaves both alone from then on', () => {
    const text = hook('SessionEnd', MINE);
    const first = plan(file(text));
    expect(first).toStrictEqual({
      file: '/f',
      events: ['Stop', 'SessionEnd'],
      change: 'renewed',
      edit: edit(text, `${text}\n${hook('Stop')}`),
      record: record(['Stop'], `\n${hook('Stop')}`),
    });
    expect(plan(file(first.edit?.after), first.record)).toStrictEqual({
      ...first,
      change: 'unchanged',
      edit: undefined,
    });
  });

  test('puts the program’s new place into its own hooks, and an event more where one is asked for', () => {
    const text = `a = 1\n\n${hook('Stop', OLD)}[tui]\n`;
    const known = record(['Stop'], `\n${hook('Stop', OLD)}`, { command: OLD });
    const both = `\n${hook('Stop')}\n${hook('UserPromptSubmit')}`;
    expect(plan(file(text), known, ['UserPromptSubmit'])).toStrictEqual({
      file: '/f',
      events: ['Stop', 'UserPromptSubmit'],
      change: 'renewed',
      edit: edit(text, `a = 1\n[tui]\n${both}`),
      record: record(['Stop', 'UserPromptSubmit'], both),
    });
  });

  test('puts it in where nothing else is asked for, and beside one hook that is gone', () => {
    const known = record(['Stop', 'SessionEnd'], hook('Stop', OLD), { command: OLD });
    const { change, edit: made } = plan(file(hook('Stop', OLD)), record(['Stop'], hook('Stop', OLD)), [
      'Stop',
    ]);
    expect([change, made?.after]).toEqual(['renewed', hook('Stop')]);
    expect(plan(file(hook('Stop', OLD)), known).edit?.after).toBe(BOTH);
  });

  test('takes a record without events for one of the Stop hook alone', () => {
    const { events: _, ...older } = record(['Stop'], hook('Stop'));
    expect(plan(file(hook('Stop')), older, ['Stop']).change).toBe('unchanged');
    expect(plan(file(hook('Stop')), older, []).record.events).toEqual(['Stop']);
  });

  test('is made anew where somebody has taken the hooks out since; a file of setup’s needs no copy', () => {
    const known = record(['Stop'], hook('Stop'), { created: true, createdFolder: true });
    expect(plan(file('a = 1\n'), known, ['Stop'])).toStrictEqual({
      file: '/f',
      events: ['Stop'],
      change: 'registered',
      edit: edit('a = 1\n', `a = 1\n\n${hook('Stop')}`, 'none'),
      record: record(['Stop'], `\n${hook('Stop')}`, { created: true, createdFolder: true }),
    });
    expect(plan(file('a = 1\n'), { ...known, created: false }, ['Stop']).edit?.backup).toBe('make');
  });
});

describe('the plan that takes the hooks out again', () => {
  const known = record(['Stop', 'SessionEnd'], `\n${BOTH}`);
  const there = `a = 1\n\n${BOTH}`;

  test.each<[string, TextFile, StopHookRecord | undefined]>([
    ['nothing is recorded', file(there), undefined],
    ['a person had written them', file(there), { ...known, inserted: '' }],
    ['the file is gone', file(), known],
    ['somebody has taken them out', file('a = 1\n'), known],
  ])('changes nothing of its own where %s', (_, at, recorded) => {
    expect(planStopHookRemoval(at, undefined, recorded)).toBeUndefined();
    const others = edit(at.text, at.text);
    expect(planStopHookRemoval(at, others, recorded)).toBe(others);
  });

  test('leaves a file alone that goes as a whole', () => {
    const gone = edit(there, undefined, 'none');
    expect(planStopHookRemoval(file(there), gone, known)).toBe(gone);
  });

  test('gives the former text back, and drops a copy that says the same', () => {
    expect(planStopHookRemoval(file(there), undefined, known)).toStrictEqual(edit(there, 'a = 1\n'));
    expect(planStopHookRemoval(file(there, { backup: 'a = 1\n' }), undefined, known)).toStrictEqual(
      edit(there, 'a = 1\n', 'remove'),
    );
    expect(planStopHookRemoval(file(there, { backup: 'b' }), undefined, known)?.backup).toBe('make');
  });

  test('goes on from what else is taken out of the file', () => {
    const before = `notify = []\n${there}`;
    expect(planStopHookRemoval(file(before), edit(before, there), known)).toStrictEqual(
      edit(before, 'a = 1\n'),
    );
  });

  test('takes the file away where setup made it and nothing else is in it', () => {
    const made = record(['Stop'], hook('Stop'), { created: true });
    expect(planStopHookRemoval(file(`${hook('Stop')}\n`), undefined, made)).toStrictEqual(
      edit(`${hook('Stop')}\n`, undefined, 'none'),
    );
    expect(planStopHookRemoval(file(`a = 1\n${hook('Stop')}`), undefined, made)?.after).toBe('a = 1\n');
    expect(planStopHookRemoval(file(hook('Stop')), undefined, { ...made, created: false })).toStrictEqual(
      edit(hook('Stop'), ''),
    );
  });

  test('takes one hook out where the other is gone already', () => {
    const one = record(['Stop', 'SessionEnd'], hook('SessionEnd'));
    expect(planStopHookRemoval(file(hook('SessionEnd')), undefined, one)?.after).toBe('');
  });
});
