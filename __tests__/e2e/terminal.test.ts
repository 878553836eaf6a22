import { readFileSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { findPython } from '../../scripts/lab/mlflow.mjs';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { closeTerminals, KEYS, openTerminal, type Terminal } from '../commands/terminal.js';
import { Workbench } from '../commands/workbench.js';
import { ThreadFile } from '../support/delivery-thread.js';
import { closeLoopbacks, startLoopback } from '../support/loopback.js';
import { unpackProgram } from '../support/packed-program.js';
import { describeWith } from '../support/real-servers.js';

const python = findPython();
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

let dir: string;
let script: string;
beforeAll(async () => {
  dir = await makeTemporaryFolder();
  script = await unpackProgram(dir);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true }));

let bench: Workbench;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  bench = new Workbench();
  bench.installCodex('0.169.0');
  bench.program.node = process.execPath;
  bench.program.script = script;
  bench.program.version = version;
});
afterEach(async () => {
  closeTerminals();
  bench.remove();
  await closeLoopbacks();
  for (const close of closing.splice(0)) await close();
});

function open(...argv: string[]): Terminal {
  const env = { ...bench.env, HOME: bench.home, TERM: 'xterm-256color' };
  const command = [process.execPath, bench.program.script, ...argv];
  return openTerminal('python' in python ? python.python : '', command, { cwd: bench.project, env });
}

const NOWHERE = 'http://127.0.0.1:9';
const tracing = (file: string) => JSON.parse(bench.get(file));

