import { describe, expect, test } from '@jest/globals';
import { parseTraceparent } from '../../src/spans/caller.js';
import { repositoryName } from '../../src/spans/root-attributes.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { completed, event, response, spanNamed, spansOf } from './made-up-turn.js';

function tagsOf(span: SpanSpec | undefined): object {
  const prefix = 'mlflow.traceTag.';
  return Object.fromEntries(
    Object.entries(span?.attributes ?? {}).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

const git = { branch: 'main', repository_url: 'https://user:token@example.invalid/lab/repo.git' };
const context = ['turn_context', { model: 'gpt-5.5', cwd: '/home/dev/app' }] as const;

describe('the tags of a trace', () => {
  test('are what people filter by: outcome, model, client, repository, branch', () => {
    const [root] = spansOf([context], { meta: { git }, options: { client: 'codex-tui' } });
    expect(tagsOf(root)).toEqual({
      'mlflow.traceName': 'codex',
      'codex.outcome': 'completed',
      'codex.model': 'gpt-5.5',
      'codex.client': 'codex-tui',
      'git.repository': 'lab/repo',
      'git.branch': 'main',
    });
  });

  test('name the originator where nobody announced the turn, and only what is known', () => {
    const [root] = spansOf([], {
      meta: { originator: 'codex_vscode' },
      end: { type: 'turn_aborted', reason: 'interrupted' },
    });
    expect(tagsOf(root)).toEqual({
      'mlflow.traceName': 'codex',
      'codex.outcome': 'interrupted',
      'codex.client': 'codex_vscode',
    });
  });

  test('are the user’s own where one has the same name; the trace’s name stays ours', () => {
    const tags = { team: 'x', 'git.branch': 'mine', 'mlflow.traceName': 'y' };
    expect(tagsOf(spansOf([context], { meta: { git }, options: { tags } })[0])).toMatchObject({
      team: 'x',
      'git.branch': 'mine',
      'mlflow.traceName': 'codex',
    });
  });

  test('stand on the root alone', () => {
    const spans = spansOf([context], { meta: { git }, parentSpanId: 'a'.repeat(16) });
    expect(tagsOf(spans[0])).toEqual({});
  });

  test.each([
    ['https://github.com/openai/codex.git', 'openai/codex'],
    ['https://github.com/openai/codex', 'openai/codex'],
    ['git@github.com:openai/codex.git', 'openai/codex'],
    ['ssh://git@example.invalid:2222/group/sub/repo.git/', 'group/sub/repo'],
    ['https://x:y@dev.azure.com/org/project/_git/repo?version=1', 'org/project/_git/repo'],
    ['/home/dev/repo', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('a remote %s is called %s', (url, name) => {
    expect(repositoryName(url)).toBe(name);
  });
});

describe('a caller’s trace', () => {
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

  test('is linked to the root and named by a tag, and is never its parent', () => {
    const [root, ...others] = spansOf([context], { options: { caller } });
    expect(root).toMatchObject({ links: [caller] });
    expect(root).not.toHaveProperty('parentSpanId');
    expect(root?.traceId).not.toBe(caller.traceId);
    expect(tagsOf(root)).toMatchObject({ 'caller.trace_id': caller.traceId });
    expect(others.filter((span) => span.links)).toEqual([]);
  });

  test.each([
    [`00-${caller.traceId}-${caller.spanId}-01`, caller],
    [`cc-${caller.traceId}-${caller.spanId}-00-what-may-follow`, caller],
    [` 00-${caller.traceId}-${caller.spanId}-01\n`, caller],
    [`ff-${caller.traceId}-${caller.spanId}-01`, undefined],
    [`00-${'0'.repeat(32)}-${caller.spanId}-01`, undefined],
    [`00-${caller.traceId}-${'0'.repeat(16)}-01`, undefined],
    [`00-${caller.traceId.toUpperCase()}-${caller.spanId}-01`, undefined],
    [`00-${caller.traceId}-${caller.spanId}`, undefined],
    ['nonsense', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('traceparent %j names %j', (text, named) => {
    expect(parseTraceparent(text)).toEqual(named);
  });
});

describe('what a turn changed', () => {
  const patch = (changes: object, status = 'completed') =>
    completed({ type: 'FileChange', id: `exec-${JSON.stringify(changes)}${status}`, changes, status });
  const update = (unified_diff: string, move_path: string | null = null) => ({
    type: 'update',
    unified_diff,
    move_path,
  });

  test('is named by path, each once, and counted by line', () => {
    const [root] = spansOf([
      context,
      patch({ '/home/dev/app/src/a.ts': update('@@ -1 +1,2 @@\n-one\n+two\n+three\n') }),
      patch({ '/home/dev/app/src/a.ts': update('@@ -1 +1 @@\n-two\n+2\n', '/home/dev/app/src/b.ts') }),
      patch({
        '/etc/hosts': { type: 'add', content: 'a\nb\n' },
        '/gone': { type: 'delete', content: 'x\n' },
      }),
    ]);
    expect(root?.attributes).toMatchObject({
      'codex.files.changed': ['src/a.ts', 'src/b.ts', '/etc/hosts', '/gone'],
      'codex.files.lines_added': 5,
      'codex.files.lines_removed': 3,
    });
  });

  test('is nothing where the patch failed or was declined', () => {
    const changes = { '/home/dev/app/a': { type: 'add', content: 'a' } };
    const [root] = spansOf([context, patch(changes, 'declined'), patch(changes, 'failed')]);
    expect(Object.keys(root?.attributes ?? {}).filter((key) => key.startsWith('codex.files'))).toEqual([]);
  });

  test('is told by the patch itself where an old Codex recorded no more, also within a command', () => {
    const text =
      '*** Begin Patch\n*** Update File: a.txt\n*** Move to: b.txt\n@@\n-old\n+new\n keep\n*** End Patch';
    const output = { type: 'function_call_output', output: 'Success.' };
    const [root] = spansOf([
      context,
      response({ type: 'custom_tool_call', name: 'apply_patch', input: text, call_id: 'c1' }),
      response({ ...output, call_id: 'c1' }),
      response({
        type: 'function_call',
        name: 'exec_command',
        arguments: JSON.stringify({
          cmd: `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: c.txt\n+x\n*** End Patch\nEOF`,
        }),
        call_id: 'c2',
      }),
      response({ ...output, call_id: 'c2' }),
    ]);
    expect(root?.attributes).toMatchObject({
      'codex.files.changed': ['a.txt', 'b.txt', 'c.txt'],
      'codex.files.lines_added': 2,
      'codex.files.lines_removed': 1,
    });
  });

  test('is nothing where a script only holds a patch that it did not apply', () => {
    const input = 'const patch = `\n*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch\n`;';
    const [root] = spansOf([
      context,
      response({ type: 'custom_tool_call', name: 'exec', input, call_id: 'c' }),
    ]);
    expect(root?.attributes).not.toHaveProperty(['codex.files.changed']);
  });

  test('keeps its paths to itself where only metadata may leave; the numbers of lines are told', () => {
    const [root] = spansOf([context, patch({ '/home/dev/app/secret.ts': { type: 'add', content: 'a\n' } })], {
      policy: { mode: 'metadata' },
    });
    expect(JSON.stringify(root)).not.toContain('secret');
    expect(root?.attributes['codex.files.lines_added']).toBe(1);
  });
});

describe('what a turn used', () => {
  test('the skills the user named and those the model read, each once', () => {
    const [root] = spansOf([
      response({
        type: 'message',
        role: 'user',
        content: [
          {
            type: 'input_text',
            text: '<skill>\n<name>release-notes</name>\n<path>/s/SKILL.md</path>\nDo.\n</skill>',
          },
        ],
      }),
      response({ type: 'custom_tool_call', name: 'exec', input: '…', call_id: 'c' }),
      completed({
        type: 'CommandExecution',
        id: 'exec-1',
        command: [
          'bash',
          '-lc',
          'cat /home/dev/.codex/skills/pdf/SKILL.md ~/.codex/skills/release-notes/SKILL.md',
        ],
        exit_code: 0,
      }),
    ]);
    expect(root?.attributes['codex.skills']).toEqual(['release-notes', 'pdf']);
  });

  test('the share of the account’s limits that the provider told last', () => {
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const told = (primary: number, secondary: number | null) =>
      event({
        type: 'token_count',
        info: { last_token_usage: usage, total_token_usage: usage },
        rate_limits: {
          primary: { used_percent: primary, window_minutes: 300 },
          secondary: secondary === null ? null : { used_percent: secondary },
        },
      });
    const [root] = spansOf([told(11.5, 3), told(12.25, 4)]);
    expect(root?.attributes).toMatchObject({
      'codex.rate_limit.primary.used_percent': 12.25,
      'codex.rate_limit.secondary.used_percent': 4,
    });
    expect(spansOf([told(1, null)])[0]?.attributes).not.toHaveProperty([
      'codex.rate_limit.secondary.used_percent',
    ]);
  });

  test('the service tier the turn was had at, not that which was chosen after it', () => {
    const tier = (service_tier?: string) =>
      event({ type: 'thread_settings_applied', thread_settings: { model: 'gpt-5.5', service_tier } });
    const usage = { input_tokens: 1000, cached_input_tokens: 10, output_tokens: 100, total_tokens: 1100 };
    const spans = spansOf(
      [context, tier('default'), tier('priority'), ['token_usage_record', { response_id: 'r', usage }]],
      { after: [tier('flex')] },
    );
    expect(spans[0]?.attributes['codex.service_tier']).toBe('priority');
    const llm = spanNamed(spans, 'chat gpt-5.5');
    expect(llm.attributes['openai.request.service_tier']).toBe('priority');
    expect(JSON.parse(String(llm.attributes['mlflow.llm.cost']))).toEqual({
      input_cost: expect.closeTo(0.0123875, 10),
      output_cost: expect.closeTo(0.0075, 10),
      total_cost: expect.closeTo(0.0198875, 10),
    });
  });
});
