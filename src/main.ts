import { leaveAtOnce } from './commands/notify-hook/leave-at-once.js';

/**
 * What every start of the program loads: it decides by the command's name which bundle to load,
 * so that the hook, which runs after every turn, never parses the code of the other commands, nor its own
 * where there is nothing to trace.
 */
declare const require: (id: string) => unknown;

const [, , command, ...rest] = process.argv;
// Codex appends its payload to whatever is registered: help is asked for by nothing else.
const asksForHelp = rest.length === 1 && (rest[0] === '--help' || rest[0] === '-h');
const isHook = command === 'notify-hook' || command === 'stop-hook';
if (command === 'retry-pending') require('./hook.cjs');
else if (!isHook || asksForHelp) void import('./cli.mjs' as string);
// A Stop hook's payload is on stdin; the process that it leaves behind is given it like any other.
else if (!leaveAtOnce(rest.at(-1), process.env)) require('./hook.cjs');
