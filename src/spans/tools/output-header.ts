import { asNumber, asObject, asString, compact, type JsonObject } from '../../platform/json.js';

/** What Codex writes above a tool's output, by key, and the output itself. */
export interface HeadedOutput {
  readonly text: string;
  readonly facts: JsonObject;
}

/**
 * Codex's header lines (0.60 to 0.171): `exec_command` and `write_stdin` name the chunk, `shell_command`
 * and `apply_patch` the exit code, MCP tools the time, and `exec` how its script ended.
 */
const LINES: readonly [RegExp, (value: string) => JsonObject][] = [
  [/^Chunk ID: (\S+)$/, (id) => ({ chunk_id: id })],
  [/^Wall time:? ([\d.]+) seconds$/, (seconds) => ({ wall_time_seconds: Number(seconds) })],
  [/^(?:Process exited with code|Exit code:) (-?\d+)$/, (code) => ({ exit_code: Number(code) })],
  [/^Process running with session ID (\d+)$/, (id) => ({ session_id: Number(id) })],
  [/^Original token count: (\d+)$/, (count) => ({ original_token_count: Number(count) })],
  [/^Total output lines: (\d+)$/, (count) => ({ total_output_lines: Number(count) })],
  [/^Script (completed|failed|terminated)$/, (end) => ({ script: end })],
  [/^Script running with cell ID (\S+)$/, (id) => ({ script: 'running', cell_id: id })],
];

/**
 * Takes Codex's header off an output. A text that does not begin with one, up to a line `Output:`, is
 * the program's own and stays whole.
 * @param nested a header of a time alone may have another below it (a patch that Codex took out of a
 *   shell command, 0.128 to 0.160); never so for an MCP tool, whose text may say anything
 */
export function readHeader(text: string, nested: boolean): HeadedOutput {
  const outer = takeHeader(text);
  if (!outer) return { text, facts: {} };
  const mayNest = nested && Object.keys(outer.facts).join() === 'wall_time_seconds';
  const inner = mayNest ? (takeHeader(outer.text) ?? takeEnvelope(outer.text)) : undefined;
  return inner ? { text: inner.text, facts: { ...outer.facts, ...inner.facts } } : outer;
}

/** `{"output", "metadata": {"exit_code"}}`: how Codex up to 0.130 wrote what became of a patch. */
function takeEnvelope(text: string): HeadedOutput | undefined {
  if (!text.startsWith('{"output":')) return undefined;
  try {
    const json = asObject(JSON.parse(text));
    const output = asString(json?.['output']);
    const exit_code = asNumber(asObject(json?.['metadata'])?.['exit_code']);
    return output === undefined || exit_code === undefined
      ? undefined
      : { text: output, facts: { exit_code } };
  } catch {
    return undefined;
  }
}

function takeHeader(text: string): HeadedOutput | undefined {
  const end = text.match(/^Output:(?:\n|$)/m);
  // A header is a few short lines; what else comes before `Output:` is a program's.
  if (end?.index === undefined || end.index === 0 || end.index > 500) return undefined;
  let facts: JsonObject = {};
  for (const line of text.slice(0, end.index - 1).split('\n')) {
    const found = LINES.flatMap(([pattern, read]) => {
      const value = line.match(pattern)?.[1];
      return value === undefined ? [] : [read(value)];
    });
    if (found.length === 0) return undefined;
    facts = { ...facts, ...found[0] };
  }
  return { text: text.slice(end.index + end[0].length), facts: compact(facts) };
}
