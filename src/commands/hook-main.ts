import { runNotifyHook } from './notify-hook.js';

/** The hook's own entry: silent and successful whatever happens, since Codex and its user must not notice it. */
process.on('uncaughtException', () => process.exit(0));
process.on('unhandledRejection', () => process.exit(0));
void runNotifyHook(process.argv.slice(3).at(-1), process.env).then(
  () => process.exit(0),
  () => process.exit(0),
);
