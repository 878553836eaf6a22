// By name, so that the bundle holds these alone: of an `import()` of the package esbuild keeps everything.
export { confirm, intro, isCancel, log, note, outro, select, text } from '@clack/prompts';
