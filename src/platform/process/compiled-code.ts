import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { Script } from 'node:vm';
import { writeWhole } from '../files/write-whole.js';

/** Other versions of ours and of Node's that are used in turn keep theirs. */
const MAX_KEPT = 4;
const DIGEST_BYTES = 32;
const WRAPPER_BEGIN = Buffer.from('(function (exports, require, module, __filename, __dirname) { ');
const WRAPPER_END = Buffer.from('\n})');

/** A CommonJS bundle that has been loaded. */
export interface LoadedBundle {
  readonly exports: unknown;
  /** Keeps what V8 has compiled of it until now for the next process. Never throws. */
  keep(): void;
}

/**
 * Loads a CommonJS bundle with what V8 compiled of it in an earlier process, so that a `require` of the file
 * finds it loaded. Compiling is a fifth of a hook's CPU; Node's own cache (`module.enableCompileCache`, from 22.1
 * on) spares a third of that, because it holds no functions that were compiled after their module.
 *
 * Node 20 to 24 crash on a damaged cache of the right length, and V8 knows a source by its length alone: so a
 * SHA-256 of source and cache stands in front, and a file that another user could have written is not
 * looked at. Whatever is wrong with the cache, the bundle is compiled as it is without one.
 * @param file the bundle, absolute; ASCII alone
 * @param folder where caches lie, the user's own
 * @param require of a module in the bundle's folder; its cache of modules gets the bundle
 * @throws what evaluating the bundle throws
 */
export function loadCompiled(file: string, folder: string, require: NodeJS.Require): LoadedBundle {
  // Loaded on use: a hook that leaves at once needs neither.
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const { Script } = require('node:vm') as typeof import('node:vm');
  const digestOf: Digest = (...parts) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const source = readFileSync(file);
  const cacheFile = path.join(folder, cacheName(path.basename(file), digestOf));
  const cached = readCache(cacheFile, source, digestOf);
  // As Node itself wraps a module; `node:module` would have to be loaded for that (0.5 ms, Node 20). Put together
  // here it is one text in V8's heap, and not three, for which V8 would collect garbage (1 ms).
  const wrapped = Buffer.concat([WRAPPER_BEGIN, source, WRAPPER_END]).toString('latin1');
  const script = new Script(wrapped, {
    filename: file,
    ...(cached.kind === 'data' && { cachedData: cached.data }),
  });
  // A link or a stranger's file in its place stays as it is.
  const isRejected = script.cachedDataRejected === true;
  // What `require` looks at where it finds a module loaded.
  const bundle = { id: file, filename: file, exports: {}, loaded: true, children: [], paths: [] };
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run.call(bundle.exports, bundle.exports, require, bundle, file, path.dirname(file));
  require.cache[file] = bundle as unknown as NodeModule;
  return {
    exports: bundle.exports,
    keep: () => {
      // Of many hooks that began without one, the first has made it meanwhile.
      const isMissing = cached.kind === 'none' && readCache(cacheFile, source, digestOf).kind === 'none';
      if (isMissing || isRejected) writeCache(cacheFile, source, script, digestOf);
    },
  };
}

type Digest = (...parts: readonly (string | Buffer)[]) => Buffer;

/** V8 takes the code of no other version, platform or flags than its own. */
function cacheName(bundle: string, digestOf: Digest): string {
  const { version, platform, arch, execArgv, env } = process;
  const flags = [...execArgv, env['NODE_OPTIONS']].join(' ').trim();
  const name = `${bundle}-${version}-${platform}-${arch}`;
  return flags === '' ? name : `${name}-${digestOf(flags).toString('hex').slice(0, 8)}`;
}

type Cache = { kind: 'data'; data: Buffer } | { kind: 'none' } | { kind: 'foreign' };

function readCache(file: string, source: Buffer, digestOf: Digest): Cache {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0));
    const { uid, mode } = fstatSync(descriptor);
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return { kind: 'foreign' };
    const whole = readFileSync(descriptor);
    const data = whole.subarray(DIGEST_BYTES);
    const isWhole = digestOf(source, data).equals(whole.subarray(0, DIGEST_BYTES));
    return isWhole ? { kind: 'data', data } : { kind: 'none' };
  } catch (error) {
    return { kind: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'foreign' };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function writeCache(file: string, source: Buffer, script: Script, digestOf: Digest): void {
  try {
    const data = script.createCachedData();
    writeWhole(file, Buffer.concat([digestOf(source, data), data]));
    const folder = path.dirname(file);
    const byAge = readdirSync(folder)
      .map((name) => ({ file: path.join(folder, name), ms: statSync(path.join(folder, name)).mtimeMs }))
      .sort((a, b) => b.ms - a.ms);
    for (const old of byAge.slice(MAX_KEPT)) rmSync(old.file);
  } catch {
    // The next process compiles again.
  }
}
