import { describe, expect, test } from '@jest/globals';
import { chatToolsOf } from '../../../src/spans/tools/chat-tools.js';
import { response, spanNamed, spansOf } from '../made-up-turn.js';

/** As Codex 0.171 writes it, shortened: a script's tools stand in the description of `exec`. */
const execDescription = `Run JavaScript code to orchestrate/compose tool calls
- All nested tools are available on the global \`tools\` object.

Shared MCP Types:
\`\`\`ts
type Role = "user" | "assistant";
\`\`\`

### \`apply_patch\`
The \`apply_patch\` tool can be used to edit files.

exec tool declaration:
\`\`\`ts
declare const tools: { apply_patch(input: string): Promise<unknown>; };
\`\`\`

### \`exec_command\`
Runs a command in a PTY.

exec tool declaration:
\`\`\`ts
declare const tools: { exec_command(args: {
  // Shell command to execute.
  cmd: string;
  // Reusable approval prefix.
  prefix_rule?: Array<string>;
  sandbox_permissions?: "use_default" | "require_escalated";
  tty?: boolean;
}): Promise<{
  // Command output text, possibly truncated.
  output: string;
}>; };
\`\`\`

## clock
Tools for reading and waiting on time.

### \`clock__curr_time\`
Return the current time in UTC.

exec tool declaration:
\`\`\`ts
declare const tools: { clock__curr_time(args: {}): Promise<unknown>; };
\`\`\``;
const waitParameters = {
  type: 'object',
  properties: { cell_id: { type: 'string', description: 'Identifier of the running exec cell.' } },
  required: ['cell_id'],
};
const tools = [
  {
    type: 'namespace',
    name: 'functions',
    description: '',
    tools: [
      { type: 'custom', name: 'exec', description: execDescription, format: { type: 'grammar' } },
      { type: 'function', name: 'wait', description: 'Waits.', strict: false, parameters: waitParameters },
    ],
  },
  {
    type: 'namespace',
    name: 'mcp__files',
    tools: [{ type: 'function', name: 'read', parameters: { type: 'object' } }],
  },
];
const lines = [
  response({ type: 'additional_tools', role: 'developer', tools }),
  response({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'one' }] }),
  response({ type: 'function_call', name: 'wait', arguments: '{}', call_id: 'c' }),
  response({ type: 'function_call_output', call_id: 'c', output: 'ok' }),
  response({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'two' }] }),
];

function toolsOf(policy: Parameters<typeof spansOf>[1]) {
  const [first, ...others] = spansOf(lines, policy).filter(({ kind }) => kind === 'CLIENT');
  expect(others.length).toBeGreaterThan(0);
  expect(others.filter(({ attributes }) => 'mlflow.chat.tools' in attributes)).toEqual([]);
  const json = first?.attributes['mlflow.chat.tools'];
  return json === undefined ? undefined : JSON.parse(String(json));
}

const FREE_TEXT = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

describe('a definition', () => {
  const of = (...definitions: unknown[]) => chatToolsOf(definitions).map((tool) => tool.function);

  test.each([
    [
      'of a function has its own parameters',
      { name: 'a', parameters: waitParameters },
      { name: 'a', parameters: waitParameters },
    ],
    ['without parameters takes any object', { name: 'a' }, { name: 'a', parameters: { type: 'object' } }],
    [
      'whose parameters are no object likewise',
      { name: 'a', parameters: 'x' },
      { name: 'a', parameters: { type: 'object' } },
    ],
    [
      'of free text takes an input',
      { type: 'custom', name: 'a', parameters: {} },
      { name: 'a', parameters: FREE_TEXT },
    ],
    [
      'with an empty description has none',
      { name: 'a', description: '' },
      { name: 'a', parameters: { type: 'object' } },
    ],
  ])('%s', (_, definition, expected) => expect(of(definition)).toStrictEqual([expected]));

  test.each([
    [undefined],
    [null],
    ['exec'],
    [{}],
    [{ name: '' }],
    [{ name: 3 }],
    [[]],
    [{ type: 'namespace', name: 'empty' }],
  ])('%j is none', (definition) => expect(of(definition)).toEqual([]));

  test('that comes twice counts once, the first', () => {
    expect(of({ name: 'a', description: 'one' }, { name: 'b' }, { name: 'a', description: 'two' })).toEqual([
      { name: 'a', description: 'one', parameters: { type: 'object' } },
      { name: 'b', parameters: { type: 'object' } },
    ]);
  });

  test('in a namespace has the server’s name before its own, and no other namespace’s', () => {
    const namespaced = (name: string) => ({ type: 'namespace', name, tools: [{ name: 'read' }] });
    expect(of(namespaced('mcp__files'), namespaced('collaboration')).map(({ name }) => name)).toEqual([
      'mcp__files__read',
      'read',
    ]);
  });

  const section = (name: string, about: string, declared: string) =>
    `### \`${name}\`\n${about}\n\nexec tool declaration:\n\`\`\`ts\ndeclare const tools: { ${declared} };\n\`\`\``;
  const inExec = (text: string) => of({ type: 'custom', name: 'exec', description: text }).slice(1);

  test('of a tool for scripts says of each argument its name, kind and comment', () => {
    const args = [
      'first: string;',
      '// One line',
      '// and another.',
      'count?: number;',
      '"quoted-name"?: boolean;',
      'word: "one";',
      'words: "one" | "two words" | "";',
      'list: Array<{',
      '  deeper: string;',
      '}>;',
      'short: string[];',
      'any: unknown;',
      '// An object.',
      'deep: {',
      '  // Not its own.',
      '  inner: string;',
      '};',
      'flat: { inner: string };',
      'either: string | number;',
    ];
    const declared = `run(args: {\n${args.map((line) => `  ${line}\n`).join('')}}): Promise<unknown>;`;
    expect(inExec(section('run', 'Runs.', declared))).toStrictEqual([
      {
        name: 'run',
        description: 'Runs.',
        parameters: {
          type: 'object',
          properties: {
            first: { type: 'string' },
            count: { type: 'number', description: 'One line and another.' },
            'quoted-name': { type: 'boolean' },
            word: { type: 'string', enum: ['one'] },
            words: { type: 'string', enum: ['one', 'two words', ''] },
            list: { type: 'array' },
            short: { type: 'array' },
            any: {},
            deep: { type: 'object', description: 'An object.' },
            flat: { type: 'object' },
            either: {},
          },
          required: ['first', 'word', 'words', 'list', 'short', 'any', 'deep', 'flat', 'either'],
        },
      },
    ]);
  });

  test('of tools for scripts stands in the description of exec alone, in sections of their own', () => {
    const sections = [
      // Without its heading.
      section('not', 'Not a section.', 'not(args: {}): Promise<string>;').slice(4),
      section('blank', '  ', 'blank(args: {}): Promise<string>;'),
      '### `undeclared`\nSays nothing of its arguments.',
      section('text', ' Takes a text. ', 'text(input: string): Promise<string>;'),
    ];
    expect(inExec(sections.join('\n\n'))).toStrictEqual([
      { name: 'blank', parameters: { type: 'object', properties: {} } },
      { name: 'text', description: 'Takes a text.', parameters: FREE_TEXT },
    ]);
    const other = { name: 'other', description: sections.join('\n\n') };
    expect(of(other).map(({ name }) => name)).toEqual(['other']);
    expect(inExec('')).toEqual([]);
    expect(inExec(sections[1] ?? '').map(({ name }) => name)).toEqual(['blank']);
  });
});

