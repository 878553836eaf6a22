import { describe, expect, test } from '@jest/globals';
import { recordingsOf } from '../turn/recordings.js';
import { type Noted, notedTraces } from './notation.js';

/**
 * Reviewers of approvals (`approvals_reviewer = "auto_review"`): threads that Codex starts by itself, of
 * which no line of the parent's recording tells. Up to 0.152 they do not even name the parent's turn.
 */
const spansIn = (noted: readonly Noted[]): Noted[] =>
  noted.flatMap((one) => [one, ...spansIn(one.below ?? [])]);
const tokensOf = (noted: readonly Noted[]) =>
  spansIn(noted)
    .flatMap(({ tokens }) => (tokens ? [tokens.in] : []))
    .sort();
/** What was judged: a classic call has its command as an argument, a script of code mode in its text. */
const judged = (noted: readonly Noted[]) =>
  spansIn(noted).flatMap(({ tool, in: input, below = [] }) =>
    below
      .filter(({ agent }) => agent !== undefined)
      .map(({ agent, answer }) => ({
        tool,
        command: JSON.stringify(input).match(/echo \w+|rm -rf [\w/-]+/)?.[0],
        agent,
        verdict: JSON.parse(answer ?? '{}').outcome,
      })),
  );

describe.each(recordingsOf('reviewed').map((one) => [one.name, one] as const))('%s', (_, recording) => {
  test('the reviewer stands below the call it judged, in the trace of the turn', async () => {
    const traces = await notedTraces(recording);
    expect(traces).toHaveLength(1);
    const tool = recording.mode === 'code-mode' ? 'exec' : 'exec_command';
    expect(judged(traces)).toEqual([{ tool, command: 'echo reviewed', agent: 'guardian', verdict: 'allow' }]);
    expect(tokensOf(traces)).toEqual([1000, 1100, 1200]);
  });

  test('the reviewer has its request, its own model call and no words of Codex around them', async () => {
    const [reviewer] = spansIn(await notedTraces(recording)).filter(({ agent }) => agent === 'guardian');
    expect(reviewer?.outcome).toBe('completed');
    expect(reviewer?.prompts).toEqual([expect.stringContaining('echo reviewed')]);
    expect(reviewer?.prompts?.[0]).not.toContain('<environment_context>');
    expect(reviewer?.below).toMatchObject([{ tokens: { in: 1100 }, says: reviewer?.answer }]);
  });
});

describe.each(recordingsOf('reviewed-twice').map((one) => [one.name, one] as const))('%s', (_, recording) => {
  test('one reviewer thread of two turns: each review below its own call', async () => {
    const tool = recording.mode === 'code-mode' ? 'exec' : 'exec_command';
    const [first = [], second = []] = (await notedTraces(recording)).map((trace) => [trace]);
    expect(judged(first)).toEqual([
      { tool, command: 'echo first', agent: 'guardian', verdict: 'allow' },
      { tool, command: 'rm -rf /srv/not-ours', agent: 'guardian', verdict: 'deny' },
    ]);
    expect(judged(second)).toEqual([{ tool, command: 'echo third', agent: 'guardian', verdict: 'allow' }]);
    expect([tokensOf(first).length, tokensOf(second).length]).toEqual([5, 3]);
  });

  test('what a reviewer refuses was declined by no user', async () => {
    const errors = spansIn(await notedTraces(recording)).flatMap(({ error }) => error ?? []);
    expect(errors).toEqual([
      recording.mode === 'code-mode' ? 'script failed' : 'rejected by the reviewer of approvals',
    ]);
  });
});
