// @ts-check
/**
 * A tiny MCP server over stdio for the scripted runs: `add` works, `boom` answers with an error, `draw`
 * answers with a picture, once as a part and once inside its structured content.
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
  { name: 'draw', description: 'Draws a red square', inputSchema: noArguments },
  // Without this hint Codex would ask for an approval that nobody here can give.
].map((tool) => ({ ...tool, annotations: { readOnlyHint: true } }));

/** A red square of 16 by 16 pixels. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGM4ISdHEmIY1TCqYfhqAADkYgQQ60fIxgAAAABJRU5ErkJggg==';

/** What each tool answers. @type {Record<string, (args: any) => unknown>} */
const results = {
  add: ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
    structuredContent: { sum: a + b },
  }),
  boom: () => ({ isError: true, content: [{ type: 'text', text: 'boom failed' }] }),
  draw: () => ({
    content: [
      { type: 'text', text: 'a red square' },
      { type: 'image', data: png, mimeType: 'image/png' },
    ],
    structuredContent: { title: 'red square', picture: png, url: `data:image/png;base64,${png}` },
  }),
};

/** @type {Record<string, (params: any) => unknown>} */
const methods = {
  initialize: (params) => ({
    protocolVersion: params?.protocolVersion ?? '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'labmcp', version: '0.0.1' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name, arguments: args }) => results[name]?.(args) ?? results['boom']?.(args),
  'resources/list': () => ({ resources: [] }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.id === undefined) return;
  const result = methods[request.method]?.(request.params) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result })}\n`);
});
