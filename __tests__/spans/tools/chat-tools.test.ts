import { describe, expect, test } from '@jest/globals';
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

  test('without their descriptions where these are too long, then by name, and never by halves', () => {
    const names = ['exec', 'apply_patch', 'exec_command', 'clock__curr_time', 'wait', 'mcp__files__read'];
    const bare = toolsOf({ policy: { maxContentBytes: 1200 } });
    expect(JSON.stringify(bare)).not.toContain('Waits.');
    expect(bare[2].function.parameters.required).toEqual(['cmd']);
    const named = toolsOf({ policy: { maxContentBytes: 700 } });
    expect(named.map(({ function: { name } }: { function: { name: string } }) => name)).toEqual(names);
    expect(toolsOf({ policy: { maxContentBytes: 200 } })).toBeUndefined();
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
