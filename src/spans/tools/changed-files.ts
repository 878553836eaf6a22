import type { ToolCall } from '../../turn/turn.js';
import { askedChanges, type FileChange, recordedChanges, relativePath } from './file-changes.js';

/** What a turn's patches did, all together. */
export interface ChangedFiles {
  /** Relative to the turn's folder where they lie in it; each once, in the order of the changes. */
  readonly paths: readonly string[];
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

/**
 * The files that a turn's patches changed, and by how many lines: what Codex recorded (0.140 and later),
 * else what a patch asked for that did not fail. What commands wrote is not known.
 * @param cwd the turn's folder
 */
export function changedFilesOf(
  calls: readonly ToolCall[],
  cwd: string | undefined,
): ChangedFiles | undefined {
  const changes = calls.flatMap(changesOf);
  if (changes.length === 0) return undefined;
  const paths = changes.flatMap(({ path, movedTo }) => (movedTo === undefined ? [path] : [path, movedTo]));
  const lines = changes.flatMap((change) => change.lines);
  return {
    paths: [...new Set(paths.map((path) => relativePath(path, cwd)))],
    linesAdded: lines.filter((line) => line.startsWith('+')).length,
    linesRemoved: lines.filter((line) => line.startsWith('-')).length,
  };
}

function changesOf(call: ToolCall): FileChange[] {
  const inner = call.children.flatMap(changesOf);
  if (call.failure) return inner;
  const recorded = recordedChanges(call.output?.['changes'] ?? call.input?.['changes']);
  if (recorded.length > 0) return [...recorded, ...inner];
  // A script of code mode may hold a patch it never applies: only what it ran counts.
  return call.name === 'exec' ? inner : [...textsOf(call).flatMap(askedChanges), ...inner];
}

/** What may hold a patch: the tool's own input, or a shell command. */
function textsOf({ input }: ToolCall): string[] {
  const { input: patch, cmd, command } = input ?? {};
  return [patch, cmd, command].flat().filter((part) => typeof part === 'string');
}
