import { describe, expect, it } from '@jest/globals';
import type { ConfigLayer } from '../../src/settings/files/config-layer.js';
import type { TracingConfig } from '../../src/settings/files/tracing-config.js';
import { mergeSettings, type Settings } from '../../src/settings/merge-settings.js';

const PROJECT = '/repo/.codex/mlflow-tracing.json';
const USER = '/home/ada/.codex/mlflow-tracing.json';

function layer(file: string, config: TracingConfig, unknownKeys: string[] = []): ConfigLayer {
  return { file, config, unknownKeys };
}

interface Case {
  env?: NodeJS.ProcessEnv;
  project?: TracingConfig;
  user?: TracingConfig;
  trusted?: boolean;
}

function merge({ env = {}, project, user, trusted = true }: Case) {
  return mergeSettings({
    env,
    project: project && { ...layer(PROJECT, project), trusted },
    user: user && layer(USER, user),
    userName: 'ada',
  });
}

function settings(input: Case): Settings {
  const result = merge(input);
  if (result.kind !== 'settings') throw new Error(`not settings but ${result.kind}`);
  return result.settings;
}

const LOCAL = 'http://localhost:5000';

describe('mergeSettings', () => {
  it('fills what no source says with defaults', () => {
    expect(settings({ project: { trackingUri: LOCAL } })).toEqual({
      trackingUri: LOCAL,
      experimentId: '0',
      content: 'full',
      redact: true,
      redactPatterns: [],
      redactPii: false,
      maxContentBytes: 65536,
      userId: 'ada',
      tags: {},
      owner: { headers: {}, resourceAttributes: {}, sampleRatio: 1, exclude: [] },
      sources: {
        trackingUri: PROJECT,
        experimentId: 'default',
        experimentName: 'default',
        content: 'default',
        redact: 'default',
        redactPatterns: 'default',
        redactPii: 'default',
        maxContentBytes: 'default',
        userId: 'default',
        tags: 'default',
        traceLocation: 'default',
      },
      warnings: [],
    });
  });

  it('prefers the environment, then the project, then the user, field by field', () => {
    const merged = settings({
      env: { MLFLOW_EXPERIMENT_ID: '9' },
      project: { trackingUri: LOCAL, experimentId: '8', tags: { a: 'project', b: 'project' } },
      user: { trackingUri: 'https://h', userId: 'user', tags: { a: 'user', c: 'user' } },
    });
    expect(merged).toMatchObject({ trackingUri: LOCAL, experimentId: '9', userId: 'user' });
    expect(merged.tags).toEqual({ a: 'project', b: 'project', c: 'user' });
    expect(merged.sources).toMatchObject({
      trackingUri: PROJECT,
      experimentId: 'environment',
      userId: USER,
      tags: `${PROJECT}, ${USER}`,
    });
  });

  it('takes empty variables for unset', () => {
    const env = { MLFLOW_TRACKING_URI: ' ', MLFLOW_EXPERIMENT_ID: '', MLFLOW_CODEX_DISABLED: '0' };
    expect(settings({ env, user: { trackingUri: LOCAL, experimentId: '3' } })).toMatchObject({
      trackingUri: LOCAL,
      experimentId: '3',
    });
  });

  it('traces by MLFLOW_TRACKING_URI alone', () => {
    expect(settings({ env: { MLFLOW_TRACKING_URI: 'https://h' } })).toMatchObject({
      trackingUri: 'https://h',
      experimentId: '0',
    });
  });

  describe('experiment', () => {
    it('takes id and name from one source, the id first', () => {
      const file = { trackingUri: LOCAL, experimentId: '8', experimentName: 'eight' };
      const byName = settings({ env: { MLFLOW_EXPERIMENT_NAME: 'codex' }, project: file });
      expect(byName).toMatchObject({ experimentId: '', experimentName: 'codex' });
      const byId = settings({ project: file });
      expect(byId.experimentId).toBe('8');
      expect(byId.experimentName).toBeUndefined();
    });

    it.each([
      ['http://localhost:5000/', '4', 0],
      ['http://127.0.0.1:5000', '0', 1],
      ['https://other', '0', 1],
    ])(
      'of a user’s file that names %s, under a project that names localhost:5000, is %s',
      (uri, id, warned) => {
        const merged = settings({
          project: { trackingUri: LOCAL },
          user: { trackingUri: uri, experimentId: '4' },
        });
        expect(merged.experimentId).toBe(id);
        expect(merged.warnings).toHaveLength(warned);
      },
    );

    it('is not taken from a file whose server the environment replaces, and its credentials stay out of the warning', () => {
      const merged = settings({
        env: { MLFLOW_TRACKING_URI: 'https://ada:secret@h' },
        project: { trackingUri: LOCAL, experimentName: 'codex' },
      });
      expect(merged.experimentId).toBe('0');
      expect(merged.experimentName).toBeUndefined();
      expect(merged.warnings).toEqual([
        {
          code: 'experiment-of-another-server',
          level: 'warning',
          args: { file: PROJECT, experiment: 'codex', uri: 'https://h' },
        },
      ]);
    });

    it('of a file that names no server goes with whichever counts', () => {
      expect(settings({ project: { experimentId: '5' }, user: { trackingUri: LOCAL } }).experimentId).toBe(
        '5',
      );
    });

    it('goes with its trace location, which says where it is from', () => {
      const user = { trackingUri: 'databricks', traceLocation: 'a.b.c' };
      const merged = settings({ user });
      expect([merged.traceLocation, merged.sources.traceLocation]).toEqual(['a.b.c', USER]);
      const env = { MLFLOW_TRACE_LOCATION: 'd.e.f' };
      expect(settings({ user, env }).sources.traceLocation).toBe('environment');
    });

    it('leaves a trace location of another server out as well', () => {
      const merged = settings({
        env: { MLFLOW_TRACKING_URI: LOCAL },
        user: { trackingUri: 'databricks', traceLocation: 'a.b.c' },
      });
      expect(merged.traceLocation).toBeUndefined();
    });
  });

  describe('a project that is not trusted', () => {
    const project: TracingConfig = {
      trackingUri: 'https://evil.example',
      experimentId: '1',
      userId: 'x',
      tags: { a: 'x' },
    };

    it('is not traced by itself', () => {
      expect(merge({ project, trusted: false })).toEqual({
        kind: 'untraced',
        reason: 'project-not-trusted',
        warnings: [
          {
            code: 'project-not-trusted',
            level: 'warning',
            args: { file: PROJECT, uri: 'https://evil.example' },
          },
        ],
      });
    });

    it('gives way to the user’s own destination, with a warning', () => {
      const merged = settings({ project, user: { trackingUri: LOCAL }, trusted: false });
      expect(merged).toMatchObject({ trackingUri: LOCAL, experimentId: '0', userId: 'ada', tags: {} });
      expect(merged.warnings.map(({ code }) => code)).toEqual(['project-not-trusted']);
    });

    it('still makes privacy stricter, and can still switch tracing off', () => {
      const strict = { ...project, content: 'metadata' as const, redactPatterns: ['x'], maxContentBytes: 10 };
      expect(settings({ project: strict, user: { trackingUri: LOCAL }, trusted: false })).toMatchObject({
        content: 'metadata',
        redactPatterns: [{ pattern: 'x', file: PROJECT, index: 0 }],
        maxContentBytes: 10,
      });
      const off = merge({
        project: { ...project, enabled: false },
        user: { trackingUri: LOCAL },
        trusted: false,
      });
      expect(off).toEqual({ kind: 'disabled', by: PROJECT });
    });
  });

  describe('privacy keys of a project', () => {
    it('cannot loosen the user’s', () => {
      const merged = settings({
        project: {
          trackingUri: LOCAL,
          content: 'full',
          redact: false,
          redactPatterns: ['u', 'p'],
          maxContentBytes: 900,
        },
        user: { content: 'metadata', redact: true, redactPatterns: ['u'], maxContentBytes: 100 },
      });
      expect(merged).toMatchObject({ content: 'metadata', redact: true, maxContentBytes: 100 });
      expect(merged.redactPatterns).toEqual([
        { pattern: 'u', file: PROJECT, index: 0 },
        { pattern: 'p', file: PROJECT, index: 1 },
      ]);
      expect(merged.sources).toMatchObject({ content: USER, redact: USER, maxContentBytes: USER });
      expect(merged.warnings.map(({ code, args }) => [code, 'field' in args && args.field])).toEqual([
        ['privacy-kept', 'content'],
        ['privacy-kept', 'redact'],
        ['privacy-kept', 'maxContentBytes'],
      ]);
    });

    it('can make the user’s stricter', () => {
      const merged = settings({
        project: { trackingUri: LOCAL, content: 'metadata', redact: true, maxContentBytes: 100 },
        user: { content: 'full', redact: false, maxContentBytes: 900 },
      });
      expect(merged).toMatchObject({ content: 'metadata', redact: true, maxContentBytes: 100, warnings: [] });
      expect(merged.sources).toMatchObject({ content: PROJECT, redact: PROJECT, maxContentBytes: PROJECT });
    });

    it('cannot turn redaction off where the user says nothing, though they may raise the size', () => {
      const merged = settings({ project: { trackingUri: LOCAL, redact: false, maxContentBytes: 100_000 } });
      expect(merged).toMatchObject({ redact: true, maxContentBytes: 100_000 });
      expect(settings({ user: { trackingUri: LOCAL, redact: false } }).redact).toBe(false);
    });
  });

  describe('what is not traced', () => {
    it('is a folder without any config', () => {
      expect(merge({})).toEqual({ kind: 'untraced', reason: 'no-config', warnings: [] });
      expect(merge({ env: { MLFLOW_EXPERIMENT_ID: '1' } })).toMatchObject({ reason: 'no-config' });
    });

    it('is a folder whose configs name no server: nothing goes where nobody said', () => {
      expect(merge({ user: { content: 'metadata' } })).toMatchObject({
        kind: 'untraced',
        reason: 'no-tracking-uri',
      });
    });

    it.each(['1', 'true', 'yes', 'on', 'whatever'])(
      'is everything with MLFLOW_CODEX_DISABLED=%s',
      (value) => {
        const result = merge({ env: { MLFLOW_CODEX_DISABLED: value }, user: { trackingUri: LOCAL } });
        expect(result).toEqual({ kind: 'disabled', by: 'environment' });
      },
    );

    it.each(['0', 'false', 'No', 'off', ''])('is nothing with MLFLOW_CODEX_DISABLED=%s', (value) => {
      expect(merge({ env: { MLFLOW_CODEX_DISABLED: value }, user: { trackingUri: LOCAL } }).kind).toBe(
        'settings',
      );
    });

    it('is what either file switches off: a project cannot switch on what the user switched off', () => {
      const on = { trackingUri: LOCAL, enabled: true };
      expect(merge({ project: on, user: { enabled: false } })).toEqual({ kind: 'disabled', by: USER });
      expect(merge({ project: { enabled: false }, user: on })).toEqual({ kind: 'disabled', by: PROJECT });
    });
  });

  it('warns of unknown keys', () => {
    const result = mergeSettings({
      env: {},
      project: undefined,
      user: layer(USER, { trackingUri: LOCAL }, ['experimentID']),
      userName: 'ada',
    });
    expect(result.kind === 'settings' && result.settings.warnings).toEqual([
      { code: 'unknown-keys', level: 'warning', args: { file: USER, keys: ['experimentID'] } },
    ]);
  });
});
