import { describe, expect, test } from '@jest/globals';
import type { SpanSpec } from '../../../src/spans/span-spec.js';
import { shapeOf } from '../../../src/spans/tools/tool-shapes.js';
import { typeOf } from '../../turn/invariants.js';
import { preparedTurns, recording } from '../../turn/recordings.js';
import { completed, inputsOf, outputsOf, response, spanNamed, spansOf } from '../made-up-turn.js';
import { toolCall } from '../turn-parts.js';

/** The TOOL spans of a recording that do something, without the scripts that called them. */
async function toolsOf(name: string): Promise<SpanSpec[]> {
  const spans = (await preparedTurns(recording(name))).flatMap(({ specs }) => specs);
  return spans.filter((span) => typeOf(span) === 'TOOL' && span.name !== 'exec');
}

/** What a scorer reads of a call: the tool, what it was given, what came of it, and whether it failed. */
function read(span: SpanSpec) {
  const { output, changes, exit_code, structured_content } = outputsOf(span) ?? {};
  return {
    tool: span.name,
    inputs: inputsOf(span),
    outputs: { output, changes, structured_content },
    exit_code,
    error: span.events[0]?.attributes['exception.message'],
  };
}

describe('the same work in code mode and classic', () => {
  test.each(['0.169.0 shell', '0.169.0 mcp', '0.169.0 parallel', '0.160.1 shell', '0.160.1 parallel'])(
    '%s: the same names, arguments, results and failures',
    async (recorded) => {
      const [version, scenario] = recorded.split(' ');
      const [classic, codeMode] = await Promise.all(
        ['classic', 'code-mode'].map((mode) => toolsOf(`${version}-${mode}/${scenario}`)),
      );
      const sorted = (spans: SpanSpec[] | undefined) => spans?.map(read).sort(byText);
      expect(classic?.length).toBeGreaterThan(0);
      expect(sorted(codeMode)).toEqual(sorted(classic));
    },
  );

  test('failing commands: the same exit codes and words', async () => {
    const commands = async (mode: string) =>
      (await toolsOf(`0.169.0-${mode}/failing-commands`))
        .filter(({ name }) => name === 'exec_command')
        .map(read);
    expect(await commands('code-mode')).toEqual(await commands('classic'));
  });

  test('a patch that fits: the same files, line by line', async () => {
    const patch = async (mode: string) => {
      const [applied] = (await toolsOf(`0.169.0-${mode}/apply-patch`)).filter(
        ({ name }) => name === 'apply_patch',
      );
      const { output, changes } = outputsOf(applied);
      const files = String(inputsOf(applied).input).split(/(?=^\*\*\* )/m);
      return { output, changes, files: files.map((part) => part.trim()).sort() };
    };
    expect(await patch('code-mode')).toEqual(await patch('classic'));
  });
});

function byText(a: object, b: object): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}

describe('a command', () => {
  const ran = (input: object, name = 'shell') =>
    inputsOf(
      spanNamed(
        spansOf([
          ['turn_context', { cwd: '/home/dev/app' }],
          response({ type: 'function_call', name, arguments: JSON.stringify(input), call_id: 'c' }),
        ]),
        name,
      ),
    );

  test.each([
    [['bash', '-lc', 'ls | wc'], 'ls | wc'],
    [['/usr/bin/zsh', '-c', 'ls'], 'ls'],
    [['C:\\Windows\\powershell.exe', '-NoProfile', '-Command', 'dir'], 'dir'],
    [['cmd.exe', '/c', 'dir'], 'dir'],
    [['git', 'commit', '-m', 'two words'], 'git commit -m "two words"'],
    [['bash', 'run.sh'], 'bash run.sh'],
    ['ls', 'ls'],
  ])('%j is shown as what a person would type: %s', (command, cmd) => {
    expect(ran({ command, timeout_ms: 1000 })).toEqual({ cmd, timeout_ms: 1000 });
  });

  test('of the provider’s local shell is shown alike, and says where it ran if that is elsewhere', () => {
    const action = { type: 'exec', command: ['bash', '-lc', 'ls'], timeout_ms: 5 };
    const shown = (working_directory: string) =>
      inputsOf(
        spanNamed(
          spansOf([
            ['turn_context', { cwd: '/home/dev/app' }],
            response({ type: 'local_shell_call', call_id: 'c', action: { ...action, working_directory } }),
          ]),
          'local_shell',
        ),
      );
    expect(shown('/tmp')).toEqual({ cmd: 'ls', workdir: '/tmp', type: 'exec', timeout_ms: 5 });
    expect(shown('/home/dev/app')).toEqual({ cmd: 'ls', type: 'exec', timeout_ms: 5 });
  });

  test('whose arguments Codex could not read is shown as it was called', () => {
    expect(ran({ not: 'its arguments' })).toEqual({ not: 'its arguments' });
  });
});

