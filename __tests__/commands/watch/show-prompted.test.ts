import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { leaveWatcher } from '../../../src/commands/watch/leave-watcher.js';
import { showPrompted } from '../../../src/commands/watch/show-prompted.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { Workbench } from '../workbench.js';

/** A program that writes down how, and in which folder, it was started. */
let bench: Workbench;
let script: string;
/** The same, which nothing is to start. */
let unwanted: string;
beforeEach(() => {
  bench = new Workbench();
  bench.env['CODEX_HOME'] = bench.codexHome;
  script = path.join(bench.base, 'program.cjs');
  unwanted = path.join(bench.base, 'unwanted.cjs');
  for (const file of [script, unwanted])
    writeFileSync(
      file,
      `require('node:fs').appendFileSync(__filename + '.told', JSON.stringify([process.cwd(), ...process.argv.slice(2)]) + '\\n');`,
    );
});
afterEach(() => bench.remove());

const settings = (live: object) =>
  bench.put(bench.userTracing, { trackingUri: 'http://127.0.0.1:9', ...live });
/** How it was started, as often as it was. */
async function started(): Promise<unknown[]> {
  const told = `${script}.told`;
  await waitFor('the program', () => existsSync(told) && readFileSync(told, 'utf8').endsWith('\n'));
  return readFileSync(told, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
const WATCHER = [path.parse(process.cwd()).root, 'watch', '--left-behind'];

describe('at a prompt', () => {
  test('a watcher is left behind where the folder’s turns are to be shown, and nowhere else', async () => {
    const prompted = () => showPrompted(bench.project, bench.env, unwanted);
    await prompted();
    settings({});
    await prompted();
    settings({ live: false });
    await prompted();
    settings({ live: true, enabled: false });
    await prompted();
    settings({ live: true, exclude: [bench.project] });
    await prompted();
    // Of a turn whose folder Codex does not name: ours counts.
    await showPrompted(undefined, bench.env, script);
    expect(await started()).toEqual([WATCHER]);
    expect(existsSync(`${unwanted}.told`)).toBe(false);
  });
});

test('one watcher is left behind in a home, also beside one of an older version', async () => {
  const state = path.join(bench.codexHome, 'mlflow-codex');
  const lock = await tryLock(state, 'live-watch');
  await leaveWatcher(unwanted, state);
  await lock?.release();
  await leaveWatcher(script, state);
  expect(await started()).toEqual([WATCHER]);
  expect(existsSync(`${unwanted}.told`)).toBe(false);
});
