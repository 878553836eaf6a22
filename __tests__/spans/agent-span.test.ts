import { describe, expect, test } from '@jest/globals';
import { buildAgentSpan } from '../../src/spans/agent-span.js';
import type { SpanContext, TraceOptions, TurnPlacement } from '../../src/spans/span-context.js';
import type { Turn } from '../../src/turn/turn.js';
import { contextOf, gateOf, toolCall, turnOf } from './turn-parts.js';

const root = { threadId: 'thread', turnKey: 'turn' };
const parentSpanId = 'a'.repeat(16);

function agent(
  turn: Partial<Turn> = {},
  placement: Partial<TurnPlacement> = {},
  options: Partial<TraceOptions> = {},
  context: Partial<SpanContext> = {},
) {
  return buildAgentSpan(
    turnOf(turn),
    { root, ...placement },
    { userId: 'dev', tags: {}, ...options },
    contextOf(context),
  );
}

const meta = {
  threadId: 'thread',
  modelProvider: 'openai',
  cliVersion: '0.171.0',
  originator: 'codex_exec',
  git: {
    repositoryUrl: 'https://user:token@example.invalid/lab/repo.git?x=1',
    branch: 'main',
    commitHash: 'abc',
  },
} as unknown as NonNullable<SpanContext['meta']>;

const known: Partial<Turn> = {
  prompts: ['do it', 'faster'],
  answer: 'done',
  model: 'gpt-5.5',
  effort: 'high',
  cwd: '/home/dev',
  approvalPolicy: 'never',
  sandboxMode: 'read-only',
  serviceTier: 'priority',
  usedPercent: { primary: 1.5, secondary: 2 },
  skills: ['pdf'],
  skippedLines: 2,
  toolCalls: [
    toolCall({ output: { changes: { '/home/dev/a': { type: 'update', unified_diff: '-a\n+b\n+c\n' } } } }),
  ],
};

/** What any turn's span says. */
const always = {
  'mlflow.spanType': 'AGENT',
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.conversation.id': 'thread',
  'codex.turn.id': 'turn',
  'codex.thread.id': 'thread',
};
const ofRoot = {
  'session.id': 'thread',
  'user.id': 'dev',
  'mlflow.traceTag.mlflow.traceName': 'codex',
};

