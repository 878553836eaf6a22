import { describe, expect, test } from '@jest/globals';
import type { TextFile } from '../../../../src/commands/setup/plans/setup-state.js';
import {
  planManagedHooks,
  planManagedHooksRemoval,
} from '../../../../src/commands/setup/system/plan-managed-hooks.js';
import type { ManagedHooksRecord } from '../../../../src/install/setup-record.js';
import { sha256 } from '../../../../src/platform/sha256.js';
import { plannedFile } from '../planned-file.js';

const COMMAND = '/bin/mlflow-codex stop-hook';
const OLD = '/old/mlflow-codex stop-hook';
const MINE = 'MLFLOW_EXPERIMENT_ID=7 mlflow-codex stop-hook';
const ON = '[features]\nhooks = true\n';
const hook = (command = COMMAND) =>
  `[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "${command}"\n`;
const events = ['Stop'] as const;

const { file, edit } = plannedFile('/r');
const record = (more: Partial<ManagedHooksRecord> & { wrote: string }): ManagedHooksRecord => ({
  file: '/r',
  command: COMMAND,
  inserted: { events, feature: ON, hooks: `\n${hook()}` },
  created: false,
  createdFolder: false,
  ...more,
});

describe('the plan of managed hooks', () => {
  const plan = (at: TextFile, known?: ManagedHooksRecord) =>
    planManagedHooks(at, { command: COMMAND, events }, known);
  const WHOLE = `${ON}\n${hook()}`;

  test('makes the file, and remembers that', () => {
    expect(plan(file(undefined, { folderMissing: true }))).toStrictEqual({
      file: '/r',
      change: 'registered',
      edit: edit(undefined, WHOLE),
      record: record({ created: true, createdFolder: true, wrote: sha256(WHOLE) }),
      command: COMMAND,
      events,
    });
  });

  test('adds to an administrator’s file, and remembers all of it', () => {
    const after = `a = 1\n\n${WHOLE}`;
    expect(plan(file('a = 1\n'))).toStrictEqual({
      file: '/r',
      change: 'registered',
      edit: edit('a = 1\n', after),
      record: record({
        inserted: { events, feature: `\n${ON}`, hooks: `\n${hook()}` },
        wrote: sha256(after),
        beforeText: 'a = 1\n',
      }),
      command: COMMAND,
      events,
    });
    expect(plan(file('')).record).toMatchObject({ beforeText: '', created: false });
  });

  test('leaves what says the same alone, and what is known of it', () => {
    const known = record({ wrote: sha256(WHOLE) });
    const unchanged = { file: '/r', change: 'unchanged', edit: undefined, command: COMMAND, events };
    expect(plan(file(WHOLE), known)).toStrictEqual({ ...unchanged, record: known });
    // An administrator has written it: nothing is to be taken back, and what is told is what Codex runs.
    expect(plan(file(`${ON}\n${hook(MINE)}`))).toStrictEqual({
      ...unchanged,
      record: undefined,
      command: MINE,
    });
  });

  test('renews its own where the program has moved, and still knows the first state', () => {
    const old = `a = 1\n\n${ON}\n${hook(OLD)}`;
    const after = `a = 1\n\n${WHOLE}`;
    const known = record({
      command: OLD,
      inserted: { events, feature: `\n${ON}`, hooks: `\n${hook(OLD)}` },
      wrote: sha256(old),
      beforeText: 'a = 1\n',
    });
    const renewed = {
      file: '/r',
      change: 'renewed',
      edit: edit(old, after, 'none'),
      record: {
        ...known,
        command: COMMAND,
        inserted: { events, feature: `\n${ON}`, hooks: `\n${hook()}` },
        wrote: sha256(after),
      },
      command: COMMAND,
      events,
    };
    expect(plan(file(old), known)).toStrictEqual(renewed);
    const { beforeText: _, ...bare } = renewed.record;
    // Somebody has written into it: the first state cannot come back whole.
    expect(plan(file(old), { ...known, wrote: 'other' }).record).toStrictEqual(bare);
    const { beforeText: __, ...made } = { ...known, created: true, createdFolder: true };
    expect(plan(file(old), made).record).toStrictEqual({ ...bare, created: true, createdFolder: true });
  });

  test('begins anew where its hooks are gone, whatever an earlier setup made', () => {
    const known = record({ created: true, createdFolder: true, wrote: 'x', beforeText: 'old' });
    const { change, edit: made, record: next } = plan(file('a = 1\n'), known);
    expect([change, made?.backup]).toEqual(['registered', 'make']);
    expect(next).toMatchObject({ created: false, createdFolder: false, beforeText: 'a = 1\n' });
  });

  test('adds the event that is missing beside an administrator’s hook', () => {
    const text = `${ON}\n${hook(MINE)}`;
    const made = planManagedHooks(
      file(text),
      { command: COMMAND, events: ['Stop', 'SessionEnd'] },
      undefined,
    );
    const added = `\n${hook().replaceAll('hooks.Stop', 'hooks.SessionEnd')}`;
    expect(made).toStrictEqual({
      file: '/r',
      change: 'renewed',
      edit: edit(text, text + added),
      record: record({
        inserted: { events: ['SessionEnd'], hooks: added },
        wrote: sha256(text + added),
        beforeText: text,
      }),
      command: COMMAND,
      events: ['Stop', 'SessionEnd'],
    });
  });
});

describe('the plan that takes managed hooks out again', () => {
  const there = `a = 1\n\n${hook()}`;
  const known = record({
    inserted: { events, hooks: `\n${hook()}` },
    wrote: sha256(there),
    beforeText: 'was\n',
  });
  const { beforeText: _, ...unknown } = known;

  test('is none without a record, a file or a hook', () => {
    expect(planManagedHooksRemoval(file(there), undefined)).toBeUndefined();
    expect(planManagedHooksRemoval(file(), known)).toBeUndefined();
    expect(planManagedHooksRemoval(file('a = 1\n'), known)).toBeUndefined();
  });

  test('gives the former text back where nobody has changed it since', () => {
    expect(planManagedHooksRemoval(file(there), known)).toStrictEqual(edit(there, 'was\n'));
    expect(planManagedHooksRemoval(file(there, { backup: 'was\n' }), known)).toStrictEqual(
      edit(there, 'was\n', 'remove'),
    );
  });

  test('takes a file of setup’s away', () => {
    const made = { ...unknown, created: true };
    expect(planManagedHooksRemoval(file(there), made)).toStrictEqual(edit(there, undefined, 'remove'));
    // Emptied by hand but for the hooks.
    expect(planManagedHooksRemoval(file(`\n${hook()}`), made)).toStrictEqual(
      edit(`\n${hook()}`, undefined, 'remove'),
    );
  });

  test('takes out the hooks alone where somebody has written into the file since', () => {
    const later = `b = 2\n\n${hook()}`;
    expect(planManagedHooksRemoval(file(later), known)).toStrictEqual(edit(later, 'b = 2\n'));
    expect(planManagedHooksRemoval(file(later, { backup: 'b = 2\n' }), known)?.backup).toBe('remove');
    expect(planManagedHooksRemoval(file(later), { ...unknown, created: true })).toStrictEqual(
      edit(later, 'b = 2\n'),
    );
    expect(planManagedHooksRemoval(file(`\n${hook()}`), known)?.after).toBe('');
    expect(planManagedHooksRemoval(file(there), unknown)).toStrictEqual(edit(there, 'a = 1\n'));
  });
});
