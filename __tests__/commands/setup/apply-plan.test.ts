import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { applyPlan } from '../../../src/commands/setup/apply-plan.js';
import type { FileEdit } from '../../../src/install/file-edit.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const file = () => path.join(bench.home, 'f');
const plan = (name: string, before: string | undefined): { name: string; edits: FileEdit[] } => ({
  name,
  edits: [{ path: file(), role: 'codex-config', before, after: name, backup: 'none' }],
});

test('a plan is carried out once, and is the one that is told', async () => {
  const plans = [plan('b', undefined)];
  const done = await applyPlan(plan('a', undefined), () => plans.shift() ?? plan('c', ''), bench.backups);
  expect([done.name, plans.length, bench.get(file())]).toEqual(['a', 1, 'a']);
});

test('a plan is made anew of files that somebody has changed in the meantime, until it can be carried out', async () => {
  bench.put(file(), 'theirs');
  const plans = [plan('b', 'stale'), plan('c', 'theirs')];
  const done = await applyPlan(plan('a', undefined), () => plans.shift() ?? plan('d', ''), bench.backups);
  expect([done.name, bench.get(file()), plans]).toEqual(['c', 'c', []]);
});

test('what another plan refuses ends it', async () => {
  bench.put(file(), 'theirs');
  const refuse = () => {
    throw new Error('somebody else’s notifier');
  };
  await expect(applyPlan(plan('a', undefined), refuse, bench.backups)).rejects.toThrow(
    'somebody else’s notifier',
  );
  expect(bench.get(file())).toBe('theirs');
});

test('what is no change of others is no reason to try again', async () => {
  const below = path.join(bench.program.script, 'f');
  const edits: FileEdit[] = [{ path: below, role: 'record', before: undefined, after: 'a', backup: 'none' }];
  const plans = [{ edits }];
  await expect(applyPlan({ edits }, () => plans.shift() ?? { edits }, bench.backups)).rejects.toThrow();
  expect(plans).toHaveLength(1);
});
