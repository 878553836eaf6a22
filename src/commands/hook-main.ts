import { runNotifyHook } from './notify-hook.js';
import { runStopHook } from './stop-hook.js';

/**
 * The hooks' own entry: silent and successful whatever happens, since Codex and its user must not
 * notice it. `stop-hook` with a payload is the process that the Stop hook leaves behind.
 */
const [, script = '', command, ...rest] = process.argv;
const payload = rest.at(-1);
const done = () => process.exit(0);
// Ctrl-C in the terminal, or closing it, reaches the hook as well; it is over in seconds anyway.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('uncaughtException', done);
process.on('unhandledRejection', done);

const work =
  command === 'notify-hook'
    ? runNotifyHook(payload, process.env, { trigger: 'notify' })
    : payload === undefined
      ? runStopHook(process.stdin, script)
      : runNotifyHook(payload, process.env, { trigger: 'stop' });
void work.then(done, done);