describe("a turn's span", () => {
  const caller = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
  const ofTurn = {
    ...always,
    'mlflow.spanInputs':
      '{"messages":[{"role":"user","content":"do it"},{"role":"user","content":"faster"}]}',
    'mlflow.spanOutputs': '{"choices":[{"message":{"role":"assistant","content":"done"}}]}',
    'gen_ai.provider.name': 'openai',
    'gen_ai.agent.version': '0.171.0',
    'gen_ai.request.model': 'gpt-5.5',
    'process.working_directory': '/home/dev',
    'vcs.repository.url.full': 'https://example.invalid/lab/repo.git',
    'vcs.ref.head.name': 'main',
    'vcs.ref.head.revision': 'abc',
    'codex.turn.outcome': 'completed',
    'codex.client': 'codex-tui',
    'codex.originator': 'codex_exec',
    'codex.approval_policy': 'never',
    'codex.sandbox_mode': 'read-only',
    'codex.reasoning_effort': 'high',
    'codex.service_tier': 'priority',
    'codex.files.changed': ['a'],
    'codex.files.lines_added': 2,
    'codex.files.lines_removed': 1,
    'codex.skills': ['pdf'],
    'codex.rate_limit.primary.used_percent': 1.5,
    'codex.rate_limit.secondary.used_percent': 2,
    'codex.lines.skipped': 2,
  };
  const options = { client: 'codex-tui', caller, tags: { team: 'x' } };

  test('says all that is known of it, and what only a trace’s root says', () => {
    expect(agent(known, {}, options, { meta })).toStrictEqual({
      name: 'invoke_agent codex',
      kind: 'INTERNAL',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      // The first 16 digits of the SHA-256 of `<trace id>:thread:turn`.
      spanId: '6c0285d2189a199f',
      startMs: 1000,
      endMs: 9000,
      attributes: {
        ...ofTurn,
        ...ofRoot,
        'gen_ai.agent.name': 'codex',
        'mlflow.traceTag.codex.outcome': 'completed',
        'mlflow.traceTag.codex.model': 'gpt-5.5',
        'mlflow.traceTag.codex.client': 'codex-tui',
        'mlflow.traceTag.git.repository': 'lab/repo',
        'mlflow.traceTag.git.branch': 'main',
        'mlflow.traceTag.caller.trace_id': 'c'.repeat(32),
        'mlflow.traceTag.team': 'x',
      },
      status: { code: 'UNSET' },
      events: [],
      links: [caller],
    });
  });

  test('of an agent is called by its name, stands below its call, and says nothing of the trace', () => {
    const { parentSpanId: parent, ...span } = agent(known, { parentSpanId, agentName: '/root/a' }, options, {
      meta,
    });
    expect([parent, span.name, 'links' in span]).toEqual([parentSpanId, 'invoke_agent /root/a', false]);
    expect(span.attributes).toStrictEqual({ ...ofTurn, 'gen_ai.agent.name': '/root/a' });
  });

  test('of which nothing is known says no more than that there was one', () => {
    const span = agent();
    expect(span.attributes).toStrictEqual({
      ...always,
      ...ofRoot,
      'gen_ai.agent.name': 'codex',
      'codex.turn.outcome': 'completed',
      'mlflow.traceTag.codex.outcome': 'completed',
    });
    expect('parentSpanId' in span || 'links' in span).toBe(false);
    const nameless = agent({ threadId: '' }).attributes;
    expect(Object.keys(nameless).filter((key) => /thread|conversation/.test(key))).toEqual([]);
  });

  test('of one prompt was asked that', () => {
    expect(agent({ prompts: ['a'] }).attributes['mlflow.spanInputs']).toBe(
      '{"messages":[{"role":"user","content":"a"}]}',
    );
  });

  test('has nobody’s words where only metadata may leave, and the numbers all the same', () => {
    const open = agent(known).attributes;
    const bare = agent(known, {}, {}, { gate: gateOf({ mode: 'metadata' }) }).attributes;
    const { 'mlflow.spanInputs': _, 'mlflow.spanOutputs': __, 'codex.files.changed': ___, ...rest } = open;
    expect(bare).toStrictEqual(rest);
  });

  test('names five hundred changed files at most and counts the lines of all', () => {
    const changes = Object.fromEntries(
      Array.from({ length: 501 }, (_, n) => [`/f${n}`, { type: 'add', content: 'x' }]),
    );
    const { attributes } = agent({ toolCalls: [toolCall({ output: { changes } })] });
    expect(attributes['codex.files.changed']).toHaveLength(500);
    expect((attributes['codex.files.changed'] as string[])[499]).toBe('/f499');
    expect(attributes['codex.files.lines_added']).toBe(501);
  });

  test.each([
    ['https://user:token@example.invalid/a.git', 'https://example.invalid/a.git'],
    ['https://user@host/a@b.git', 'https://host/a@b.git'],
    ['ssh://git@example.invalid:22/a.git#frag\nment', 'ssh://example.invalid:22/a.git'],
    ['HTTPS://token@h/a?token=x', 'HTTPS://h/a'],
    ['git@example.invalid:a.git', 'git@example.invalid:a.git'],
    ['https://example.invalid/a', 'https://example.invalid/a'],
  ])('tells the remote %j without credentials: %s', (repositoryUrl, told) => {
    const { attributes } = agent({}, {}, {}, { meta: { ...meta, git: { repositoryUrl } } });
    expect(attributes['vcs.repository.url.full']).toBe(told);
  });
});

