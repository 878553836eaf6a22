// What the hook and the other commands have in common is in the package once: in core.cjs.

import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Takes the modules of core.cjs for granted: an import of one of them becomes a look into core.cjs.
 * @param {ReadonlySet<string>} core sources, by their path below the project's folder
 * @param {Set<string>} taken gains those that were imported
 * @param {string} [file] which of our bundles they are in
 * @returns {import('esbuild').Plugin}
 */
export function fromCore(core, taken, file = './core.cjs') {
  return {
    name: `from ${file}`,
    setup(build) {
      const root = build.initialOptions.absWorkingDir ?? '.';
      build.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path: named, resolveDir }) => {
        const source = path.join(resolveDir, named.replace(/\.js$/, '.ts'));
        const known = path.relative(root, source).split(path.sep).join('/');
        if (!core.has(known)) return undefined;
        taken.add(known);
        return { path: known, namespace: file };
      });
      build.onLoad({ filter: /.*/, namespace: file }, ({ path: known }) => ({
        contents: `module.exports = require(${JSON.stringify(file)}).moduleOf(${JSON.stringify(known)});`,
        resolveDir: root,
      }));
      build.onResolve({ filter: /^\.\/(?:core|databricks)\.cjs$/ }, ({ path: own }) => ({
        path: own,
        external: true,
      }));
    },
  };
}

/**
 * Puts what is loaded on use into files of its own, which the hook neither reads nor parses until then.
 * CommonJS has no chunks in esbuild (0.28), so an `import()` becomes the `require` of another bundle.
 * @param {Map<string, string>} lazy gains, for each module that is loaded on use, the name of its file
 * @returns {import('esbuild').Plugin}
 */
export function lazyFiles(lazy) {
  return {
    name: 'lazy-files',
    setup(build) {
      const root = build.initialOptions.absWorkingDir ?? '.';
      build.onResolve({ filter: /.*/ }, async ({ path: named, kind, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || named.startsWith('node:') || isBuiltin(named)) return undefined;
        const found = await build.resolve(named, { kind: 'import-statement', importer, resolveDir });
        const module = path.relative(root, found.path).split(path.sep).join('/');
        const file = `${named.replace(/^.*\/|\.js$/g, '')}.cjs`;
        const other = [...lazy].find(([known, its]) => its === file && known !== module);
        if (other) throw new Error(`${module} and ${other[0]} would both be ${file}: rename one`);
        lazy.set(module, file);
        return { path: `./${file}`, external: true };
      });
    },
  };
}

/**
 * Lets the other commands take a package from the file that `lazyFiles` made of it.
 * @param {string} name
 * @returns {import('esbuild').Plugin}
 */
export function sharedPackage(name) {
  return {
    name: 'shared-package',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: `./${name}.cjs`, external: true }));
    },
  };
}

/**
 * The source of core.cjs: a function that gives every module that is looked for in it, by its path. The modules'
 * names are gathered when they are asked for: as namespaces, which esbuild (0.28) makes at once, those of all
 * commands cost each hook 1.6 ms.
 * @param {Iterable<string>} taken
 * @param {string} root the project's folder
 */
export async function coreEntry(taken, root) {
  const modules = [...taken].sort();
  const names = await exportedNames(modules, root);
  const imports = modules.map((known, i) => {
    const bound = names[i].map((name) => `${name} as ${name}_${i}`);
    return `import { ${bound.join(', ')} } from './${known}';`;
  });
  const entries = modules.map((known, i) => {
    const bound = names[i].map((name) => `${name}: ${name}_${i}`);
    return `${JSON.stringify(known)}: () => ({ ${bound.join(', ')} })`;
  });
  return `${imports.join('\n')}
const modules = { ${entries.join(',\n')} };
export const moduleOf = (name) => modules[name]();
`;
}

/** The names that each of some modules exports. @param {string[]} modules @param {string} root */
async function exportedNames(modules, root) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(modules.map((known) => [known, known])),
    outdir: 'names',
    format: 'esm',
    metafile: true,
    write: false,
  });
  const outputs = Object.values(metafile.outputs);
  return modules.map((known) => outputs.find(({ entryPoint }) => entryPoint === known)?.exports ?? []);
}

/**
 * The sources of ours that went into a build.
 * @param {import('esbuild').Metafile} metafile
 */
export function sourcesOf({ inputs }) {
  return new Set(Object.keys(inputs).filter((name) => name.startsWith('src/')));
}
