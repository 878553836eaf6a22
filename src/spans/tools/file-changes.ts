import { asObject, asText, type JsonObject } from '../../platform/json.js';

/** What a patch did to one file. */
export interface FileChange {
  readonly path: string;
  readonly type: 'add' | 'delete' | 'update';
  /** Where the file was moved to. */
  readonly movedTo?: string;
  /** Lines with their first sign: `+`, `-`, a space, or `@@` where a hunk begins. */
  readonly lines: readonly string[];
}

/** The changes that Codex records of an applied patch, by path (`FileChange`, `patch_apply_end`). */
export function recordedChanges(changes: unknown): FileChange[] {
  return Object.entries(asObject(changes) ?? {}).flatMap(([path, value]) => {
    const change = asObject(value);
    const type = change?.['type'];
    if (!change || (type !== 'add' && type !== 'delete' && type !== 'update')) return [];
    const movedTo = asText(change['move_path']);
    return [{ path, type, ...(movedTo === undefined ? {} : { movedTo }), lines: linesOf(type, change) }];
  });
}

function linesOf(type: FileChange['type'], change: JsonObject): string[] {
  if (type === 'update') {
    return textLines(change['unified_diff']).map((line) => (line.startsWith('@@') ? '@@' : line));
  }
  return textLines(change['content']).map((line) => (type === 'add' ? `+${line}` : `-${line}`));
}

function textLines(text: unknown): string[] {
  return typeof text === 'string' && text !== '' ? text.replace(/\n$/, '').split('\n') : [];
}

/** The changes that a patch in Codex's own form asks for, also within a shell command. */
export function askedChanges(patch: string): FileChange[] {
  const body = patch.match(/^\*\*\* Begin Patch$([\s\S]*?)^\*\*\* End Patch/m)?.[1];
  const found: { path: string; type: FileChange['type']; movedTo?: string; lines: string[] }[] = [];
  for (const line of body?.split('\n') ?? []) {
    const [, verb, path] = line.match(/^\*\*\* (Add|Delete|Update) File: (.+)$/) ?? [];
    const movedTo = line.match(/^\*\*\* Move to: (.+)$/)?.[1];
    const current = found.at(-1);
    if (verb && path) found.push({ path, type: verb.toLowerCase() as FileChange['type'], lines: [] });
    else if (current && movedTo) current.movedTo = movedTo;
    else if (current && line !== '') current.lines.push(line.startsWith('@@') ? '@@' : line);
  }
  return found;
}

/**
 * A patch in Codex's own form, as the model would have written it.
 * @param cwd paths inside it are named relative to it
 */
export function patchText(changes: readonly FileChange[], cwd: string | undefined): string {
  const files = changes.map(({ path, type, movedTo, lines }) => {
    const verb = `${type[0]?.toUpperCase()}${type.slice(1)}`;
    return [
      `*** ${verb} File: ${relativePath(path, cwd)}`,
      ...(movedTo === undefined ? [] : [`*** Move to: ${relativePath(movedTo, cwd)}`]),
      ...(type === 'delete' ? [] : lines),
    ];
  });
  return ['*** Begin Patch', ...files.flat(), '*** End Patch'].join('\n');
}

/** A path below a folder, relative to it; any other as it is. */
export function relativePath(path: string, cwd: string | undefined): string {
  const inside = cwd !== undefined && path.startsWith(cwd) && /^[\\/]/.test(path.slice(cwd.length));
  return inside ? path.slice(cwd.length + 1) : path;
}
