import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseSetupRequest } from '../../../src/commands/setup/plans/setup-request.js';
import { runSetup } from '../../../src/commands/setup/setup.js';
import { runSystemSetup } from '../../../src/commands/setup/system/setup-system.js';
import { runUninstall } from '../../../src/commands/uninstall/uninstall.js';
import { CTRL_C, ENTER, NO, person } from '../person.js';
import { Workbench } from '../workbench.js';

/** Setup and uninstall with the real prompts, and somebody who answers them. */
let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.169.0');
});
afterEach(() => bench.remove());

const NOWHERE = 'http://127.0.0.1:9';
const SCOPE = 'Where should MLflow tracing be installed?';
const KEEP = 'Keep it? Our hook then calls it first, with the same message';
const BESIDE = 'Leave it alone, and register a Stop hook for our work?';

const OURS = 'notify = ["BASE/lib/node", "BASE/lib/mlflow-codex.js", "notify-hook"]';
const ARGV = '["BASE/lib/node","BASE/lib/mlflow-codex.js","notify-hook"]';
const COMMAND = 'BASE/lib/node BASE/lib/mlflow-codex.js stop-hook';
const DOWN = [
  '! No server answers at http://127.0.0.1:9 (ECONNREFUSED)',
  '    → Is this its address? Then start it: mlflow server --port 9. If it is not: mlflow-codex setup',
];
const steps = (id: string) => [
  'Next steps',
  '1. Start MLflow: mlflow server --port 9',
  '2. Launch codex, and have a turn with it',
  `3. See the traces at http://127.0.0.1:9/#/experiments/${id}/traces`,
  'If none appear: mlflow-codex status',
  'Codex turns are kept until a server takes them',
];
const tracing = (folder: string, id: string) => [
  `${folder}/mlflow-tracing.json (new)`,
  '  + {',
  '  +   "trackingUri": "http://127.0.0.1:9",',
  `  +   "experimentId": "${id}"`,
  '  + }',
];

type Answers = (readonly [string, string])[];
async function setup(line: string[], ...answers: Answers) {
  const io = bench.io({ isTTY: true });
  const who = person(io, ...answers);
  const code = await runSetup(line, io, bench.program);
  return { code, shown: who.shown().map((one) => bench.short(one)) };
}

test('setup asks for what it is not told, shows what it changes, and says what is left to do', async () => {
  bench.env['MLFLOW_TRACKING_URI'] = NOWHERE;
  const asked = await setup([], [SCOPE, ENTER], ['tracking URI', ENTER], ['experiment ID', ENTER]);
  expect(asked).toEqual({
    code: 0,
    shown: [
      'Configure MLflow tracing for Codex CLI',
      SCOPE,
      'Project ./.codex/',
      'MLflow tracking URI [http://127.0.0.1:9]',
      NOWHERE,
      'MLflow experiment ID [0]',
      '0',
      'Changes:',
      ...tracing('PROJECT/.codex', '0'),
      'HOME/config.toml (new)',
      `  + ${OURS}`,
      'created  PROJECT/.codex/mlflow-tracing.json',
      '         traces go to http://127.0.0.1:9, experiment 0',
      'created  HOME/config.toml',
      `         notify registered: ${ARGV}`,
      '· Codex 0.169.0 reads notify in the user’s config only; folders without a tracing config are not traced',
      ...DOWN,
      ...steps('0'),
    ],
  });
});

test('setup asks nothing that is said, and a person who leaves has nothing changed', async () => {
  const io = bench.io({ isTTY: true });
  const who = person(io, [SCOPE, CTRL_C]);
  const before = bench.snapshot();
  await expect(runSetup([], io, bench.program)).rejects.toMatchObject({ name: 'Cancelled' });
  expect(who.shown()[0]).toBe('Configure MLflow tracing for Codex CLI');
  expect(bench.snapshot()).toEqual(before);
  const { shown } = await setup(['--user', '--tracking-uri', NOWHERE, '--experiment-id', '7', '--dry-run']);
  expect(shown.at(-1)).toBe('Nothing was written');
  expect(bench.snapshot()).toEqual(before);
});

test('setup offers the user’s scope by the folder’s short name', async () => {
  const io = bench.io({ isTTY: true });
  let all = '';
  io.stdout.on('data', (part) => {
    all += part;
  });
  person(io, [SCOPE, CTRL_C]);
  await expect(runSetup([], io, bench.program)).rejects.toMatchObject({ name: 'Cancelled' });
  expect(all).toContain('User ~/.codex/');
});

