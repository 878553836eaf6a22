/**
 * What every start of the program loads: it decides by the command's name which bundle to load,
 * so that the hook, which runs after every turn, never parses the code of the other commands.
 */
declare const require: (id: string) => unknown;

const [, , command, ...rest] = process.argv;
// Codex appends its payload to whatever is registered: help is asked for by nothing else.
const asksForHelp = rest.length === 1 && (rest[0] === '--help' || rest[0] === '-h');
const isHook = command === 'notify-hook' || command === 'stop-hook';
if ((isHook && !asksForHelp) || command === 'retry-pending') require('./hook.cjs');
else void import('./cli.mjs' as string);
