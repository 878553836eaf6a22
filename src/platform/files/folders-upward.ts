import { realpathSync } from 'node:fs';
import path from 'node:path';

/** Linux's PATH_MAX; no system of ours has a longer path. */
const MAX_BYTES = 4096;
/** Deeper trees exist for the sake of breaking programs. */
const MAX_LEVELS = 256;

/**
 * A folder and those it lies in, from the inside out. A path is not to be trusted to be real: of one that
 * is too long for any system there are none, and of one with very many levels the inner ones.
 */
export function* foldersUpward(folder: string): Generator<string> {
  if (Buffer.byteLength(folder) > MAX_BYTES) return;
  let current = path.resolve(folder);
  for (let level = 0; level < MAX_LEVELS; level++) {
    yield current;
    const parent = path.dirname(current);
    if (parent === current) return;
    current = parent;
  }
}

/**
 * The folders upward by the path's own names, and then those upward from where its links lead. Codex (0.171)
 * names a folder as it was told to it (`-C`, an editor's workspace), a shell's program by its real path.
 */
export function* foldersAround(folder: string): Generator<string> {
  yield* foldersUpward(folder);
  const real = realFolder(folder);
  if (real !== path.resolve(folder)) yield* foldersUpward(real);
}

/** A folder's path without links; of one that is not there (any more) the part that is. */
export function realFolder(folder: string): string {
  const gone: string[] = [];
  for (const at of foldersUpward(folder)) {
    try {
      return path.join(realpathSync(at), ...gone);
    } catch {
      gone.unshift(path.basename(at));
    }
  }
  return path.resolve(folder);
}
