import { expect } from '@jest/globals';
import { everyVersion, shell, shellTool, turn, type Version } from './by-version.js';
import { type Noted, usual } from './notation.js';

everyVersion('plain', (v) => [
  turn('say hi', 'Hello from the script.', [
    { chat: v.model, tokens: usual(0), says: 'Hello from the script.' },
  ]),
]);

/**
 * Surprising: three reasoning items, one of them empty, are one response's thoughts. Tokens written
 * to the cache are recorded from 0.152 on.
 */
everyVersion('reasoning', (v) => {
  const written = (count: number) => (v.since('0.152.0') ? { written: count } : {});
  return [
    turn('think', 'Done thinking.', [
      {
        chat: v.model,
        tokens: { in: 1200, cached: 1000, ...written(100), out: 80, reasoning: 40 },
        thinks: '**Thinking about it**\n\nFirst I list files.',
        calls: [shellTool(v)],
      },
      shell(v, 'ls', ''),
      {
        chat: v.model,
        tokens: { in: 1400, cached: 1150, ...written(50), out: 90, reasoning: 64 },
        thinks: '**Part one**\n\nnow answer\n\n**Part two**\n\nreally',
        says: 'Done thinking.',
      },
    ]),
  ];
});

/** Surprising: 0.60 and 0.80 record the picture itself, later versions where it lies. */
everyVersion('image', (v) => {
  const picture = v.since('0.101.0') ? '[image: pic.png]' : '[image: image/png, 79 bytes]';
  return [
    turn(`${picture}\nwhat is this`, 'A small red square.', [
      { chat: v.model, tokens: usual(0), says: 'A small red square.' },
    ]),
  ];
});

everyVersion('output-schema', (v) => [
  turn('structured', '{"a":"b"}', [{ chat: v.model, tokens: usual(0), says: '{"a":"b"}' }]),
]);

/** Surprising: what was typed comes after an AGENTS.md and the environment, which are not the prompt. */
everyVersion('git-shell', (v) => [
  turn('log', 'one commit', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    gitLog(v),
    { chat: v.model, tokens: usual(1), says: 'one commit' },
  ]),
]);

/** The commit's name differs from recording to recording. */
function gitLog(v: Version): Noted {
  const log = shell(v, 'git log --oneline', ' one\n');
  const shown = { output: expect.stringMatching(/^[0-9a-f]{7} one\n$/), exit_code: 0 };
  return log.below ? { ...log, below: log.below.map((span) => ({ ...span, out: shown })) } : log;
}
