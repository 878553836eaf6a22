import { asNumber, asObject, asString, type JsonObject } from '../../platform/json.js';

/** What Codex writes above a tool's output, by key, and the output itself. */
export interface HeadedOutput {
  readonly text: string;
  readonly facts: JsonObject;
}

const NUMBER = /^-?[\d.]+$/;
const WORD = /^\S+$/;

/**
 * Codex's header lines (0.60 to 0.171), by their beginning: `exec_command` and `write_stdin` name the chunk,
 * `shell_command` and `apply_patch` the exit code, MCP tools the time, and `exec` how its script ended.
 */
const LINES: readonly [begin: string, value: RegExp, read: (value: string) => JsonObject, end?: string][] = [
  ['Chunk ID: ', WORD, (id) => ({ chunk_id: id })],
  ['Wall time: ', NUMBER, (seconds) => ({ wall_time_seconds: Number(seconds) }), ' seconds'],
  ['Wall time ', NUMBER, (seconds) => ({ wall_time_seconds: Number(seconds) }), ' seconds'],
  ['Process exited with code ', NUMBER, (code) => ({ exit_code: Number(code) })],
  ['Exit code: ', NUMBER, (code) => ({ exit_code: Number(code) })],
  ['Process running with session ID ', NUMBER, (id) => ({ session_id: Number(id) })],
  ['Original token count: ', NUMBER, (count) => ({ original_token_count: Number(count) })],
  ['Total output lines: ', NUMBER, (count) => ({ total_output_lines: Number(count) })],
  ['Script running with cell ID ', WORD, (id) => ({ script: 'running', cell_id: id })],
  ['Script ', /^(?:completed|failed|terminated)$/, (end) => ({ script: end })],
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

/**
 * What stands above the first line `Output:`, which may be the last. A header is a few short lines; what else comes
 * before `Output:` is a program's.
 */
const HEADER = /^([\s\S]{1,500}?)\nOutput:(?:\n([\s\S]*))?$/;

function takeHeader(text: string): HeadedOutput | undefined {
  const [, header, output = ''] = HEADER.exec(text) ?? [];
  if (header === undefined) return undefined;
  let facts: JsonObject = {};
  for (const line of header.split('\n')) {
    const found = factOf(line);
    if (!found) return undefined;
    facts = { ...facts, ...found };
  }
  return { text: output, facts };
}

function factOf(line: string): JsonObject | undefined {
  const found = LINES.find(([begin]) => line.startsWith(begin));
  if (!found) return undefined;
  const [begin, form, read, end = ''] = found;
  const value = line.slice(begin.length, line.length - end.length);
  return line.endsWith(end) && form.test(value) ? read(value) : undefined;
}
