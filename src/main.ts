import { homedir } from 'node:os';
import path from 'node:path';
import { leaveAtOnce } from './commands/notify-hook/leave-at-once.js';
import { codexHome, stateDir } from './platform/files/folders.js';
import { type LoadedBundle, loadCompiled } from './platform/process/compiled-code.js';

/**
 * What every start of the program loads: it decides by the command's name which bundle to load,
 * so that the hook, which runs after every turn, never parses the code of the other commands, nor its own
 * where there is nothing to trace.
 */
declare const require: NodeJS.Require;
declare const __dirname: string;

const [, , command, ...rest] = process.argv;
// Codex appends its payload to whatever is registered: help is asked for by nothing else.
const asksForHelp = rest.length === 1 && (rest[0] === '--help' || rest[0] === '-h');
const isHook = command === 'notify-hook' || command === 'stop-hook';
if (command === 'retry-pending') runHook();
else if (!isHook || asksForHelp) void import('./cli.mjs' as string);
// A Stop hook's payload is on stdin; the process that it leaves behind is given it like any other.
else if (!leaveAtOnce(rest.at(-1), process.env)) runHook();

/** Loads the hook as it was compiled before. What was compiled now is kept once a turn was sent. */
function runHook(): void {
  const core = loadCore();
  const { startHook } = (core.exports as HookBundle).moduleOf('src/hook.ts');
  const ending = startHook();
  process.once('exit', () => {
    if (ending.hasSent) core.keep();
  });
}

/** core.cjs (scripts/build.mjs): gives each of its modules by its path. */
interface HookBundle {
  moduleOf(name: 'src/hook.ts'): typeof import('./hook.js');
}

function loadCore(): LoadedBundle {
  const folder = path.join(stateDir(codexHome(process.env, homedir())), 'compiled');
  const file = path.join(__dirname, 'core.cjs');
  try {
    return loadCompiled(file, folder, require);
  } catch {
    // Then as any module.
    return { exports: require(file) as unknown, keep: () => {} };
  }
}
