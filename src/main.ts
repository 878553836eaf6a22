/**
 * What every start of the program loads: it decides by the command's name which bundle to load,
 * so that the hook, which runs after every turn, never parses the code of the other commands.
 */
declare const require: (id: string) => unknown;

const [, , command, first] = process.argv;
const asksForHelp = first === '--help' || first === '-h';
if ((command === 'notify-hook' || command === 'stop-hook') && !asksForHelp) require('./hook.cjs');
else void import('./cli.mjs' as string);
