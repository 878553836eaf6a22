import { expect } from '@jest/globals';
import { everyVersion, shell, shellTool, turn } from './by-version.js';
import { usual } from './notation.js';

/** Surprising: what a hook says of a tool stands between two calls of one response. */
everyVersion('hook-speaks', (v) => [
  turn('run two commands', 'Both were run.', [
    {
      chat: v.model,
      tokens: usual(0),
      says: expect.stringContaining('the second.') as unknown as string,
      calls: [shellTool(v), shellTool(v)],
    },
    shell(v, 'echo first', 'first\n'),
    shell(v, 'echo second', 'second\n'),
    { chat: v.model, tokens: usual(1), says: 'Both were run.' },
  ]),
]);