describeWith(python, 'setup in a terminal', () => {
  it('asks in the documented order and words; Enter takes the defaults', async () => {
    bench.env = { ...bench.env, MLFLOW_TRACKING_URI: NOWHERE };
    const terminal = open('setup');
    await terminal.waitFor('Configure MLflow tracing for Codex CLI');
    await terminal.waitFor('Where should MLflow tracing be installed?');
    await terminal.waitFor('● Project ./.codex/');
    await terminal.waitFor('○ User ~/.codex/');
    terminal.type(KEYS.enter);
    await terminal.waitFor(`MLflow tracking URI [${NOWHERE}]`);
    terminal.type(KEYS.enter);
    await terminal.waitFor('MLflow experiment ID [0]');
    terminal.type(KEYS.enter);
    await terminal.waitFor(bench.projectTracing);
    await terminal.waitFor('No server answers');
    await terminal.waitFor('Next steps');
    await terminal.waitFor('mlflow server --port 9');
    expect(await terminal.ended).toBe(0);
    expect(tracing(bench.projectTracing)).toMatchObject({ trackingUri: NOWHERE, experimentId: '0' });
    expect(bench.get(bench.userConfig)).toContain('notify-hook');
  });

  it('offers http://localhost:5000 where nobody says another', async () => {
    const terminal = open('setup', '--dry-run');
    await terminal.waitFor('installed?');
    terminal.type(KEYS.enter);
    await terminal.waitFor('MLflow tracking URI [http://localhost:5000]');
    terminal.type(KEYS.enter);
    await terminal.waitFor('MLflow experiment ID [0]');
    terminal.type(KEYS.enter);
    await terminal.waitFor('Nothing was written');
    expect(await terminal.ended).toBe(0);
    expect(bench.snapshot()).toEqual({ project: '755 ' });
  });

  it('goes by the arrow keys and by what is typed, refuses a wrong address with the remedy, and offers the present values again', async () => {
    let terminal = open('setup');
    await terminal.waitFor('installed?');
    terminal.type(KEYS.down);
    await terminal.waitFor('● User ~/.codex/');
    terminal.type(KEYS.enter);
    await terminal.waitFor('MLflow tracking URI');
    terminal.type(`127.0.0.1:9${KEYS.enter}`);
    await terminal.waitFor('Write http://127.0.0.1:9');
    terminal.type(KEYS.backspace.repeat(11) + NOWHERE + KEYS.enter);
    await terminal.waitFor('MLflow experiment ID');
    terminal.type(`42${KEYS.enter}`);
    expect(await terminal.ended).toBe(0);
    expect(tracing(bench.userTracing)).toMatchObject({ trackingUri: NOWHERE, experimentId: '42' });

    const before = bench.snapshot();
    terminal = open('setup', '--user');
    await terminal.waitFor(`MLflow tracking URI [${NOWHERE}]`);
    terminal.type(KEYS.enter);
    await terminal.waitFor('MLflow experiment ID [42]');
    terminal.type(KEYS.enter);
    await terminal.waitFor('left alone');
    expect(await terminal.ended).toBe(0);
    expect(bench.snapshot()).toEqual(before);
  });

  it.each([
    ['at the first question', []],
    ['at the second', [KEYS.enter]],
    ['at the last', [KEYS.enter, KEYS.enter]],
  ])('leaves everything as it was on Ctrl-C %s: exit 130', async (_, answers) => {
    bench.put(bench.userConfig, 'a = 1\n');
    const before = bench.snapshot();
    const terminal = open('setup');
    const questions = ['installed?', 'tracking URI', 'experiment ID'];
    await terminal.waitFor(questions[0] ?? '');
    for (const [i, answer] of answers.entries()) {
      terminal.type(answer);
      await terminal.waitFor(questions[i + 1] ?? '');
    }
    terminal.type(KEYS.ctrlC);
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).toContain('nothing was changed');
    expect(bench.snapshot()).toEqual(before);
  });

  it('offers to keep somebody else’s notifier; No refuses, Yes forwards', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    const before = bench.snapshot();
    const flags = ['setup', '--project', '--tracking-uri', NOWHERE, '--experiment-id', '0'];
    let terminal = open(...flags);
    await terminal.waitFor('config.toml:1: Codex calls another program already: notify = ["bell"]');
    await terminal.waitFor('Keep it?');
    terminal.type('n');
    await terminal.waitFor('Leave it alone, and register a Stop hook');
    terminal.type('n');
    expect(await terminal.ended).toBe(1);
    expect(bench.snapshot()).toEqual(before);

    terminal = open(...flags);
    await terminal.waitFor('Keep it?');
    terminal.type(KEYS.enter);
    expect(await terminal.ended).toBe(0);
    expect(tracing(bench.record)).toMatchObject({ notify: [{ forward: ['bell'] }] });
  });

  it('offers a Stop hook beside somebody else’s notifier', async () => {
    bench.put(bench.userConfig, 'notify = ["bell"]\n');
    const terminal = open('setup', '--user', '--tracking-uri', NOWHERE, '--experiment-id', '0');
    await terminal.waitFor('Keep it?');
    terminal.type('n');
    await terminal.waitFor('Leave it alone, and register a Stop hook');
    terminal.type(KEYS.enter);
    await terminal.waitFor('SessionEnd hooks registered');
    expect(await terminal.ended).toBe(0);
    expect(bench.get(bench.userConfig)).toMatch(/^notify = \["bell"\]\n\n\[\[hooks\.Stop\]\]\n/);
  });

  it('offers to make an experiment that is named and not there; Ctrl-C then has made and written nothing', async () => {
    const server = await startLoopback(({ url, method }) => {
      if (url === '/version') return { status: 200, body: '3.17.2' };
      if (method === 'POST') return { status: 200, body: '{"experiment_id":"7"}' };
      return { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}' };
    });
    const before = bench.snapshot();
    const ask = async () => {
      const terminal = open('setup', '--project', '--tracking-uri', server.url);
      await terminal.waitFor('experiment ID');
      terminal.type(`my codex${KEYS.enter}`);
      await terminal.waitFor('There is no experiment "my codex"');
      return terminal;
    };
    const cancelled = await ask();
    cancelled.type(KEYS.ctrlC);
    expect(await cancelled.ended).toBe(130);
    expect(bench.snapshot()).toEqual(before);
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);

    const made = await ask();
    made.type(KEYS.enter);
    await made.waitFor('Experiment 7 (my codex) was made');
    await made.waitFor('/#/experiments/7/traces');
    expect(await made.ended).toBe(0);
    expect(tracing(bench.projectTracing)).toMatchObject({ experimentName: 'my codex' });
  });

  it('says that what is no id is taken for a name, and takes no id that is too long', async () => {
    const terminal = open('setup', '--project', '--tracking-uri', NOWHERE);
    await terminal.waitFor('experiment ID');
    terminal.type('1'.repeat(40) + KEYS.enter);
    await terminal.waitFor('An experiment id has at most 19 digits');
    terminal.type(`${KEYS.backspace.repeat(40)}abc${KEYS.enter}`);
    await terminal.waitFor('"abc" is no id: it is taken as the experiment’s name');
    await terminal.waitFor('Codex turns are kept until a server takes them');
    expect(await terminal.ended).toBe(0);
    expect(tracing(bench.projectTracing)).toEqual({ trackingUri: NOWHERE, experimentName: 'abc' });
  });

  it('approves the hook of our plugin only where a person says so, and else registers the notifier', async () => {
    bench.put(bench.userConfig, '[plugins."mlflow-codex@mlflow"]\nenabled = true\n');
    bench.put(path.join(bench.codexHome, 'plugins/cache/mlflow/mlflow-codex/0.1.0/package.json'), {});
    // An app server that has the hook untrusted until it is told to trust it.
    const hook = '"key":"k","currentHash":"h","pluginId":"mlflow-codex@mlflow"';
    bench.script(
      'codex',
      `[ "$1" = --version ] && exec echo codex-cli 0.171.0
trust=untrusted
while read -r line; do
  id=$(echo "$line" | sed -n 's/.*"id":\\([0-9]*\\).*/\\1/p')
  case "$line" in *batchWrite*) trust=trusted; echo approved > ${bench.base}/approved ;; esac
  [ -n "$id" ] && echo "{\\"id\\":$id,\\"result\\":{\\"data\\":[{\\"hooks\\":[{${hook.replaceAll('"', '\\"')},\\"trustStatus\\":\\"$trust\\"}]}]}}"
done`,
    );
    const flags = ['setup', '--user', '--tracking-uri', NOWHERE, '--experiment-id', '0'];
    let terminal = open(...flags, '--dry-run');
    await terminal.waitFor('Codex has our plugin mlflow-codex@mlflow. Approve its hook now?');
    terminal.type(KEYS.enter);
    await terminal.waitFor('Nothing was written');
    expect(await terminal.ended).toBe(0);
    expect(bench.has(`${bench.base}/approved`)).toBe(false);

    terminal = open(...flags);
    await terminal.waitFor('Approve its hook now?');
    terminal.type(KEYS.enter);
    await terminal.waitFor('No notifier is registered');
    await terminal.waitFor('Codex runs the hooks of our plugin mlflow-codex@mlflow, version 0.1.0');
    expect(await terminal.ended).toBe(0);
    expect(bench.has(`${bench.base}/approved`)).toBe(true);
    expect(bench.get(bench.userConfig)).not.toContain('notify');

    terminal = open(...flags);
    await terminal.waitFor('Approve its hook now?');
    terminal.type('n');
    await terminal.waitFor('notify registered');
    await terminal.waitFor('Codex does not run the hook of our plugin');
    expect(await terminal.ended).toBe(0);
    expect(bench.get(bench.userConfig)).toContain('notify-hook');
  });

  it('asks before it uninstalls', async () => {
    const before = bench.snapshot();
    await bench.setup('-y', '--tracking-uri', NOWHERE);
    const installed = bench.snapshot();
    let terminal = open('uninstall');
    await terminal.waitFor('Take this away?');
    terminal.type(KEYS.ctrlC);
    expect(await terminal.ended).toBe(130);
    expect(bench.snapshot()).toEqual(installed);
    terminal = open('uninstall');
    await terminal.waitFor('Take this away?');
    terminal.type(KEYS.enter);
    expect(await terminal.ended).toBe(0);
    expect(bench.snapshot()).toEqual(before);
  });
});