test('a script’s patch is shown as a patch, with paths as the model names them', () => {
  const spans = spansOf([
    ['turn_context', { cwd: '/home/dev/app' }],
    response({ type: 'custom_tool_call', name: 'exec', input: 'await tools.apply_patch(p)', call_id: 'c' }),
    completed({
      type: 'FileChange',
      id: 'exec-1',
      status: 'completed',
      changes: {
        '/home/dev/app/src/a.ts': {
          type: 'update',
          unified_diff: '@@ -1,2 +1,2 @@\n-one\n+two\n same\n',
          move_path: '/home/dev/app/src/b.ts',
        },
        '/etc/other': { type: 'add', content: 'x\ny\n' },
        '/home/dev/apple/c.ts': { type: 'delete', content: 'gone\n' },
        '/home/dev/its/d.ts': { type: 'delete', content: 'gone\n' },
      },
    }),
  ]);
  expect(inputsOf(spanNamed(spans, 'apply_patch')).input).toBe(
    [
      '*** Begin Patch',
      '*** Update File: src/a.ts',
      '*** Move to: src/b.ts',
      '@@',
      '-one',
      '+two',
      ' same',
      '*** Add File: /etc/other',
      '+x',
      '+y',
      '*** Delete File: /home/dev/apple/c.ts',
      '*** Delete File: /home/dev/its/d.ts',
      '*** End Patch',
    ].join('\n'),
  );
});

describe('a web search', () => {
  test('has its query and, where recorded, what came back', () => {
    const results = [{ title: 'Bern', url: 'https://example.invalid/bern' }];
    const spans = spansOf([
      completed({
        type: 'WebSearch',
        id: 'ws_1',
        query: 'weather in Bern',
        action: { type: 'search' },
        results,
      }),
    ]);
    expect(inputsOf(spanNamed(spans, 'web_search'))).toEqual({ type: 'search', query: 'weather in Bern' });
    expect(outputsOf(spanNamed(spans, 'web_search'))).toEqual({ output: results });
  });
});

describe('an MCP tool', () => {
  test.each([
    ['mcp__files__read', undefined],
    ['read', 'mcp__files'],
  ])('recorded as %s, in namespace %s, is an extension called mcp__files__read', (name, namespace) => {
    const spans = spansOf([
      response({ type: 'function_call', name, namespace, arguments: '{"path":"a"}', call_id: 'c' }),
      response({
        type: 'function_call_output',
        call_id: 'c',
        output: '[{"type":"text","text":"a"},{"type":"text","text":"b"}]',
      }),
    ]);
    const tool = spanNamed(spans, 'mcp__files__read');
    expect(tool.attributes).toMatchObject({
      'gen_ai.tool.name': 'mcp__files__read',
      'gen_ai.tool.type': 'extension',
      'gen_ai.operation.name': 'execute_tool',
    });
    expect(outputsOf(tool)).toEqual({ output: 'a\nb' });
    const [call] = outputsOf(spanNamed(spans, 'chat')).choices[0].message.tool_calls;
    expect(call.function.name).toBe('mcp__files__read');
  });

  test('of another namespace than a server’s keeps its recorded name', () => {
    const spans = spansOf([
      response({
        type: 'function_call',
        name: 'spawn_agent',
        namespace: 'collaboration',
        arguments: '{}',
        call_id: 'c',
      }),
    ]);
    expect(spanNamed(spans, 'spawn_agent').attributes).toMatchObject({
      'gen_ai.tool.type': 'function',
      'codex.tool.namespace': 'collaboration',
    });
  });
});

