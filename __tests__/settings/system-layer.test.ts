import { describe, expect, it } from '@jest/globals';
import type { TracingConfig } from '../../src/settings/files/tracing-config.js';
import { mergeSettings, type Settings } from '../../src/settings/merge-settings.js';

const FILES = {
  project: '/repo/.codex/mlflow-tracing.json',
  user: '/home/ada/.codex/mlflow-tracing.json',
  system: '/etc/mlflow-codex/mlflow-tracing.json',
};
const COMPANY = 'https://otel.example:4318/v1/traces';

interface Case {
  env?: NodeJS.ProcessEnv;
  project?: TracingConfig;
  user?: TracingConfig;
  system?: TracingConfig;
}

function merge({ env = {}, project, user, system }: Case) {
  const layer = (file: string, config: TracingConfig) => ({ file, config, unknownKeys: [] });
  return mergeSettings({
    env,
    project: project && { ...layer(FILES.project, project), trusted: true },
    user: user && layer(FILES.user, user),
    system: system && layer(FILES.system, system),
    userName: 'ada',
  });
}

function settings(input: Case): Settings {
  const result = merge(input);
  if (result.kind !== 'settings') throw new Error(`not settings but ${result.kind}`);
  return result.settings;
}

const warned = (input: Case) => settings(input).warnings.map(({ code, args }) => ({ code, ...args }));

describe("the machine's file", () => {
  it('traces where nobody has said anything else', () => {
    expect(settings({ system: { trackingUri: COMPANY, experimentId: '7', userId: 'x' } })).toMatchObject({
      trackingUri: COMPANY,
      experimentId: '7',
      userId: 'x',
      sources: { trackingUri: FILES.system },
    });
  });

  it('is overridden by the user, the project and the environment, in this order', () => {
    const system = { trackingUri: 'http://s', userId: 's' };
    const user = { trackingUri: 'http://u', userId: 'u' };
    const project = { trackingUri: 'http://p' };
    expect(settings({ system, user })).toMatchObject({ trackingUri: 'http://u', userId: 'u' });
    expect(settings({ system, user, project })).toMatchObject({ trackingUri: 'http://p', userId: 'u' });
    const env = { MLFLOW_TRACKING_URI: 'http://e' };
    expect(settings({ system, user, project, env }).trackingUri).toBe('http://e');
  });

  it('adds its tags and patterns', () => {
    const system = { trackingUri: 'http://s', tags: { team: 'a', site: 'b' }, redactPatterns: ['ACME'] };
    expect(settings({ system, user: { tags: { team: 'mine' }, redactPatterns: ['own'] } })).toMatchObject({
      tags: { team: 'mine', site: 'b' },
      redactPatterns: [
        { pattern: 'own', file: expect.any(String), index: 0 },
        { pattern: 'ACME', file: expect.any(String), index: 0 },
      ],
    });
  });

  it('switches the machine off', () => {
    expect(merge({ system: { enabled: false }, user: { trackingUri: 'http://u', enabled: true } })).toEqual({
      kind: 'disabled',
      by: FILES.system,
    });
  });
});

describe('privacy: the strictest of three counts', () => {
  const uri = { trackingUri: 'http://s' };

  it.each<[string, Case, Partial<Settings>]>([
    ['the machine', { system: { content: 'metadata' }, user: { content: 'full' } }, { content: 'metadata' }],
    ['the machine', { system: { redact: true }, user: { redact: false } }, { redact: true }],
    [
      'the machine',
      { system: { maxContentBytes: 10 }, user: { maxContentBytes: 20 } },
      { maxContentBytes: 10 },
    ],
    ['the user', { system: { maxContentBytes: 10 }, user: { maxContentBytes: 5 } }, { maxContentBytes: 5 }],
    ['the user', { system: { content: 'full' }, user: { content: 'metadata' } }, { content: 'metadata' }],
    [
      'the project',
      { system: { content: 'full' }, project: { content: 'metadata' } },
      { content: 'metadata' },
    ],
    [
      'the project',
      { system: { maxContentBytes: 10 }, project: { maxContentBytes: 2 } },
      { maxContentBytes: 2 },
    ],
  ])('%s is (%j)', (_, { system, user, project }, expected) => {
    const layers = {
      system: { ...uri, ...system },
      user: { ...uri, ...user },
      project: { ...uri, ...project },
    };
    expect(settings(layers)).toMatchObject(expected);
  });

  it('and who is looser is told', () => {
    expect(warned({ system: { ...uri, redact: true }, user: { redact: false } })).toEqual([
      { code: 'privacy-kept', file: FILES.user, field: 'redact', by: FILES.system },
    ]);
  });

  it('where the machine says nothing the user may turn redaction off, and a project may not', () => {
    expect(settings({ system: uri, user: { redact: false } }).redact).toBe(false);
    expect(settings({ system: uri, project: { redact: false } }).redact).toBe(true);
  });
});

