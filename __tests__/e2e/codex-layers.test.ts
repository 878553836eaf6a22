import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codexProgram } from '../../scripts/lab/codex.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { installProgram } from '../support/installed-program.js';
import { describeInOwnEtc, inOwnEtc, wrapInOwnEtc } from '../support/own-etc.js';
import { removeFolder } from '../support/remove-folder.js';
import { runCommandLine } from '../support/run-command-line.js';

/**
 * Which of Codex's configurations wins: what the real Codex calls, beside what status says of it. Each of ours is
 * a small program that only notes down that it was called, in a folder by the name of its place.
 */
interface Case {
  /** Files of /etc/codex, of the Codex home and of the project. */
  readonly etc?: Record<string, string>;
  readonly home?: Record<string, string>;
  readonly project?: Record<string, string>;
  /** Lines of the user's config.toml. */
  readonly top?: string;
  readonly tables?: string;
  readonly args?: readonly string[];
  /** What Codex calls, sorted. */
  readonly calls: readonly string[];
  /** What status says, but for what is well known: level, code, place. */
  readonly says: readonly string[];
}

const ours = (place: string) => `notify = ["DIR/${place}/mlflow-codex", "notify-hook"]\n`;
const theirs = (place: string) => `notify = ["DIR/${place}/bell", "ding"]\n`;
const stop = (place: string) =>
  `[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "DIR/${place}/mlflow-codex stop-hook"\n`;
const hooks = (isOn: boolean) => `[features]\nhooks = ${isOn}\n`;
const PLACES = ['system', 'user', 'managed', 'required', 'profile', 'flag'];

const CASES: Record<string, Case> = {
  'the system’s notify is called where the user has none, and its Stop hook without trust': {
    etc: { 'config.toml': ours('system') + stop('system') },
    calls: ['system/mlflow-codex notify-hook', 'system/mlflow-codex stop-hook'],
    says: ['ok hook-managed etc/config.toml', 'ok notify-ours etc/config.toml'],
  },
  'the user’s notify wins over the system’s': {
    etc: { 'config.toml': ours('system') },
    top: theirs('user'),
    calls: ['user/bell ding'],
    says: ['error notify-foreign home/config.toml', 'warning notify-overruled etc/config.toml'],
  },
  'the user’s empty notify switches the system’s off': {
    etc: { 'config.toml': ours('system') },
    top: 'notify = []\n',
    calls: [],
    says: ['error notify-missing home/config.toml', 'warning notify-overruled etc/config.toml'],
  },
  'a profile’s and -c win over the user’s, -c over the profile’s': {
    top: ours('user'),
    home: { 'work.config.toml': theirs('profile') },
    args: ['--profile', 'work', '-c', 'notify=["DIR/flag/bell", "ding"]'],
    calls: ['flag/bell ding'],
    says: ['ok notify-ours home/config.toml', 'warning notify-of-profile home/work.config.toml'],
  },
  'a profile’s notify wins over the user’s': {
    top: ours('user'),
    home: { 'work.config.toml': theirs('profile') },
    args: ['--profile', 'work'],
    calls: ['profile/bell ding'],
    says: ['ok notify-ours home/config.toml', 'warning notify-of-profile home/work.config.toml'],
  },
  'the managed config’s notify wins over everything': {
    etc: { 'managed_config.toml': theirs('managed'), 'config.toml': ours('system') },
    top: ours('user'),
    args: ['-c', 'notify=["DIR/flag/bell", "ding"]'],
    calls: ['managed/bell ding'],
    says: [
      'error notify-managed etc/managed_config.toml',
      'warning notify-overruled etc/config.toml',
      'warning notify-overruled home/config.toml',
    ],
  },
  'requirements.toml: notify is ignored, the Stop hook is called beside the user’s notifier': {
    etc: { 'requirements.toml': ours('required') + stop('required') },
    top: theirs('user'),
    calls: ['required/mlflow-codex stop-hook', 'user/bell ding'],
    says: ['info notify-beside home/config.toml', 'ok hook-managed etc/requirements.toml'],
  },
  'the user switches managed hooks off': {
    etc: { 'requirements.toml': stop('required') },
    tables: hooks(false),
    calls: [],
    says: ['error hooks-off home/config.toml'],
  },
  'unless requirements.toml fixes them to on': {
    etc: { 'requirements.toml': hooks(true) + stop('required'), 'config.toml': stop('system') },
    tables: hooks(false),
    args: ['--disable', 'hooks'],
    calls: ['required/mlflow-codex stop-hook', 'system/mlflow-codex stop-hook'],
    says: ['ok hook-managed etc/requirements.toml'],
  },
  'the managed config’s switch wins over the user’s': {
    etc: { 'managed_config.toml': hooks(false), 'requirements.toml': stop('required') },
    tables: hooks(true),
    calls: [],
    says: ['error hooks-off etc/managed_config.toml'],
  },
  'the user’s switch wins over the system’s': {
    etc: { 'config.toml': hooks(false), 'requirements.toml': stop('required') },
    tables: hooks(true),
    calls: ['required/mlflow-codex stop-hook'],
    says: ['ok hook-managed etc/requirements.toml'],
  },
  'a trusted project’s switch wins over the user’s': {
    etc: { 'requirements.toml': stop('required') },
    project: { 'config.toml': hooks(false) },
    tables: `${hooks(true)}[projects."DIR/project"]\ntrust_level = "trusted"\n`,
    calls: [],
    says: ['error hooks-off project/.codex/config.toml'],
  },
  'a managed hook is not switched off by its name, the user’s own is': {
    etc: { 'requirements.toml': stop('required') },
    tables: `${stop('user')}${['/etc/codex/requirements', 'DIR/home/.codex/config']
      .map((file) => `[hooks.state."${file}.toml:stop:0:0"]\nenabled = false\n`)
      .join('')}`,
    args: ['--dangerously-bypass-hook-trust'],
    calls: ['required/mlflow-codex stop-hook'],
    says: ['ok hook-managed etc/requirements.toml', 'warning stop-hook-off home/config.toml'],
  },
  'managed hooks can be made the only ones': {
    etc: { 'requirements.toml': 'allow_managed_hooks_only = true\n' },
    tables: stop('user'),
    args: ['--dangerously-bypass-hook-trust'],
    calls: [],
    says: ['error stop-hook-off home/config.toml'],
  },
};

