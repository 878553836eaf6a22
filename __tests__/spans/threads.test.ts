import { expect } from '@jest/globals';
import { everyVersion, script, shell, shellTool, turn, type Version } from './by-version.js';
import { type Noted, usual } from './notation.js';

const answered = (v: Version, n: number, prompt: string, model = v.model) =>
  turn(prompt, `answer to: ${prompt}`, [{ chat: model, tokens: usual(n), says: `answer to: ${prompt}` }]);

/**
 * Surprising: 0.169 with these models summarises the history when the model changes, by a request of
 * its own before the turn's, and asks the model of the turn before for it.
 */
everyVersion('multi-turn', (v) => {
  if (v.since('0.169.0') && !v.isCodeMode) {
    const summary = (model: string, n: number): Noted => ({
      chat: model,
      compaction: true,
      tokens: usual(n),
      says: expect.stringContaining('CONTEXT CHECKPOINT COMPACTION') as unknown as string,
    });
    const after = (before: string, model: string, n: number, prompt: string) =>
      turn(prompt, `answer to: ${prompt}`, [
        summary(before, n - 1),
        { chat: model, tokens: usual(n), says: `answer to: ${prompt}` },
      ]);
    return [
      answered(v, 0, 'turn one'),
      after(v.model, v.other, 2, 'turn two'),
      after(v.other, v.model, 4, 'turn three'),
    ];
  }
  return [answered(v, 0, 'turn one'), answered(v, 1, 'turn two', v.other), answered(v, 2, 'turn three')];
});

/** Surprising: 0.60 names the turn's model only once its prompt is written. */
everyVersion('resumed', (v) => [
  answered(v, 0, 'turn one'),
  answered(v, 1, 'turn two', v.other),
  answered(v, 2, 'turn three'),
]);

/** Surprising: one file, three formats; only the last has start lines, records and ordinals all. */
everyVersion('versions-in-one-file', (v) => {
  const by = (version: Version, n: number, prompt: string) =>
    turn(prompt, `answer to: ${prompt}`, [
      { chat: version.model, tokens: usual(n), calls: [shellTool(version)] },
      shell(version, 'echo tool-of-this-version', 'tool-of-this-version\n'),
      { chat: version.model, tokens: usual(n + 1), says: `answer to: ${prompt}` },
    ]);
  const later = { ...v, since: () => true };
  return [
    by(v, 0, 'turn of the old one'),
    by(later, 2, 'turn of 0.140'),
    by({ ...later, model: 'gpt-5.5' }, 4, 'turn of the newest'),
  ];
});

/** Surprising: a turn that the user takes back stays in the file: it happened, and cost tokens. */
everyVersion('rolled-back', (v) => [
  answered(v, 0, 'turn one'),
  answered(v, 1, 'turn two'),
  answered(v, 2, 'turn two again'),
]);

everyVersion('fork', (v) => [answered(v, 0, 'turn one'), answered(v, 1, 'forked turn')]);

/**
 * Surprising: up to 0.140 the fork's file repeats the two turns, with the fork's time; 0.80 gives
 * neither turn ids nor a word that it is a fork. They are not told again.
 */
everyVersion('fork-in-editor', (v) => [
  turn('turn one', 'answer to: turn one', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    shell(v, 'echo in-the-past', 'in-the-past\n'),
    { chat: v.model, tokens: usual(1), says: 'answer to: turn one' },
  ]),
  answered(v, 2, 'turn two'),
  answered(v, 3, 'turn of the fork'),
]);

/** Surprising: 0.60 and 0.80 record what was said in between only in the model's context. */
everyVersion('steering', (v) => [
  turn(['first words', 'second words', 'third words'], 'I heard all three.', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    v.isCodeMode && v.since('0.169.0')
      ? // The script is left running for the words' sake, and ends with the turn.
        script(
          'sleep 1.5; echo slow',
          undefined,
          [
            {
              tool: 'exec_command',
              in: { cmd: 'sleep 1.5; echo slow' },
              out: { exit_code: -1 },
              exit: -1,
              error: 'cut off before it ended',
            },
          ],
          'running',
        )
      : shell(v, 'sleep 1.5; echo slow', 'slow\n'),
    { chat: v.model, tokens: usual(1), says: 'I heard all three.' },
  ]),
]);