describeWith(python, 'sessions in a terminal', () => {
  /** Sessions of two turns each, the newest last. */
  const sessions = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const atMs = Date.now() - (count - index) * 3_600_000;
      const thread = new ThreadFile(bench.codexHome, atMs);
      thread.turn();
      thread.turn();
      utimesSync(thread.path, atMs / 1000, atMs / 1000);
      return thread;
    });

  it('show lets choose among the last sessions, by what was asked and when', async () => {
    const [, middle] = sessions(3);
    const terminal = open('show');
    await terminal.waitFor('Which session?');
    await terminal.waitFor('● 1 h ago     prompt 1');
    await terminal.waitFor('○ 2 h ago     prompt 1');
    await terminal.waitFor('○ 3 h ago     prompt 1');
    terminal.type(KEYS.down);
    await terminal.waitFor(`● 2 h ago     prompt 1 (${bench.codexHome}, ${middle?.threadId})`);
    terminal.type(KEYS.enter);
    await terminal.waitFor(`thread ${middle?.threadId}   trace tr-`);
    await terminal.waitFor('prompt 2 → answer 2');
    expect(await terminal.ended).toBe(0);
  });

  it('show ends with 130 on Escape', async () => {
    sessions(2);
    const terminal = open('show');
    await terminal.waitFor('Which session?');
    terminal.type(KEYS.escape);
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).not.toContain('trace tr-');
  });

  it('sync --all shows how far it is, and after Ctrl-C that it was stopped and what is left', async () => {
    sessions(5);
    const server = await startOtlpReceiver();
    closing.push(() => server.close());
    server.answerWith({ delayMs: 300 });
    bench.put(bench.userTracing, { trackingUri: server.url, experimentId: '0' });
    const terminal = open('sync', '--all');
    await terminal.waitFor('[........................] 0/5 threads, 0 sent');
    await terminal.waitFor('[#####...................] 1/5 threads, 2 sent');
    terminal.type(KEYS.ctrlC);
    await terminal.waitFor('stopping after the turn that is under way');
    await terminal.waitFor('sync: stopped; ');
    await terminal.waitFor('threads that were not looked at');
    expect(await terminal.ended).toBe(130);
  });
});
