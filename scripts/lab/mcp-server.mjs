// @ts-check
/**
 * A tiny MCP server over stdio for the scripted runs: `add` works, `boom` answers with an error.
 */
import { createInterface } from 'node:readline';

const noArguments = { type: 'object', properties: {} };
const twoNumbers = {
  type: 'object',
  properties: { a: { type: 'number' }, b: { type: 'number' } },
  required: ['a', 'b'],
};
const tools = [
  { name: 'add', description: 'Adds two numbers', inputSchema: twoNumbers },
  { name: 'boom', description: 'Always fails', inputSchema: noArguments },
  // Without this hint Codex would ask for an approval that nobody here can give.
].map((tool) => ({ ...tool, annotations: { readOnlyHint: true } }));

/** @type {Record<string, (params: any) => unknown>} */
const methods = {
  initialize: (params) => ({
    protocolVersion: params?.protocolVersion ?? '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'labmcp', version: '0.0.1' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name, arguments: args }) =>
    name === 'add'
      ? {
          content: [{ type: 'text', text: String(args.a + args.b) }],
          structuredContent: { sum: args.a + args.b },
        }
      : { isError: true, content: [{ type: 'text', text: 'boom failed' }] },
  'resources/list': () => ({ resources: [] }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.id === undefined) return;
  const result = methods[request.method]?.(request.params) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result })}\n`);
});
