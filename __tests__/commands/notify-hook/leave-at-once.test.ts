import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { leaveAtOnce } from '../../../src/commands/notify-hook/leave-at-once.js';
import { runNotifyHook } from '../../../src/commands/notify-hook/notify-hook.js';

const THREAD = '01a2106f-04b1-75d3-abf7-1a312e155fb5';
const TRACED = JSON.stringify({ trackingUri: 'http://127.0.0.1:9' });

let root: string;
let home: string;
let project: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'leave-'));
  home = path.join(root, 'home');
  project = path.join(root, 'work', 'project');
  mkdirSync(project, { recursive: true });
  env = { CODEX_HOME: home };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const payload = (more: object = {}) =>
  JSON.stringify({
    type: 'agent-turn-complete',
    'thread-id': THREAD,
    'turn-id': 't1',
    cwd: project,
    ...more,
  });
const leaves = (text = payload()) => leaveAtOnce(text, env, path.join(root, 'etc', 'mlflow-tracing.json'));
const put = (file: string, text: string) => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const inState = (...names: string[]) => path.join(home, 'mlflow-codex', ...names);
/** The log but for its times. */
const logged = () =>
  readFileSync(inState('hook.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), time: '', ms: 0 }));

describe('a folder in which nothing is traced', () => {
  test('is left at once, with the line that the whole hook would have logged and nothing else', async () => {
    expect(leaves()).toBe(true);
    await runNotifyHook(payload(), env, { trigger: 'notify', script: '' });
    const [quick, whole, ...more] = logged();
    expect(quick).toEqual(whole);
    expect(more).toEqual([]);
    expect(readdirSync(inState())).toEqual(['hook.log']);
  });

  test('is left at once where another project is traced, and other threads are known', () => {
    put(path.join(root, 'work', 'other', '.codex', 'mlflow-tracing.json'), TRACED);
    put(inState('threads', '01a2106f-04b1-75d3-abf7-000000000000.json'), '{}');
    put(
      inState('setup.json'),
      JSON.stringify({ version: 1, tracing: [], notify: [{ file: 'f', argv: ['n'] }] }),
    );
    expect(leaves()).toBe(true);
  });

  test('is left at once where a folder’s .codex is a file, and has a line that says when and how long', () => {
    put(path.join(project, '.codex'), '');
    const before = Date.now();
    expect(leaves()).toBe(true);
    const { time, ms } = JSON.parse(readFileSync(inState('hook.log'), 'utf8'));
    expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
    // It is a span of time, and no time of day.
    expect(ms).toBeLessThan(before);
  });

  test('is left at once by a turn that names no folder and no turn', async () => {
    expect(leaves(payload({ cwd: root, 'turn-id': undefined }))).toBe(true);
    expect(logged()).toEqual([{ time: '', thread: THREAD, outcome: 'untraced', detail: 'no-config', ms: 0 }]);
  });
});

describe('the whole hook is loaded', () => {
  const RECORD = { version: 1, tracing: [], notify: [{ file: 'f', argv: ['n'], forward: ['other'] }] };
  const SITUATIONS: readonly [what: string, make: () => void][] = [
    [
      'where the project has a tracing config',
      () => put(path.join(project, '.codex/mlflow-tracing.json'), TRACED),
    ],
    ['where a folder above has one', () => put(path.join(root, '.codex/mlflow-tracing.json'), TRACED)],
    [
      'where a folder above one that the path’s link leads to has one',
      () => {
        put(path.join(root, 'elsewhere/.codex/mlflow-tracing.json'), TRACED);
        mkdirSync(path.join(root, 'elsewhere/src'));
        rmSync(project, { recursive: true });
        symlinkSync(path.join(root, 'elsewhere/src'), project);
      },
    ],
    ['where the user has one', () => put(path.join(home, 'mlflow-tracing.json'), TRACED)],
    ['where the system has one', () => put(path.join(root, 'etc/mlflow-tracing.json'), TRACED)],
    ['where a config is broken', () => put(path.join(home, 'mlflow-tracing.json'), '{')],
    [
      'where a config is a link in a circle',
      () => {
        mkdirSync(path.join(project, '.codex'));
        symlinkSync('mlflow-tracing.json', path.join(project, '.codex/mlflow-tracing.json'));
      },
    ],
    [
      'where the environment names a server',
      () => Object.assign(env, { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' }),
    ],
    ['where the environment switches tracing off', () => Object.assign(env, { MLFLOW_CODEX_DISABLED: '1' })],
    ['where the thread is known', () => put(inState('threads', `${THREAD}.json`), '{}')],
    [
      'where setup’s record writes its names in another way',
      () => put(inState('setup.json'), '{"version":1,"notify":[{"\\u0066orward":["other"]}]}'),
    ],
    ['where setup’s record is a folder', () => void mkdirSync(inState('setup.json'), { recursive: true })],
    ['where another notifier is to be called', () => put(inState('setup.json'), JSON.stringify(RECORD))],
  ];
  test.each(SITUATIONS)('%s', (_, make) => {
    make();
    expect(leaves()).toBe(false);
  });

  test.each([
    ['an announcement of another type', payload({ type: 'other' })],
    ['one of a session’s end', payload({ type: 'session-end' })],
    ['one that is not JSON', '{'],
    ['one with an id that could leave the folder', payload({ 'thread-id': '../x' })],
  ])('for %s', (_, text) => {
    expect(leaves(text)).toBe(false);
  });
});