const summary = { in: 6100, out: 120 };
const big = { in: 9000, out: 40 };
const small = { in: 1500, out: 40 };
const summarised = 'SUMMARY: the user asked things.';

/**
 * Surprising: after a compaction Codex makes up a count of the new context, with the total unchanged.
 * Up to 0.128 the request itself is not recorded, only its tokens and what became of the summary.
 */
everyVersion('compact', (v) => [
  turn('do something big', 'after compaction', [
    { chat: v.model, tokens: big, calls: [shellTool(v)] },
    shell(v, 'echo big', 'big\n'),
    { chat: v.model, compaction: true, tokens: summary, says: summarised },
    { chat: v.model, tokens: small, says: 'after compaction' },
  ]),
  turn('second', 'after compaction', [{ chat: v.model, tokens: small, says: 'after compaction' }]),
]);

/**
 * Surprising: 0.60 summarises at the end of the turn that was too big, and answers once more. 0.80 does
 * it before the next prompt is written, which has no start line: it is that turn's all the same.
 */
everyVersion('compact-resumed', (v) => {
  const compaction: Noted = { chat: v.model, compaction: true, tokens: summary, says: summarised };
  const first: Noted = { chat: v.model, tokens: big, says: 'a long answer' };
  const after: Noted = { chat: v.model, tokens: small, says: 'after compaction' };
  return v.since('0.80.0')
    ? [
        turn('do something big', 'a long answer', [first]),
        turn('second', 'after compaction', [compaction, after]),
      ]
    : [
        turn('do something big', 'after compaction', [first, compaction, after]),
        turn('second', 'after compaction', [after]),
      ];
});

/** Surprising: a turn without prompt and answer, and from 0.120 to 0.152 without a word of its model. */
everyVersion('compact-by-hand', (v) => [
  turn('small talk', 'a long answer', [{ chat: v.model, tokens: big, says: 'a long answer' }]),
  {
    agent: 'codex',
    outcome: 'completed',
    below: [
      {
        chat: v.since('0.120.0') && !v.since('0.160.1') ? '' : v.model,
        compaction: true,
        tokens: summary,
        says: summarised,
      },
    ],
  },
  turn('second', 'after compaction', [{ chat: v.model, tokens: small, says: 'after compaction' }]),
]);

const task = expect.stringMatching(/^Review the current code changes/) as unknown as string;
const verdict = expect.stringContaining('"overall_explanation":"fine"') as unknown as string;

/** The reviewer's turn, below the turn in which the review was asked for; no call starts it. */
function reviewer(v: Version, n: number, model = v.model): Noted {
  return {
    agent: 'review',
    outcome: 'completed',
    prompts: [task],
    answer: verdict,
    below: [
      { chat: model, tokens: usual(n), calls: [shellTool(v)] },
      shell(v, 'git diff | head -20', v.isCodeMode ? 'diff --git' : '-let a = 1\n+let a = 2\n'),
      { chat: model, tokens: usual(n + 1), says: verdict },
    ].map((span) =>
      span.tool === 'exec' ? { ...span, below: expect.anything() as unknown as Noted[] } : span,
    ),
  };
}

/**
 * Surprising: the reviewer has a thread of its own, whose lines stand in the parent's file too and up
 * to 0.140 do not say whose they are; up to 0.128 its file does not name its parent. 0.80 has a model
 * of its own for reviews. The turn in which it was asked for has no responses.
 */
everyVersion('review', (v) => [
  {
    ...turn('Review current changes', 'fine\n\nReview comment:\n\n- [P2] a changed — /x/f.js:1-1\n  why', []),
    below: [reviewer(v, 0, v.since('0.101.0') ? v.model : 'gpt-5.1-codex-max')],
  },
]);

/** Surprising: 0.60 counts the reviewer's tokens in the parent's file; its verdict stands only in the event. */
everyVersion('review-in-thread', (v) => [
  turn('small talk', 'hello', [{ chat: v.model, tokens: usual(0), says: 'hello' }]),
  turn('Review current changes', 'fine', [
    reviewer(v, 1, v.version === '0.80.0' ? 'gpt-5.1-codex-max' : v.model),
  ]),
  turn('more small talk', 'hello', [{ chat: v.model, tokens: usual(3), says: 'hello' }]),
]);