describe('somebody else’s notifier', () => {
  const user = ['--user', '--tracking-uri', NOWHERE, '--experiment-id', '7'];
  const FOREIGN = 'HOME/config.toml:1: Codex calls another program already: notify = ["bell"]';
  beforeEach(() => bench.put(bench.userConfig, 'notify = ["bell"]\n'));

  test('is kept and called first, where a person wants that', async () => {
    expect(await setup(user, [KEEP, ENTER])).toEqual({
      code: 0,
      shown: [
        'Configure MLflow tracing for Codex CLI',
        FOREIGN,
        KEEP,
        'Yes',
        'Changes:',
        ...tracing('HOME', '7'),
        'HOME/config.toml, line 1',
        '  - notify = ["bell"]',
        `  + ${OURS}`,
        'created  HOME/mlflow-tracing.json',
        '         traces go to http://127.0.0.1:9, experiment 7',
        'changed  HOME/config.toml',
        `         notify registered; it calls the notifier that was there first: ${ARGV}`,
        ...DOWN,
        ...steps('7'),
      ],
    });
    expect(JSON.parse(bench.get(bench.record)).notify[0].forward).toEqual(['bell']);
  });

  const hooks = (...events: string[]) =>
    events.flatMap((event) => [
      '  +',
      `  + [[hooks.${event}]]`,
      `  + [[hooks.${event}.hooks]]`,
      '  + type = "command"',
      `  + command = "${COMMAND}"`,
    ]);
  test('is left alone beside a Stop hook, where a person wants that', async () => {
    expect(await setup(user, [KEEP, NO], [BESIDE, ENTER])).toEqual({
      code: 0,
      shown: [
        'Configure MLflow tracing for Codex CLI',
        FOREIGN,
        KEEP,
        'No',
        BESIDE,
        'Yes',
        'Changes:',
        ...tracing('HOME', '7'),
        'HOME/config.toml, line 2',
        ...hooks('Stop', 'SessionEnd'),
        'created     HOME/mlflow-tracing.json',
        '            traces go to http://127.0.0.1:9, experiment 7',
        'left alone  HOME/config.toml',
        '            notify left to the program that is there',
        'changed     HOME/config.toml',
        `            Stop and SessionEnd hooks registered: ${COMMAND}`,
        '· Codex runs the Stop and SessionEnd hooks in HOME/config.toml only with your approval',
        '    → Start codex: it asks for a review. Later: type /hooks, and press t at each of them',
        ...DOWN,
        ...steps('7'),
      ],
    });
  });

  test('has the hook at each prompt beside the others, where turns are to be shown live', async () => {
    const { shown } = await setup([...user, '--live'], [KEEP, NO], [BESIDE, ENTER]);
    expect(shown).toContain(
      `            Stop, SessionEnd, and UserPromptSubmit hooks registered: ${COMMAND}`,
    );
  });

  test('ends setup where a person wants neither, and nothing is written', async () => {
    const before = bench.snapshot();
    await expect(setup(user, [KEEP, NO], [BESIDE, NO])).rejects.toThrow(
      'Codex calls another program already',
    );
    expect(bench.snapshot()).toEqual(before);
  });

  test('is not offered to be called where it cannot be', async () => {
    bench.put(bench.userConfig, 'notify = 7\n');
    const { shown } = await setup(user, [BESIDE, ENTER]);
    expect(shown.slice(0, 4)).toEqual([
      'Configure MLflow tracing for Codex CLI',
      'HOME/config.toml:1: notify is no list of texts, and Codex refuses it',
      BESIDE,
      'Yes',
    ]);
  });

  test('is no question where another fault stands in the way', async () => {
    bench.put(bench.userConfig, 'a =\n');
    await expect(setup(user)).rejects.toThrow('config.toml:1:');
  });
});

describe('the plugin for Codex', () => {
  test('is asked about where its hook was never approved, and no notifier is registered where it will do', async () => {
    const id = 'mlflow-codex@mlflow';
    bench.put(bench.userConfig, `[plugins."${id}"]\nenabled = true\n`);
    bench.put(path.join(bench.codexHome, 'plugins/cache/mlflow/mlflow-codex/0.2.0/package.json'), {});
    const line = ['--user', '--tracking-uri', NOWHERE, '--experiment-id', '7'];
    const { shown } = await setup(line, [`Codex has our plugin ${id}`, ENTER]);
    expect(shown.slice(0, 2).join(' ')).toContain(`Codex has our plugin ${id}. Approve its hook now?`);
    expect(shown).toContain('Yes');
    expect(shown.filter((one) => one.startsWith('HOME'))).toEqual(['HOME/mlflow-tracing.json (new)']);
    expect(shown.join('\n')).toContain('HOME/mlflow-tracing.json\n         traces go to');
    expect(bench.get(bench.userConfig)).toBe(`[plugins."${id}"]\nenabled = true\n`);
  });
});

