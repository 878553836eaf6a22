import { describe, expect, test } from '@jest/globals';
import { checkSettings } from '../../../src/commands/status/check-settings.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';

const SETTINGS = {
  trackingUri: 'http://H:1/',
  experimentId: '7',
  sources: { trackingUri: '/p/t.json', experimentId: 'default' },
  content: 'full',
  redact: true,
  redactPii: false,
  redactPatterns: [],
  maxContentBytes: 65536,
  warnings: [],
};
const say = (settings: object, env: NodeJS.ProcessEnv = {}) =>
  checkSettings({ settings, io: { env, cwd: '/p' } } as unknown as StatusContext);
const whole = (more: object = {}, env: NodeJS.ProcessEnv = {}) =>
  say({ kind: 'settings', settings: { ...SETTINGS, ...more } }, env);

const WHERE = {
  code: 'settings',
  level: 'ok',
  args: { uri: 'http://h:1', uriSource: '/p/t.json', experiment: '7', experimentSource: 'default' },
};
const PRIVACY = {
  code: 'privacy',
  level: 'info',
  args: { content: 'full', redact: true, redactPii: false, patterns: 0, maxContentBytes: 65536 },
};
const warning = { code: 'unknown-keys', level: 'warning', args: { file: '/p/t.json', keys: ['x'] } };

describe('of the settings status says', () => {
  test('where turns go and what is kept private', () => {
    expect(whole()).toStrictEqual([WHERE, PRIVACY]);
  });

  test('an experiment by its name, and a trace location', () => {
    const [where] = whole({ experimentId: '', experimentName: 'mine', traceLocation: 'a.b.c' });
    expect(where?.args).toStrictEqual({ ...WHERE.args, experiment: 'mine', traceLocation: 'a.b.c' });
  });

  test('what the machine’s file fixes, slow patterns, tags that cannot be read, and other warnings, in this order', () => {
    const redactPatterns = [{ pattern: '^(a+)+$', file: '/p/t.json', index: 1 }];
    const more = { redactPatterns, system: { file: '/etc/t', fixed: ['redact'] }, warnings: [warning] };
    const found = whole(more, { MLFLOW_CODEX_TAGS: 'a=b,c' });
    expect(found).toStrictEqual([
      WHERE,
      { code: 'system-file', level: 'info', args: { file: '/etc/t', fixed: ['redact'] } },
      { ...PRIVACY, args: { ...PRIVACY.args, patterns: 1 } },
      { code: 'slow-pattern', level: 'warning', args: redactPatterns[0] },
      { code: 'tags-unread', level: 'warning', args: { parts: 1 } },
      warning,
    ]);
  });

  test.each<[string, object, object[]]>([
    [
      'who switched tracing off',
      { kind: 'disabled', by: '/p/t.json' },
      [{ code: 'tracing-disabled', level: 'warning', args: { by: '/p/t.json' } }],
    ],
    [
      'what is wrong with a file, and the remedy',
      { kind: 'broken', file: '/f', message: 'm', hint: 'h' },
      [{ code: 'tracing-config-broken', level: 'error', args: { file: '/f', message: 'm', hint: 'h' } }],
    ],
    [
      'what is wrong with a file that has no remedy',
      { kind: 'broken', file: '/f', message: 'm' },
      [{ code: 'tracing-config-broken', level: 'error', args: { file: '/f', message: 'm', hint: '' } }],
    ],
    [
      'why nothing is traced, and what led to that',
      { kind: 'untraced', reason: 'no-config', warnings: [warning] },
      [warning, { code: 'untraced-no-config', level: 'warning', args: { folder: '/p' } }],
    ],
  ])('%s', (_, settings, findings) => {
    expect(say(settings)).toStrictEqual(findings);
  });
});
