/**
 * What a tool is called: as recorded, and an MCP server's tool `mcp__<server>__<tool>` in every mode.
 * Codex up to 0.130 records that whole name; later ones, and code mode, name the server apart.
 */
export function toolName(name: string, namespace: string | undefined): string {
  return namespace?.startsWith('mcp__') && !name.startsWith('mcp__') ? `${namespace}__${name}` : name;
}
