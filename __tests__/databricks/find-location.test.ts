import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { LocationFinder } from '../../src/databricks/find-location.js';
import { forgetLocation, keepLocation, keptLocation } from '../../src/databricks/location-memory.js';
import type { Workspace, WorkspaceAnswer } from '../../src/mlflow/databricks/workspace.js';

let folder: string;
beforeEach(async () => {
  folder = path.join(await makeTemporaryFolder(), 'experiments');
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

const DESTINATION = 'mlflow.experiment.databricksTraceDestinationPath';
const answer = (status: number, body: unknown = ''): WorkspaceAnswer => ({
  kind: 'answer',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: {},
});
const told = (more: object = {}) => answer(200, { experiment: { experiment_id: '7', name: 'n', ...more } });
const OWN = { kind: 'location', value: { kind: 'experiment', experimentId: '7' } };

/** A finder as the next process makes one. */
function finderOf(
  said: WorkspaceAnswer,
  databricks: object = { experiment: { id: '7' } },
  host = 'https://w',
) {
  const asked: number[] = [];
  const ask = async ({ timeoutMs }: { timeoutMs: number }) => {
    asked.push(timeoutMs);
    return said;
  };
  const workspace = { host, destination: { databricks }, ask } as unknown as Workspace;
  return { finder: new LocationFinder(workspace, folder), asked };
}
const waits = (reason: string, blocked = true) => ({
  kind: 'pending',
  reason,
  blocked,
  step: 'asking for the experiment',
});

describe('where traces go', () => {
  test('is where the user says, and nobody is asked', async () => {
    const { finder, asked } = finderOf(told(), { traceLocation: 'a.b.c', experiment: { id: '7' } });
    expect(await finder.find(1000)).toEqual({
      kind: 'location',
      value: { kind: 'unity-catalog', prefix: 'a.b.c', spansTable: 'a.b.c_otel_spans' },
    });
    expect(asked).toEqual([]);
  });

  test('is asked once, and known to the next process for a day', async () => {
    const { finder, asked } = finderOf(told());
    expect(await finder.find(1234)).toEqual(OWN);
    rmSync(folder, { recursive: true });
    expect(await finder.find(1234)).toEqual(OWN);
    expect(asked).toEqual([1234]);
    await finderOf(told()).finder.find(1000);
    const { finder: next, asked: later } = finderOf(answer(500));
    expect(await next.find(1000)).toEqual(OWN);
    expect(later).toEqual([]);
  });

  test('is known for each workspace and experiment apart', async () => {
    await finderOf(told()).finder.find(1000);
    await finderOf(told(), { experiment: { name: '7' } }).finder.find(1000);
    await finderOf(told(), { experiment: { id: '8' } }).finder.find(1000);
    await finderOf(told(), undefined, 'https://v').finder.find(1000);
    const names = readdirSync(folder).map((name) => name.replace(/^[0-9a-f]{32}/, 'DIGEST'));
    expect(names).toEqual(Array(4).fill('DIGEST.json'));
  });

  test('is asked for anew once it is forgotten', async () => {
    const { finder, asked } = finderOf(told());
    await finder.find(1000);
    finder.forget();
    expect(readdirSync(folder)).toEqual([]);
    await finder.find(1000);
    expect(asked).toHaveLength(2);
    // A location that the user named is in no memory.
    const named = finderOf(told(), { traceLocation: 'a.b.c' }).finder;
    named.forget();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test.each([
    ['no experiment is named', told(), {}, waits('no experiment is named')],
    ['it is deleted', told({ lifecycle_stage: 'deleted' }), undefined, waits('the experiment is deleted')],
    [
      'there is none',
      answer(404, 'RESOURCE_DOES_NOT_EXIST'),
      undefined,
      waits('there is no such experiment'),
    ],
    [
      'it is bound to a schema',
      told({ tags: [{ key: DESTINATION, value: 'a.b' }] }),
      undefined,
      waits('the experiment is bound to something that is not catalog.schema.prefix'),
    ],
    [
      'something else answers',
      answer(200, 'hello'),
      undefined,
      waits('the answer is not that of a workspace', false),
    ],
    ['it is refused', answer(403), undefined, waits('403')],
    ['the workspace is busy', answer(503), undefined, { ...waits('503', false), transient: true }],
  ])('is not guessed where %s', async (_, said, databricks, outcome) => {
    expect(await finderOf(said, databricks).finder.find(1000)).toEqual(outcome);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a location that is kept', () => {
  const NOW = 1_795_572_000_000;
  const file = () => path.join(folder, 'k.json');
  const OWN_PLACE = { kind: 'experiment', experimentId: '7' } as const;
  const TABLES = { kind: 'unity-catalog', prefix: 'a.b.c', spansTable: 'a.b.spans' } as const;

  test.each([OWN_PLACE, TABLES])('is read back: %j', (location) => {
    keepLocation(file(), location, NOW);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ location, atMs: NOW });
    expect(keptLocation(file(), NOW)).toEqual(location);
    expect(keptLocation(file(), NOW + 86_399_999)).toEqual(location);
    expect(keptLocation(file(), NOW + 86_400_000)).toBeUndefined();
    expect(keptLocation(file(), NOW - 1)).toBeUndefined();
    forgetLocation(file());
    expect(keptLocation(file(), NOW)).toBeUndefined();
    forgetLocation(file());
  });

  test.each([
    'no JSON',
    '[]',
    '{}',
    JSON.stringify({ location: OWN_PLACE }),
    JSON.stringify({ location: { kind: 'experiment' }, atMs: NOW }),
    JSON.stringify({ location: { ...TABLES, kind: 'experiment' }, atMs: NOW }),
    JSON.stringify({ location: { ...OWN_PLACE, kind: 'unity-catalog' }, atMs: NOW }),
    JSON.stringify({ location: { kind: 'unity-catalog', prefix: 'a.b.c' }, atMs: NOW }),
    JSON.stringify({ location: { kind: 'unity-catalog', spansTable: 'a.b.spans' }, atMs: NOW }),
    JSON.stringify({ location: { ...TABLES, ...OWN_PLACE, kind: 'else' }, atMs: NOW }),
  ])('is none where it is damaged: %s', (text) => {
    mkdirSync(folder);
    writeFileSync(file(), text);
    expect(keptLocation(file(), NOW)).toBeUndefined();
  });

  test('that holds more than is needed is read as what it is', () => {
    mkdirSync(folder);
    for (const [kind, location] of [
      ['experiment', OWN_PLACE],
      ['unity-catalog', TABLES],
    ] as const) {
      writeFileSync(file(), JSON.stringify({ location: { ...TABLES, ...OWN_PLACE, kind }, atMs: NOW }));
      expect(keptLocation(file(), NOW)).toEqual(location);
    }
  });

  test('cannot be kept where the folder takes no files, and that is no error', () => {
    writeFileSync(folder, 'a file in the folder’s place');
    keepLocation(file(), OWN_PLACE, NOW);
    forgetLocation(file());
    expect(keptLocation(file(), NOW)).toBeUndefined();
  });
});