describe('one kind of tool has one shape', () => {
  const shape = (name: string, input?: object, output?: object) =>
    shapeOf(
      toolCall({ name, ...(input && { input: { ...input } }), ...(output && { output: { ...output } }) }),
      '/home/dev',
    );
  const inputs = (name: string, input: object) => shape(name, input).inputs;
  const outputs = (name: string, output: object) => shape(name, undefined, output).outputs;

  test.each(['exec_command', 'shell_command', 'shell', 'local_shell', 'container.exec'])(
    'a command of %s is `cmd`, with what else was said of it',
    (name) => {
      expect(inputs(name, { command: 'ls', timeout_ms: 1 })).toStrictEqual({ cmd: 'ls', timeout_ms: 1 });
    },
  );

  test.each([
    [
      'that has its text already',
      { cmd: 'ls', command: 'no', cwd: '/tmp' },
      { cmd: 'ls', command: 'no', cwd: '/tmp' },
    ],
    ['without a command', { cwd: '/tmp' }, { cwd: '/tmp' }],
    [
      'that ran elsewhere',
      { command: 'ls', cwd: '/tmp', working_directory: '/no' },
      { cmd: 'ls', workdir: '/tmp' },
    ],
    [
      'that ran in the turn’s folder',
      { command: 'ls', cwd: '/home/dev', working_directory: '/no' },
      { cmd: 'ls' },
    ],
    ['of no words', { command: [] }, { cmd: '' }],
    ['of one word', { command: ['bash'] }, { cmd: 'bash' }],
    ['of a shell and its flag', { command: ['-c', 'bash'] }, { cmd: '-c bash' }],
    ['of words and numbers', { command: ['seq', 3, ''] }, { cmd: 'seq 3 ""' }],
    ['of a fish', { command: ['/usr/bin/fish', '-c', 'ls'] }, { cmd: 'ls' }],
    ['of a program that ends like a shell', { command: ['smash', '-c', 'ls'] }, { cmd: 'smash -c ls' }],
    ['of another kind', { command: { a: 1 } }, { cmd: { a: 1 } }],
  ])('a command %s', (_, input, shown) => expect(inputs('shell', input)).toStrictEqual(shown));

  test('another tool’s arguments stay as they are, changes and commands too', () => {
    expect(shape('look', { command: ['bash', '-c', 'ls'], changes: {} })).toStrictEqual({
      inputs: { command: ['bash', '-c', 'ls'], changes: {} },
    });
    expect(shape('apply_patch', { input: 'x' })).toStrictEqual({ inputs: { input: 'x' } });
    expect(shape('look')).toStrictEqual({});
    expect(shape('shell')).toStrictEqual({});
    expect(shape('web_search')).toStrictEqual({});
  });

  test('a patch whose changes are recorded is told as text, and its changes are its result', () => {
    const changes = { '/home/dev/a': { type: 'add', content: 'x\n' } };
    expect(shape('apply_patch', { changes, auto_approved: true }, { output: 'Success.' })).toStrictEqual({
      inputs: { input: '*** Begin Patch\n*** Add File: a\n+x\n*** End Patch', auto_approved: true },
      outputs: { output: 'Success.', changes },
    });
  });

  test.each([
    [
      'whose action holds the query',
      { action: { type: 'search', query: 'a' }, query: 'b' },
      { type: 'search', query: 'a' },
    ],
    [
      'whose query stands beside it',
      { action: { type: 'search' }, query: 'b' },
      { type: 'search', query: 'b' },
    ],
    ['of a page', { action: { type: 'open_page', url: 'u' }, query: '' }, { type: 'open_page', url: 'u' }],
    ['without an action', { query: 'b' }, { query: 'b' }],
  ])('a search %s', (_, input, shown) => expect(inputs('web_search', input)).toStrictEqual(shown));

  const headed = 'Exit code: 0\nWall time: 1 seconds\nOutput:\n';
  test.each([
    ['a text', { output: 'a' }, { output: 'a' }],
    ['a headed text', { output: `${headed}a` }, { output: 'a', exit_code: 0, wall_time_seconds: 1 }],
    ['a header alone', { output: headed }, { exit_code: 0, wall_time_seconds: 1 }],
    ['no text', { output: '' }, undefined],
    ['a text and more', { output: '', exit_code: 3 }, { exit_code: 3 }],
    ['what contradicts its header', { output: headed, exit_code: 3 }, { exit_code: 3, wall_time_seconds: 1 }],
    ['parts', { output: ['a'], more: 1 }, { output: ['a'], more: 1 }],
    ['more alone', { more: 1 }, { more: 1 }],
    ['JSON', { output: '{"a":1}' }, { output: '{"a":1}' }],
    [
      'a header within a header',
      { output: `Wall time: 1 seconds\nOutput:\n${headed}` },
      { exit_code: 0, wall_time_seconds: 1 },
    ],
  ])('a result of %s', (_, output, shown) => expect(outputs('exec_command', output)).toStrictEqual(shown));

  const parts = JSON.stringify([
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ]);
  test.each([
    ['parts of text', parts, { output: 'a\nb' }],
    [
      'parts below the time they took',
      `Wall time: 2 seconds\nOutput:\n${parts}`,
      { output: 'a\nb', wall_time_seconds: 2 },
    ],
    ['a part that is no text', '[{"text":"a"},{"image":"x"}]', { output: '[{"text":"a"},{"image":"x"}]' }],
    ['one part', '[{"type":"text","text":"a"}]', { output: 'a' }],
    ['no parts', '[]', { output: '[]' }],
    ['structured content', '{"a":1}', { output: '{"a":1}', structured_content: { a: 1 } }],
    ['a text', 'a', { output: 'a' }],
    ['a number', '3', { output: '3' }],
    [
      'a header of its own',
      `Wall time: 2 seconds\nOutput:\n${headed}`,
      { output: headed, wall_time_seconds: 2 },
    ],
  ])('an MCP server’s result of %s', (_, output, shown) =>
    expect(outputs('mcp__files__read', { output })).toStrictEqual(shown),
  );

  test('an MCP server’s result whose structured content is recorded apart keeps its text', () => {
    expect(outputs('mcp__files__read', { output: parts, structured_content: [1] })).toStrictEqual({
      output: parts,
      structured_content: [1],
    });
  });
});
