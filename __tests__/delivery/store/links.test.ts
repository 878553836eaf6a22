import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { appendLog } from '../../../src/delivery/store/journal.js';
import { stateDir } from '../../../src/platform/files/folders.js';
import { writeWhole } from '../../../src/platform/files/write-whole.js';
import { DeliveryHome } from '../../support/delivery-home.js';

const entry = { time: '2026-01-01T00:00:00Z', outcome: 'sent', ms: 1 } as const;

describe('links in our folder', () => {
  let folder: string;
  let state: string;
  let elsewhere: string;

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    state = stateDir(folder);
    elsewhere = path.join(folder, 'elsewhere');
    mkdirSync(state);
    mkdirSync(elsewhere);
  });

  it('are not followed by the log', () => {
    const victim = path.join(elsewhere, 'victim');
    writeFileSync(victim, 'untouched');
    symlinkSync(victim, path.join(state, 'hook.log'));
    appendLog(state, entry);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
  });

  it('are not followed by a state', () => {
    symlinkSync(elsewhere, path.join(state, 'threads'));
    expect(() => writeWhole(path.join(state, 'threads', 'x.json'), '{}')).toThrow(/is a link/);
    expect(existsSync(path.join(elsewhere, 'x.json'))).toBe(false);
  });

  it('may stand before it: a linked home is the user’s own', () => {
    const linked = path.join(folder, 'linked');
    symlinkSync(folder, linked);
    appendLog(stateDir(linked), entry);
    writeWhole(path.join(stateDir(linked), 'threads', 'x.json'), '{}');
    expect(readFileSync(path.join(state, 'hook.log'), 'utf8')).toContain('"sent"');
    expect(existsSync(path.join(state, 'threads', 'x.json'))).toBe(true);
  });
});

describe('a hook whose folder of states leads elsewhere', () => {
  let home: DeliveryHome;
  beforeEach(async () => {
    home = await DeliveryHome.make();
  });
  afterEach(() => home.close());

  it('sends the turn all the same, and writes nothing there', async () => {
    const elsewhere = await makeTemporaryFolder();
    mkdirSync(home.stateDir);
    for (const name of ['threads', 'inbox']) symlinkSync(elsewhere, path.join(home.stateDir, name));
    const thread = home.thread();
    const turnId = thread.turn();
    const outcome = await home.hook(thread.payload(turnId));
    expect(outcome).toMatchObject({ outcome: 'sent' });
    expect(home.arrived()).toEqual([turnId]);
  });
});
