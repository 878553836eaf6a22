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
