import { describe, expect, test } from '@jest/globals';
import { buildToolSpan, toolSpanId } from '../../../src/spans/tools/tool-spans.js';
import { contextOf, gateOf, toolCall } from '../turn-parts.js';

const parent = 'a'.repeat(16);

describe("a call's span", () => {
  test('says what was called, with what, what came of it, and how it failed', () => {
    const call = toolCall({
      name: 'mcp__files__read',
      namespace: 'mcp__files',
      input: { path: 'a' },
      output: { output: 'x' },
      exitCode: 3,
      running: true,
      failure: { type: 'exit_code', message: 'exit code 3' },
    });
    expect(buildToolSpan(call, parent, contextOf())).toStrictEqual({
      name: 'mcp__files__read',
      kind: 'INTERNAL',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      // The first 16 digits of the SHA-256 of `<trace id>:call`.
      spanId: '3d0ce61cf054d698',
      parentSpanId: parent,
      startMs: 3000,
      endMs: 4000,
      attributes: {
        'mlflow.spanType': 'TOOL',
        'mlflow.spanInputs': '{"path":"a"}',
        'mlflow.spanOutputs': '{"output":"x"}',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.conversation.id': 'thread',
        'gen_ai.tool.name': 'mcp__files__read',
        'gen_ai.tool.type': 'extension',
        'gen_ai.tool.call.id': 'call',
        'codex.tool.namespace': 'mcp__files',
        'codex.tool.running': true,
        'process.exit.code': 3,
        'error.type': 'exit_code',
      },
      status: { code: 'ERROR', message: 'exit code 3' },
      events: [],
    });
  });

  test('of which nothing is known but its name is as short', () => {
    const context = contextOf({ identity: { threadId: '', turnKey: 'turn' } });
    const { attributes, status } = buildToolSpan(toolCall(), parent, context);
    expect({ attributes, status }).toStrictEqual({
      attributes: {
        'mlflow.spanType': 'TOOL',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'look',
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': 'call',
      },
      status: { code: 'UNSET' },
    });
  });

  test('has no words of anybody where only metadata may leave', () => {
    const call = toolCall({ input: { path: 'a' }, output: { output: 'x' } });
    const context = contextOf({ gate: gateOf({ mode: 'metadata' }) });
    const { attributes } = buildToolSpan(call, parent, context);
    expect(Object.keys(attributes).filter((key) => /spanInputs|spanOutputs/.test(key))).toEqual([]);
  });

  test('names its command’s folder only where that is not the turn’s', () => {
    const call = toolCall({ name: 'shell', input: { command: 'ls', cwd: '/home/dev' } });
    const inputsIn = (cwd: string) =>
      buildToolSpan(call, parent, contextOf({ cwd })).attributes['mlflow.spanInputs'];
    expect(inputsIn('/home/dev')).toBe('{"cmd":"ls"}');
    expect(inputsIn('/tmp')).toBe('{"cmd":"ls","workdir":"/home/dev"}');
  });

  test.each([
    ['function', { name: 'look' }],
    ['function', { name: 'look', namespace: 'collaboration' }],
    ['function', { name: 'mcp__files__read', namespace: 'collaboration' }],
    ['function', { name: 'look', form: 'custom' }],
    ['extension', { name: 'web_search', form: 'hosted' }],
    ['extension', { name: 'mcp__files__read' }],
    ['extension', { name: 'read', namespace: 'mcp__files' }],
  ] as const)('calls a %s what %j is', (type, some) => {
    const { attributes } = buildToolSpan(toolCall(some), parent, contextOf());
    expect(attributes['gen_ai.tool.type']).toBe(type);
  });

  test('has an id of its thread and turn in an agent’s turn, whose calls may be numbered like the root’s', () => {
    const agent = contextOf({ identity: { threadId: 'agent', turnKey: 'turn' } });
    expect(toolSpanId(toolCall(), agent)).toBe('9ab8d333b0292123');
  });
});