describe('the tools a model is offered stand on the first response of a trace', () => {
  test('in OpenAI’s shape: those it calls, and those that its scripts call', () => {
    const input = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };
    expect(toolsOf({})).toEqual(
      [
        { name: 'exec', description: execDescription, parameters: input },
        {
          name: 'apply_patch',
          description: 'The `apply_patch` tool can be used to edit files.',
          parameters: input,
        },
        {
          name: 'exec_command',
          description: 'Runs a command in a PTY.',
          parameters: {
            type: 'object',
            properties: {
              cmd: { type: 'string', description: 'Shell command to execute.' },
              prefix_rule: { type: 'array', description: 'Reusable approval prefix.' },
              sandbox_permissions: { type: 'string', enum: ['use_default', 'require_escalated'] },
              tty: { type: 'boolean' },
            },
            required: ['cmd'],
          },
        },
        {
          name: 'clock__curr_time',
          description: 'Return the current time in UTC.',
          parameters: { type: 'object', properties: {} },
        },
        { name: 'wait', description: 'Waits.', parameters: waitParameters },
        { name: 'mcp__files__read', parameters: { type: 'object' } },
      ].map((definition) => ({ type: 'function', function: definition })),
    );
  });

  const nested = [
    {
      type: 'function',
      name: 'look',
      description: 'Looks.'.padEnd(300, '.'),
      parameters: {
        type: 'object',
        properties: { description: { type: 'string', description: 'What for.'.padEnd(200, '.') } },
      },
    },
  ];
  /** With room for so many bytes. */
  const within = (maxContentBytes: number) => {
    const given = response({ type: 'additional_tools', role: 'developer', tools: nested });
    const said = response({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'one' }],
    });
    const [, llm] = spansOf([given, said], { policy: { maxContentBytes } });
    const json = llm?.attributes['mlflow.chat.tools'];
    return json === undefined ? undefined : JSON.parse(String(json));
  };
  const look = (parameters: object, more: object = {}) => [
    { type: 'function', function: { name: 'look', ...more, parameters } },
  ];

  test('whole where there is room, else without descriptions, else by name alone, and never by halves', () => {
    const [tool] = nested;
    const whole = look(tool?.parameters ?? {}, { description: tool?.description });
    const bare = look({ type: 'object', properties: { description: { type: 'string' } } });
    const named = look({ type: 'object' });
    const size = (tools: unknown) => JSON.stringify(tools).length;
    expect(within(size(whole))).toStrictEqual(whole);
    expect(within(size(whole) - 1)).toStrictEqual(bare);
    expect(within(size(bare))).toStrictEqual(bare);
    expect(within(size(bare) - 1)).toStrictEqual(named);
    expect(within(size(named))).toStrictEqual(named);
    expect(within(size(named) - 1)).toBeUndefined();
  });

  test('and nowhere where Codex gave none', () => {
    const given = response({ type: 'additional_tools', role: 'developer', tools: [] });
    const said = response({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'one' }],
    });
    expect(JSON.stringify(spansOf([given, said]))).not.toContain('mlflow.chat.tools');
    expect(JSON.stringify(spansOf([said]))).not.toContain('mlflow.chat.tools');
  });

  test('and nowhere where only metadata may leave', () => {
    expect(toolsOf({ policy: { mode: 'metadata' } })).toBeUndefined();
  });

  test('nor on a sub-agent’s, whose trace has them already', () => {
    const spans = spansOf(lines, { parentSpanId: 'a'.repeat(16) });
    expect(JSON.stringify(spans)).not.toContain('mlflow.chat.tools');
    expect(spanNamed(spans, 'wait').name).toBe('wait');
  });
});
