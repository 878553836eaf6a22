import { describe, expect, test } from '@jest/globals';
import {
  ForeignNotifier,
  type NotifyWish,
  planNotify,
  planNotifyRemoval,
} from '../../../../src/commands/setup/plans/plan-notify.js';
import type { TextFile } from '../../../../src/commands/setup/plans/setup-state.js';
import type { FileEdit } from '../../../../src/install/file-edit.js';
import type { NotifyRecord } from '../../../../src/install/setup-record.js';
import { plannedFile } from '../planned-file.js';

const OURS = ['mlflow-codex', 'notify-hook'];
const LINE = 'notify = ["mlflow-codex", "notify-hook"]\n';
const OLD = ['node', '/old/mlflow-codex.js', 'notify-hook'];
const OLD_LINE = 'notify = ["node", "/old/mlflow-codex.js", "notify-hook"]\n';

const { file, edit } = plannedFile('/f');
const record = (more: Partial<NotifyRecord> = {}): NotifyRecord => ({
  file: '/f',
  argv: OURS,
  created: false,
  createdFolder: false,
  ...more,
});
const wish: NotifyWish = { argv: OURS, working: [OURS], forwardExisting: false };

describe('the plan of the notify slot', () => {
  test('makes a file for it, and remembers that', () => {
    expect(planNotify(file(undefined, { folderMissing: true }), wish, undefined)).toStrictEqual({
      file: '/f',
      change: 'registered',
      edit: edit(undefined, LINE),
      record: record({ created: true, createdFolder: true, inserted: LINE }),
    });
  });

  test.each([
    ['an empty one', 'a = 1\n', `a = 1\n${LINE}`, { inserted: LINE }],
    ['a file without a word', '', LINE, { inserted: LINE }],
    ['one that says none', 'notify = []\n', LINE, { before: 'notify = []' }],
  ])('fills %s', (_, text, after, how) => {
    expect(planNotify(file(text), wish, record({ inserted: 'old' }))).toStrictEqual({
      file: '/f',
      change: 'registered',
      edit: edit(text, after),
      record: record(how),
    });
  });

  test('leaves one of ours alone that works, and what is known of it', () => {
    const other = ['npx', '-y', '@mlflow/codex@0.0.1', 'notify-hook'];
    const text = `notify = ${JSON.stringify(other)}\n`;
    const kept = (known?: NotifyRecord) => planNotify(file(text), { ...wish, working: [OURS, other] }, known);
    expect(kept()).toStrictEqual({
      file: '/f',
      change: 'unchanged',
      edit: undefined,
      record: record({ argv: other }),
    });
    const known = record({ created: true, createdFolder: true, inserted: LINE, forward: ['bell'] });
    expect(kept(known).record).toStrictEqual({ ...known, argv: other });
  });

  test('renews one of ours that does not, so that uninstall still undoes the first setup', () => {
    const known = record({ argv: OLD, created: true, createdFolder: true, inserted: `${OLD_LINE}\n` });
    const text = `${OLD_LINE}\n[t]\n`;
    expect(planNotify(file(text), wish, known)).toStrictEqual({
      file: '/f',
      change: 'renewed',
      edit: edit(text, `${LINE}\n[t]\n`),
      record: record({ created: true, createdFolder: true, inserted: `${LINE}\n` }),
    });
    expect(planNotify(file(text, { backup: '' }), wish, known).edit?.backup).toBe('none');
    expect(planNotify(file(text), wish, undefined)).toStrictEqual({
      file: '/f',
      change: 'renewed',
      edit: edit(text, `${LINE}\n[t]\n`),
      record: record(),
    });
  });

  test('puts a program’s name into the record as it stands, dollars and all', () => {
    const argv = ['/opt/$&/mlflow-codex', 'notify-hook'];
    const known = record({ argv: OLD, inserted: OLD_LINE });
    expect(planNotify(file(OLD_LINE), { ...wish, argv, working: [argv] }, known).record?.inserted).toBe(
      'notify = ["/opt/$&/mlflow-codex", "notify-hook"]\n',
    );
  });

  const THEIRS = 'notify = ["bell"]\n';
  test('leaves somebody else’s alone where a Stop hook does the work', () => {
    expect(planNotify(file(THEIRS), { ...wish, leaveForeign: true }, undefined)).toStrictEqual({
      file: '/f',
      change: 'foreign',
      edit: undefined,
      record: undefined,
    });
  });

  test.each([true, false])(
    'takes its place where it may be forwarded to (a Stop hook beside it: %s)',
    (leaveForeign) => {
      expect(
        planNotify(file(THEIRS), { ...wish, forwardExisting: true, leaveForeign }, undefined),
      ).toStrictEqual({
        file: '/f',
        change: 'forwarding',
        edit: edit(THEIRS, LINE),
        record: record({ before: 'notify = ["bell"]', forward: ['bell'] }),
      });
    },
  );

  test.each<[string, string, boolean, object]>([
    [
      'somebody else’s',
      `\n${THEIRS}`,
      false,
      {
        name: 'ForeignNotifier',
        message: '/f:2: Codex calls another program already: notify = ["bell"]',
        hint: 'Run setup with --forward-existing: our hook then calls it first, with the same message, and uninstall puts it back; or with --stop-hook: it is left alone, and a Stop hook does the same work',
        file: '/f',
        line: 2,
        argv: ['bell'],
      },
    ],
    [
      'a value that Codex refuses',
      'notify = 7\n',
      false,
      {
        name: 'ForeignNotifier',
        message: '/f:1: notify is no list of texts, and Codex refuses it',
        hint: 'Remove it from /f; Codex calls only a list of texts',
        file: '/f',
        line: 1,
        argv: undefined,
      },
    ],
    [
      'a value that nothing can be forwarded to',
      'notify = 7\n',
      true,
      { message: '/f:1: notify is no list of texts, and Codex refuses it' },
    ],
  ])('goes no further at %s', (_, text, forwardExisting, said) => {
    const act = () => planNotify(file(text), { ...wish, forwardExisting }, undefined);
    expect(act).toThrow(ForeignNotifier);
    expect(act).toThrow(expect.objectContaining(said));
  });
});