describe('how a turn ended', () => {
  const told = (turn: Partial<Turn>, mode: 'full' | 'metadata' = 'full') => {
    const { status, attributes } = agent(turn, {}, {}, { gate: gateOf({ mode }) });
    return [
      status,
      attributes['error.type'],
      attributes['mlflow.spanOutputs'],
      attributes['codex.turn.abort_reason'],
    ];
  };
  const error = (message: string) => ({ code: 'ERROR', message });
  const out = (outcome: string, reason: string, said?: string) =>
    JSON.stringify(said === undefined ? { outcome, reason } : { outcome, reason, said });

  test.each([
    ['completed', {}, [{ code: 'UNSET' }, undefined, undefined, undefined]],
    ['incomplete', { outcome: 'incomplete' }, [{ code: 'UNSET' }, undefined, undefined, undefined]],
    ['without a word', { answer: '' }, [{ code: 'UNSET' }, undefined, undefined, undefined]],
    [
      'interrupted',
      { outcome: 'interrupted' },
      [error('interrupted'), 'interrupted', out('interrupted', 'interrupted'), undefined],
    ],
    [
      'interrupted by the user',
      { outcome: 'interrupted', abortReason: 'interrupted' },
      [error('interrupted'), 'interrupted', out('interrupted', 'interrupted'), 'interrupted'],
    ],
    [
      'interrupted for a reason',
      { outcome: 'interrupted', abortReason: 'replaced', answer: 'so far' },
      [
        error('interrupted: replaced'),
        'interrupted',
        out('interrupted', 'interrupted: replaced', 'so far'),
        'replaced',
      ],
    ],
    [
      'failed without a word',
      { outcome: 'failed' },
      [error('the turn failed'), 'failed', out('failed', 'the turn failed'), undefined],
    ],
    [
      'failed with an error',
      { outcome: 'failed', error: { message: 'no more', code: 'usage_limit' }, answer: 'so far' },
      [error('no more'), 'usage_limit', out('failed', 'no more', 'so far'), undefined],
    ],
    [
      'failed with an error without a code',
      { outcome: 'failed', error: { message: 'no more' } },
      [error('no more'), 'failed', out('failed', 'no more'), undefined],
    ],
  ] as [string, Partial<Turn>, unknown[]][])('%s', (_, turn, expected) =>
    expect(told(turn)).toStrictEqual(expected),
  );

  test('is told without the words of its error where only metadata may leave', () => {
    expect(
      told({ outcome: 'failed', error: { message: 'no more', code: 'limit' } }, 'metadata'),
    ).toStrictEqual([error('the turn failed'), 'limit', undefined, undefined]);
  });
});

describe('a turn that Codex did not record', () => {
  const named = (turn: Partial<Turn>, options: Partial<TraceOptions> = {}) => {
    const { name, attributes } = agent(turn, {}, options);
    return [name, attributes['codex.recording']];
  };

  test.each([
    [
      'of nobody’s prompt and no client is a subagent’s',
      { unrecorded: true },
      {},
      ['invoke_agent subagent', 'none'],
    ],
    ['with a prompt is the user’s', { unrecorded: true, prompts: ['a'] }, {}, ['invoke_agent codex', 'none']],
    ['of a client is the user’s', { unrecorded: true }, { client: 'x' }, ['invoke_agent codex', 'none']],
    ['and that was imported says so', { imported: true }, {}, ['invoke_agent codex', 'imported']],
    ['and none of these is a turn like any', {}, {}, ['invoke_agent codex', undefined]],
  ] as [string, Partial<Turn>, Partial<TraceOptions>, unknown[]][])('%s', (_, turn, options, expected) =>
    expect(named(turn, options)).toEqual(expected),
  );

  test('no skills and no skipped lines are nothing to tell', () => {
    const { attributes } = agent({ skills: [], skippedLines: 0 });
    expect(Object.keys(attributes).filter((key) => /skills|skipped/.test(key))).toEqual([]);
  });
});
