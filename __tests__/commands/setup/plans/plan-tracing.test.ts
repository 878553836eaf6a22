import { describe, expect, test } from '@jest/globals';
import { planTracing, type TracingValues } from '../../../../src/commands/setup/plans/plan-tracing.js';
import type { TextFile } from '../../../../src/commands/setup/plans/setup-state.js';
import type { TracingRecord } from '../../../../src/install/setup-record.js';
import { sha256 } from '../../../../src/platform/sha256.js';
import { plannedFile } from '../planned-file.js';

const { file, edit } = plannedFile('/f', 'tracing-config');
const values = (more: Partial<TracingValues> = {}): TracingValues => ({
  trackingUri: 'http://h',
  experiment: { id: '7' },
  traceLocation: undefined,
  ...more,
});
const record = (more: Partial<TracingRecord> = {}): TracingRecord => ({
  scope: 'user',
  file: '/f',
  trackingUri: 'http://h',
  created: false,
  createdFolder: false,
  before: {},
  ...more,
});
const plan = (from: TextFile, wanted: TracingValues = values(), known?: TracingRecord) =>
  planTracing(from, 'user', wanted, known);

describe('the plan of a tracing config that is not there', () => {
  test.each<[string, Partial<TracingValues>, string]>([
    ['an experiment by its id', {}, '  "experimentId": "7"'],
    ['an experiment by its name', { experiment: { name: 'n' } }, '  "experimentName": "n"'],
    [
      'a trace location and no experiment',
      { experiment: undefined, traceLocation: 'a.b.c' },
      '  "traceLocation": "a.b.c"',
    ],
    ['turns that are shown live', { live: true }, '  "experimentId": "7",\n  "live": true'],
  ])('makes it with the address and %s, and remembers that', (_, more, lines) => {
    const text = `{\n  "trackingUri": "http://h",\n${lines}\n}\n`;
    expect(plan(file(undefined, { folderMissing: true }), values(more))).toStrictEqual({
      change: 'created',
      edit: edit(undefined, text, 'none'),
      record: record({ created: true, createdFolder: true, wrote: sha256(text) }),
    });
  });

  test('remembers that its folder was there', () => {
    expect(plan(file()).record).toMatchObject({ created: true, createdFolder: false });
  });
});

describe('the plan of a tracing config that says the same', () => {
  const same = file('{"trackingUri": "http://h", "experimentId": "7", "tags": {}}');

  test('changes nothing, and has nothing to give back', () => {
    expect(plan(same)).toStrictEqual({ change: 'unchanged', edit: undefined, record: record() });
  });

  test('keeps what an earlier setup recorded, with the address and the scope of now', () => {
    const known = record({
      scope: 'project',
      trackingUri: 'http://old',
      created: true,
      createdFolder: true,
      before: { experimentId: '1' },
      beforeText: 'x',
      wrote: 'y',
    });
    expect(plan(same, values(), known)).toStrictEqual({
      change: 'unchanged',
      edit: undefined,
      record: { ...known, scope: 'user', trackingUri: 'http://h' },
    });
  });

  test('leaves a live that nobody asked for as it is', () => {
    expect(plan(file('{"trackingUri":"http://h","experimentId":"7","live":true}')).change).toBe('unchanged');
  });
});

describe('the plan of a tracing config that says something else', () => {
  test('remembers a person’s file whole, and each changed key as it was', () => {
    const text = '{"experimentName": "mine", "trackingUri": "http://h", "live": false}';
    const after = '{"trackingUri": "http://h", "live": true, "experimentId": "7"}';
    expect(plan(file(text), values({ live: true }))).toStrictEqual({
      change: 'changed',
      edit: edit(text, after, 'make'),
      record: record({
        before: { experimentId: null, experimentName: 'mine', live: false },
        beforeText: text,
        wrote: sha256(after),
      }),
    });
  });

  test('keeps a byte order mark', () => {
    const text = '\uFEFF{"trackingUri": "http://h"}';
    const { edit: made, record: kept } = plan(file(text));
    expect(made?.after).toBe('\uFEFF{"trackingUri": "http://h", "experimentId": "7"}');
    expect(kept).toMatchObject({ before: { experimentId: null }, beforeText: text });
  });

  test('remembers of a file that setup made nothing of what it wrote itself', () => {
    const text = '{"trackingUri": "http://old", "experimentId": "7"}';
    const after = '{"trackingUri": "http://h", "experimentId": "7"}';
    const known = record({
      trackingUri: 'http://old',
      created: true,
      createdFolder: true,
      wrote: sha256(text),
    });
    expect(plan(file(text), values(), known)).toStrictEqual({
      change: 'changed',
      edit: edit(text, after, 'none'),
      record: record({ created: true, createdFolder: true, wrote: sha256(after) }),
    });
    // A person has written into it: that text is setup's no more, and its copy is not kept twice either.
    const edited = plan(file(`${text}\n`), values(), known);
    expect(edited).toStrictEqual({
      change: 'changed',
      edit: edit(`${text}\n`, `${after}\n`, 'none'),
      record: record({ created: true, createdFolder: true, wrote: sha256(`${after}\n`) }),
    });
  });

  test('gives back what was there before the first setup, key by key', () => {
    const text = '{"trackingUri": "http://old", "experimentId": "1"}';
    const after = '{"trackingUri": "http://h", "experimentId": "7"}';
    const known = record({
      trackingUri: 'http://old',
      before: { experimentId: '0' },
      beforeText: '{"experimentId": "0"}',
      wrote: sha256(text),
    });
    expect(plan(file(text), values(), known)).toStrictEqual({
      change: 'changed',
      edit: edit(text, after, 'make'),
      record: record({
        before: { trackingUri: 'http://old', experimentId: '0' },
        beforeText: '{"experimentId": "0"}',
        wrote: sha256(after),
      }),
    });
    expect(plan(file(text, { backup: '' }), values(), known).edit?.backup).toBe('none');
    expect(plan(file(text, { backup: '' }), values()).edit?.backup).toBe('make');
  });

  test('gives back keys alone where a person has written between two setups', () => {
    const text = '{"experimentId": "1"}';
    const known = record({
      before: { experimentId: '0' },
      beforeText: '{"experimentId": "0"}',
      wrote: 'other',
    });
    expect(plan(file(text), values(), known).record).toStrictEqual(
      record({
        before: { experimentId: '0', trackingUri: null },
        wrote: sha256('{"experimentId": "7", "trackingUri": "http://h"}'),
      }),
    );
  });

  test('takes the text that is there for the former one where an earlier setup has changed nothing', () => {
    const text = '{"experimentId": "1"}';
    expect(plan(file(text), values(), record()).record).toMatchObject({ beforeText: text });
  });
});