describe('uninstall', () => {
  const ask = async (keys: string) => {
    const io = bench.io({ isTTY: true });
    const who = person(io, ['Take this away?', keys]);
    const code = await runUninstall([], io).catch((error: Error) => error.name);
    return { code, shown: who.shown().map((one) => bench.short(one)) };
  };
  const CHANGES = [
    'Changes:',
    'PROJECT/.codex/mlflow-tracing.json (removed)',
    '  - {',
    '  -   "trackingUri": "http://127.0.0.1:9",',
    '  -   "experimentId": "0"',
    '  - }',
    'HOME/config.toml (removed)',
    `  - ${OURS}`,
    'Take this away?',
  ];
  beforeEach(async () => {
    await bench.setup('-y', '--tracking-uri', NOWHERE);
  });

  test('shows what goes, asks, and says what stays', async () => {
    const { code, shown } = await ask(ENTER);
    expect([code, shown]).toEqual([
      0,
      [...CHANGES, 'Yes', 'Done. Kept: traces in MLflow and Codex’s recordings'],
    ]);
    expect(bench.snapshot()).toEqual({ project: '755 ' });
  });

  test('changes nothing where the answer is no, or none', async () => {
    const before = bench.snapshot();
    expect(await ask(NO)).toEqual({ code: 'Cancelled', shown: [...CHANGES, 'No'] });
    expect((await ask(CTRL_C)).code).toBe('Cancelled');
    expect(bench.snapshot()).toEqual(before);
  });
});

describe('setup --system', () => {
  const etc = () => path.join(bench.base, 'etc');
  const places = () => ({
    codexDir: path.join(etc(), 'codex'),
    tracingFile: path.join(etc(), 'mlflow-codex', 'mlflow-tracing.json'),
    ownerUid: process.getuid?.() ?? 0,
  });
  const CHANGE = 'Change these files, for every user of this machine?';
  const ask = async (line: string[], ...answers: Answers) => {
    const io = bench.io({ isTTY: true });
    const who = person(io, ...answers);
    const request = parseSetupRequest([
      '--system',
      '--tracking-uri',
      NOWHERE,
      '--experiment-id',
      '7',
      ...line,
    ]);
    const code = await runSystemSetup(request, io, bench.program, places()).catch(
      (error: Error) => error.name,
    );
    return { code, shown: who.shown().map((one) => bench.short(one)) };
  };
  beforeEach(() => {
    bench.installCodex('0.171.0');
    mkdirSync(etc());
    for (const entry of [bench.base, path.join(bench.base, 'lib'), etc(), bench.program.script])
      chmodSync(entry, 0o755);
  });

  test('asks before it changes anything, and says what is left to do', async () => {
    const { code, shown } = await ask([], [CHANGE, ENTER]);
    expect(code).toBe(0);
    expect([shown[0], shown[1], shown.at(-1)]).toEqual([
      'Configure MLflow tracing for every user of this machine',
      'Changes:',
      'Every user’s Codex turns become traces from now on',
    ]);
    expect(shown).toContain('Next steps');
    expect(shown).toContain(DOWN[0]);
    expect(shown).toContain(CHANGE);
    // Where nothing is left to change there is nothing to ask.
    const again = await ask([]);
    expect(again.code).toBe(0);
    expect(again.shown).not.toContain(CHANGE);
    expect(again.shown).not.toContain('Changes:');
  });

  test('changes nothing where the answer is no, or in a dry run, which asks nothing', async () => {
    const before = bench.snapshot();
    expect((await ask([], [CHANGE, NO])).code).toBe('Cancelled');
    const dry = await ask(['--dry-run']);
    expect([dry.code, dry.shown.at(-1)]).toEqual([0, 'Nothing was written']);
    expect(dry.shown.join('\n')).not.toContain('No server answers');
    expect(bench.snapshot()).toEqual(before);
    expect(bench.has(path.join(etc(), 'codex'))).toBe(false);
  });
});
