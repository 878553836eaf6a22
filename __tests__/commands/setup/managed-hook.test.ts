import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { sufficientManagedHook } from '../../../src/commands/setup/plans/managed-hook.js';
import { planSetup } from '../../../src/commands/setup/plans/plan-setup.js';
import { readInstalledFiles } from '../../../src/commands/setup/plans/setup-state.js';
import { readSystemSlots } from '../../../src/install/codex-config/codex-layers.js';

/** A user's setup on a machine whose administrator has set our hook. */
let base: string;
const place = (...names: string[]) => path.join(base, ...names);
const etc = (name: string, text: string) => writeFileSync(place('etc', name), text);
const users = (text: string) => writeFileSync(place('home', 'config.toml'), text);
const HOOK = '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "mlflow-codex stop-hook"\n';
beforeEach(async () => {
  base = await makeTemporaryFolder();
  for (const name of ['etc', 'home', 'project']) mkdirSync(place(name));
  etc('requirements.toml', HOOK);
});
afterEach(() => rmSync(base, { recursive: true }));

const sufficient = (version = '0.171.0') =>
  sufficientManagedHook(place('etc'), place('home'), { file: 'codex', version });

describe('a managed hook', () => {
  it('suffices where this Codex runs it, and hooks are not switched off', () => {
    expect(sufficient()).toBe(place('etc', 'requirements.toml'));
    expect(sufficient('0.130.0')).toBeUndefined();
    users('[features]\nhooks = false\n');
    expect(sufficient()).toBeUndefined();
    etc('requirements.toml', `[features]\nhooks = true\n${HOOK}`);
    expect(sufficient()).toBe(place('etc', 'requirements.toml'));
    etc('requirements.toml', HOOK.replaceAll('mlflow-codex', 'audit'));
    expect(sufficient()).toBeUndefined();
  });

  it.each([
    ['the managed config', 'managed_config.toml'],
    ['the system’s config', 'config.toml'],
  ])('leaves the company’s notifier in %s alone, and setup is no error', (_, name) => {
    etc(name, 'notify = ["/opt/company/bell"]\n');
    const files = {
      ...readInstalledFiles(place('home'), place('project')),
      machine: readSystemSlots(place('etc')),
    };
    const notifier = { argv: ['mlflow-codex', 'notify-hook'], working: [], forwardExisting: false };
    const plan = (managedHook: string | undefined) =>
      planSetup({
        files,
        scope: 'user',
        values: { trackingUri: 'http://localhost:5000', experiment: { id: '0' }, traceLocation: undefined },
        codex: { file: 'codex', version: '0.171.0' },
        notifier: { ...notifier, managedHook },
        stopHook: undefined,
      });
    expect(() => plan(undefined)).toThrow(/another program|silence the notifier/);
    const { notify, notices, edits } = plan(sufficient());
    expect(notify).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(['managed-hook-suffices']);
    expect(edits.map(({ path: file }) => path.basename(file))).toEqual(['mlflow-tracing.json', 'setup.json']);
  });
});