describe('"required"', () => {
  const system: TracingConfig = {
    trackingUri: COMPANY,
    experimentId: '7',
    tags: { team: 'fixed' },
    userId: 'of the company',
    required: ['trackingUri', 'experimentId', 'tags', 'userId'],
  };

  it('is overridden by nothing, and each attempt is told', () => {
    const env = { MLFLOW_TRACKING_URI: 'http://e', MLFLOW_EXPERIMENT_ID: '1' };
    const user = {
      trackingUri: 'http://u',
      experimentId: '2',
      userId: 'me',
      tags: { team: 'mine', own: 'x' },
    };
    const project = { trackingUri: 'http://p', experimentName: 'p' };
    expect(settings({ env, user, project, system })).toMatchObject({
      trackingUri: COMPANY,
      experimentId: '7',
      userId: 'of the company',
      tags: { team: 'fixed', own: 'x' },
      system: { file: FILES.system, required: system.required, floor: [] },
    });
    expect(warned({ env, user, system })).toEqual(
      expect.arrayContaining([
        { code: 'set-by-system', source: 'environment', field: 'trackingUri' },
        { code: 'set-by-system', source: FILES.user, field: 'experimentId' },
        { code: 'set-by-system', source: FILES.user, field: 'userId' },
      ]),
    );
  });

  it.each<[string, TracingConfig]>([
    ['id', { experimentId: '7', required: ['experimentId'] }],
    ['name', { experimentName: 'seven', required: ['experimentName'] }],
  ])('of an experiment’s %s beats id and name of everybody else', (_, fixed) => {
    const found = settings({
      system: { trackingUri: COMPANY, ...fixed },
      env: { MLFLOW_EXPERIMENT_ID: '1' },
      user: { experimentName: 'mine' },
    });
    expect([found.experimentId, found.experimentName]).toEqual([
      fixed.experimentId ?? '',
      fixed.experimentName,
    ]);
    expect(found.sources.experimentId).toBe(FILES.system);
  });

  it('leaves alone what it does not list, and what it lists without saying', () => {
    const open: TracingConfig = { trackingUri: COMPANY, required: ['experimentId'] };
    expect(settings({ system: open, user: { experimentId: '2' } }).experimentId).toBe('2');
    expect(settings({ system: open, user: { trackingUri: 'http://u' } }).trackingUri).toBe('http://u');
  });

  it('of "enabled": true beats a user who has switched tracing off, but not the environment', () => {
    const on: TracingConfig = { trackingUri: COMPANY, enabled: true, required: ['enabled'] };
    expect(merge({ system: on, user: { enabled: false }, project: { enabled: false } }).kind).toBe(
      'settings',
    );
    expect(merge({ system: on, env: { MLFLOW_CODEX_DISABLED: '1' } })).toMatchObject({ kind: 'disabled' });
    const notRequired = { trackingUri: COMPANY, enabled: true };
    expect(merge({ system: notRequired, user: { enabled: false } })).toMatchObject({ kind: 'disabled' });
  });

  it("counts in the machine's file alone", () => {
    const user: TracingConfig = { trackingUri: 'http://u', required: ['trackingUri'] };
    expect(settings({ user, project: { trackingUri: 'http://p' } }).trackingUri).toBe('http://p');
    expect(warned({ user })).toEqual([{ code: 'misplaced-keys', file: FILES.user, keys: ['required'] }]);
  });
});

describe('what only the owner of the machine or of the account may say', () => {
  const owner: TracingConfig = {
    headers: { 'x-team': 'a' },
    resourceAttributes: { team: 'a' },
    tokenFile: '/token',
    clientCertPath: '/client.pem',
    serverCertPath: '/ca.pem',
    sampleRatio: 0.5,
    exclude: ['~/private'],
  };

  it('counts in no project’s file, which is told', () => {
    const found = settings({ project: { trackingUri: 'http://localhost:1', ...owner } });
    expect(found.owner).toEqual({ headers: {}, resourceAttributes: {}, sampleRatio: 1, exclude: [] });
    expect(found.warnings).toEqual([
      {
        code: 'misplaced-keys',
        level: 'warning',
        args: { file: FILES.project, keys: Object.keys(owner).sort(byOrder) },
      },
    ]);
  });

  it('is merged of machine and user: lists and objects add up, single values are the user’s', () => {
    const user: TracingConfig = { headers: { 'x-team': 'b' }, sampleRatio: 1, exclude: ['~/mine'] };
    const system = { trackingUri: COMPANY, ...owner };
    expect(settings({ user, system }).owner).toEqual({
      ...owner,
      headers: { 'x-team': 'b' },
      sampleRatio: 1,
      exclude: ['~/mine', '~/private'],
    });
    const required = { ...system, required: ['headers', 'sampleRatio'] };
    expect(settings({ user, system: required }).owner).toMatchObject({
      headers: { 'x-team': 'a' },
      sampleRatio: 0.5,
    });
  });

  it('of credentials goes to the server that is named beside it, and to no other', () => {
    const system = { trackingUri: COMPANY, ...owner };
    const found = settings({ system, env: { MLFLOW_TRACKING_URI: 'http://elsewhere:5000' } });
    expect(found.owner).toEqual({
      headers: {},
      resourceAttributes: { team: 'a' },
      sampleRatio: 0.5,
      exclude: ['~/private'],
    });
  });
});

const ORDER = Object.keys({
  headers: 0,
  resourceAttributes: 0,
  tokenFile: 0,
  serverCertPath: 0,
  clientCertPath: 0,
  sampleRatio: 0,
  exclude: 0,
});
const byOrder = (a: string, b: string) => ORDER.indexOf(a) - ORDER.indexOf(b);