describe('the plan that takes notify out again', () => {
  const removal = (at: TextFile, known?: NotifyRecord) => planNotifyRemoval(at, known);

  test('is none where it is not ours, or there is no file', () => {
    expect(removal(file('notify = ["bell"]\n'), record())).toBeUndefined();
    expect(removal(file('a = 1\n'), record())).toBeUndefined();
    expect(removal(file(), record())).toBeUndefined();
  });

  test.each<
    [string, string, NotifyRecord | undefined, Partial<TextFile>, string | undefined, FileEdit['backup']]
  >([
    ['takes a file of setup’s away', LINE, record({ created: true, inserted: LINE }), {}, undefined, 'none'],
    ['leaves a file that was there, empty', LINE, record({ inserted: LINE }), {}, '', 'make'],
    ['leaves a file that nobody knows who made', `${LINE}`, undefined, {}, '', 'make'],
    [
      'leaves what else is in a file of setup’s',
      `a = 1\n${LINE}`,
      record({ created: true }),
      {},
      'a = 1\n',
      'make',
    ],
    [
      'puts the former notifier back',
      LINE,
      record({ before: 'notify = ["bell"]' }),
      {},
      'notify = ["bell"]\n',
      'make',
    ],
    [
      'drops a copy that says the same',
      `a = 1\n${LINE}`,
      undefined,
      { backup: 'a = 1\n' },
      'a = 1\n',
      'remove',
    ],
    [
      'replaces a copy that says something else',
      `a = 1\n${LINE}`,
      undefined,
      { backup: 'b = 1\n' },
      'a = 1\n',
      'make',
    ],
  ])('%s', (_, text, known, more, after, backup) => {
    expect(removal(file(text, more), known)).toStrictEqual({
      file: '/f',
      change: 'removed',
      edit: edit(text, after, backup),
      record: undefined,
    });
  });
});
