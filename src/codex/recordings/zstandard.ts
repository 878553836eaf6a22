// By name, so that the bundle holds this alone: of an `import()` of the package esbuild keeps everything.
export { Decompress } from 'fzstd';
