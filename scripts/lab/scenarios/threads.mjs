// @ts-check
/**
 * Scenarios of more than one turn or more than one thread.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasAgents, spawnCall, waitCall, whoAsks } from '../agent-calls.mjs';
import { lastUserText, round, shellCall } from '../request-reading.mjs';
import { message } from '../response-items.mjs';
import { exec } from './scenario.mjs';
import { makeRepository } from './tools.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('../request-reading.mjs').RequestBody} RequestBody */

const review = {
  findings: [
    {
      title: '[P2] a changed',
      body: 'why',
      confidence_score: 0.5,
      priority: 2,
      code_location: { absolute_file_path: '/x/f.js', line_range: { start: 1, end: 1 } },
    },
  ],
  overall_correctness: 'patch is correct',
  overall_explanation: 'fine',
  overall_confidence_score: 0.9,
};

/** @satisfies {Record<string, Scenario>} */
export const threadScenarios = {
  'multi-turn': {
    about: 'one thread resumed twice, the second turn with another model and effort',
    script: echoPrompt,
    steps: [
      exec('turn one'),
      {
        args: ({ otherModel }) => [
          ...['exec', '--skip-git-repo-check', '-m', otherModel],
          ...['-c', 'model_reasoning_effort="high"', 'resume', '--last', 'turn two'],
        ],
      },
      exec('resume', '--last', 'turn three'),
    ],
  },
  'unannounced-turns': {
    about: 'between two turns of a thread one fails and one is interrupted; Codex announces neither',
    announced: 2,
    script: (body) => {
      const prompt = lastUserText(body);
      if (prompt.includes('fail'))
        return { status: 500, json: { error: { message: 'scripted', type: 'server_error' } } };
      if (prompt.includes('hang'))
        return { items: [message('never ends '.repeat(9))], chunkDelayMs: 100, hang: true };
      return echoPrompt(body);
    },
    steps: [
      exec('turn one'),
      exec('resume', '--last', 'fail please'),
      { ...exec('resume', '--last', 'hang please'), interrupt: { afterRequests: 3, delayMs: 1000 } },
      exec('resume', '--last', 'turn four'),
    ],
  },
  fork: {
    about: 'a thread and its fork',
    script: echoPrompt,
    steps: [
      exec('turn one'),
      {
        args: ({ lastThreadId }) => [
          'exec',
          '--skip-git-repo-check',
          'fork',
          lastThreadId ?? '',
          'forked turn',
        ],
      },
    ],
  },
  subagent: {
    about: 'a helper is spawned, runs a command and is waited for',
    // Off for classic tools in Codex 0.169, on in code mode.
    configTables: '[features]\nmulti_agent_v2 = true\n',
    announced: 2,
    script: (body) => {
      const { agent, round } = whoAsks(body);
      if (agent !== '') {
        return round === 0
          ? { items: [shellCall(body, 'echo from-helper')] }
          : { items: [message('helper result: from-helper')] };
      }
      if (!hasAgents(body)) return { items: [message('no tool to spawn with')] };
      if (round === 0) return { items: [spawnCall(body, 'helper_one', 'run echo')] };
      if (round === 1) return { items: [waitCall(body, ['helper_one'])] };
      return { items: [message('The helper said from-helper.')] };
    },
    steps: [exec('spawn a helper')],
  },
  compact: {
    about: 'the history is compacted in the middle of a turn, and a second turn follows',
    configTop: 'model_auto_compact_token_limit = 5000',
    script: (body, { n, url }) => {
      const sealed = { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAAA-compact' };
      if (url.includes('compact')) return { json: { output: [sealed] } };
      const asked = (body.input ?? []).some((item) => item.type === 'compaction_trigger');
      if (asked) return { items: [sealed], usage: { input: 6000, cached: 0, output: 100, reasoning: 0 } };
      if (/CONTEXT CHECKPOINT COMPACTION|handoff summary/i.test(lastUserText(body))) {
        const usage = { input: 6100, cached: 0, output: 120, reasoning: 0 };
        return { items: [message('SUMMARY: the user asked things.')], usage };
      }
      const usage = { input: n === 0 ? 9000 : 1500, cached: 0, output: 40, reasoning: 0 };
      return { items: [n === 0 ? shellCall(body, 'echo big') : message('after compaction')], usage };
    },
    steps: [exec('do something big'), exec('resume', '--last', 'second')],
  },
  review: {
    about: 'a review of uncommitted changes: a thread of its own, its parent is not announced',
    prepare: (cwd) => {
      makeRepository(cwd);
      writeFileSync(path.join(cwd, 'f.js'), 'let a = 2\n');
    },
    script: (body) =>
      round(body) === 0
        ? { items: [shellCall(body, 'git diff | head -20')] }
        : { items: [message(JSON.stringify(review))] },
    steps: [{ args: ['exec', 'review', '--uncommitted'] }],
  },
};

/** @param {RequestBody} body */
function echoPrompt(body) {
  return { items: [message(`answer to: ${lastUserText(body).slice(0, 60)}`)] };
}