/** Codex waits most of its time. */
const AT_ONCE = 3;

describeInOwnEtc('Codex’s layers', () => {
  let base: string;
  const found = new Map<string, { calls: string[]; says: string[] }>();
  beforeAll(async () => {
    base = await makeTemporaryFolder();
    const program = await installProgram(base);
    const codex = await codexProgram();
    const left = Object.entries(CASES).map(([name, one], i) => ({ name, one, dir: path.join(base, `${i}`) }));
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift())
        found.set(next.name, await meet(next.one, next.dir, { program, codex }));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }, 180_000);
  afterAll(() => removeFolder(base));

  test.each(Object.entries(CASES))('%s', (name, { calls, says }) => {
    expect(found.get(name)).toEqual({ calls, says });
  });
});

/** One turn with the real Codex, and status, in the same place. */
async function meet(one: Case, dir: string, { program, codex }: { program: string; codex: string }) {
  const etc = path.join(dir, 'etc');
  const here = (text: string) => text.replaceAll('DIR', dir);
  const put = (folder: string, files: Record<string, string> = {}) => {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), here(text));
  };
  put(path.join(etc, 'codex'), one.etc);
  put(path.join(dir, 'project', '.codex'), one.project);
  for (const place of PLACES) put(path.join(dir, place), { 'mlflow-codex': NOTES_DOWN, bell: NOTES_DOWN });
  for (const place of PLACES)
    for (const name of ['mlflow-codex', 'bell']) chmodSync(path.join(dir, place, name), 0o755);
  const wrapped = path.join(dir, 'codex');
  wrapInOwnEtc(wrapped, etc, codex);

  const scenario = findScenario('plain');
  const [step] = scenario.steps;
  const [exec = '', ...rest] = Array.isArray(step?.args) ? step.args : [];
  const played = await play(
    {
      ...scenario,
      configTop: here(one.top ?? ''),
      configTables: here(one.tables ?? ''),
      steps: [{ ...step, args: [exec, ...(one.args ?? []).map(here), ...rest] }],
    },
    { dir, codex: wrapped, notify: () => undefined, files: withPlace(one.home, here) },
  );
  const status = inOwnEtc(etc, [process.execPath, program, 'status', '--offline', '--json']);
  const { stdout } = await runCommandLine(status, {
    cwd: played.cwd,
    env: {
      PATH: `${path.dirname(codex)}:${process.env['PATH']}`,
      HOME: played.home,
      CODEX_HOME: played.codexHome,
    },
  });
  // What Codex starts last it does not wait for.
  await sleep(200);
  return { calls: called(dir), says: said(stdout, dir) };
}

const NOTES_DOWN = `#!/bin/sh
case "$1" in
  --version) echo mlflow-codex 0.0.0 ;;
  *) echo "$(basename "$(dirname "$0")")/$(basename "$0") $1" >> DIR/called ;;
esac
`;

function withPlace(files: Record<string, string> = {}, here: (text: string) => string) {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, here(text)]));
}

function called(dir: string): string[] {
  try {
    return readFileSync(path.join(dir, 'called'), 'utf8').trim().split('\n').sort();
  } catch {
    return [];
  }
}

/** What status says of notifiers and hooks, but whether they start. */
function said(json: string, dir: string): string[] {
  const { codex } = JSON.parse(json) as { codex: { code: string; level: string; args: { file?: string } }[] };
  return codex
    .filter(
      ({ code }) => /notify|hook/.test(code) && !/^hook-(?:starts|other-version|fails|needs)/.test(code),
    )
    .map(({ code, level, args: { file = '' } }) => {
      const place = file.startsWith('/etc/codex')
        ? `etc/${path.basename(file)}`
        : path.relative(dir, file).replace('home/.codex', 'home');
      return `${level} ${code} ${place}`;
    })
    .sort();
}
