// @ts-check
/**
 * Scenarios of longer sessions: several turns in one file, turns that a person steers, declines or
 * takes back, and files that more than one version of Codex wrote.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codexProgram, runCodex } from '../codex.mjs';
import { lastUserText, patchCall, round, shellCall, turnSoFar } from '../request-reading.mjs';
import { functionCall, message, webSearch } from '../response-items.mjs';
import { waitFor } from '../wait-for.mjs';
import { begin, completed, editor, steer, turn } from './editor.mjs';
import { exec, resume } from './scenario.mjs';
import { makeRepository } from './tools.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('./scenario.mjs').DriveContext} DriveContext */

/** @type {Record<string, Scenario>} */
export const sessionScenarios = {
  resumed: {
    about: 'one thread resumed twice by its id, the second turn with another model',
    script: (body) => ({ items: [message(`answer to: ${lastUserText(body)}`)] }),
    steps: [
      exec('turn one'),
      resume('turn two', ({ otherModel }) => ['-m', otherModel, '-c', 'model_reasoning_effort="high"']),
      resume('turn three'),
    ],
  },
  'failed-then-on': {
    about: 'a request is refused, the thread goes on, and then its context is too long',
    announced: 1,
    script: (_body, { n }) => {
      if (n === 0) return refused('invalid_request_error', 'scripted bad request');
      if (n === 1) return { items: [message('now it works')] };
      return { failed: { code: 'context_length_exceeded', message: 'too much was said' } };
    },
    steps: [exec('first try'), resume('second try'), resume('third try')],
  },
  'compact-resumed': {
    about: 'the history is compacted by itself between two turns',
    configTop: 'model_auto_compact_token_limit = 5000',
    script: compacting,
    steps: [exec('do something big'), resume('second')],
  },
  'compact-by-hand': {
    about: 'the user has the history compacted between two turns',
    announced: 2,
    script: compacting,
    steps: [
      editor(async (server, thread) => {
        await turn(server, thread, 'small talk');
        await server.request('thread/compact/start', { threadId: thread });
        await completed(server, 2);
        await turn(server, thread, 'second');
      }),
    ],
  },
  steering: {
    about: 'two more words of the user while a command runs',
    announced: 1,
    script: (body) => {
      if (!JSON.stringify(body.input).includes('_output"'))
        return { items: [shellCall(body, 'sleep 1.5; echo slow')] };
      return { items: [message('I heard all three.')] };
    },
    steps: [
      editor(async (server, thread, { served }) => {
        const started = await begin(server, thread, 'first words');
        await waitFor('the model to be asked', () => served.length > 0);
        await sleep(600);
        for (const words of ['second words', 'third words']) await steer(server, thread, started, words);
        await completed(server, 1);
      }),
    ],
  },
  'interrupted-then-on': {
    about: 'a command is interrupted in an editor, and the thread goes on',
    announced: 1,
    script: (body) =>
      lastUserText(body).includes('sleep')
        ? { items: [shellCall(body, 'echo early; sleep 30')] }
        : { items: [message('back again')] },
    steps: [
      editor(async (server, thread, { served }) => {
        const started = await begin(server, thread, 'please sleep');
        await waitFor('the model to be asked', () => served.length > 0);
        await sleep(1200);
        await server.request('turn/interrupt', { threadId: thread, turnId: started });
        await completed(server, 1);
        await sleep(200);
        await turn(server, thread, 'go on');
      }),
    ],
  },
  declined: {
    about: 'the user allows neither a command nor a patch',
    announced: 1,
    prepare: (cwd) => writeFileSync(path.join(cwd, 'a.txt'), 'old line\n'),
    script: (body) => {
      if (round(body) === 0) return { items: [shellCall(body, 'touch forbidden')] };
      if (round(body) === 1)
        return { items: [patchCall(body, ['*** Update File: a.txt', '@@', '-old line', '+new line'])] };
      return { items: [message('Then not.')] };
    },
    steps: [
      editor(
        async (server, thread) => {
          await turn(server, thread, 'do forbidden things');
        },
        { approvalPolicy: 'untrusted', sandbox: 'read-only' },
      ),
    ],
  },
  'review-in-thread': {
    about: 'a review asked for in a thread that has had a turn',
    announced: 1,
    prepare: (cwd) => {
      makeRepository(cwd);
      writeFileSync(path.join(cwd, 'f.js'), 'let a = 2\n');
    },
    script: (body) => {
      if (JSON.stringify(turnSoFar(body)).includes('_output"'))
        return { items: [message(JSON.stringify(verdict))] };
      return lastUserText(body).includes('small talk')
        ? { items: [message('hello')] }
        : { items: [shellCall(body, 'git diff | head -20')] };
    },
    steps: [
      editor(async (server, thread) => {
        await turn(server, thread, 'small talk');
        await server.request('review/start', {
          threadId: thread,
          target: { type: 'uncommittedChanges' },
          delivery: 'inline',
        });
        await completed(server, 2);
        await turn(server, thread, 'more small talk');
      }),
    ],
  },
  'fork-in-editor': {
    about: 'a thread of two turns is forked in an editor, and the fork goes on',
    announced: 3,
    script: (body) =>
      round(body) === 0 && lastUserText(body).includes('one')
        ? { items: [shellCall(body, 'echo in-the-past')] }
        : { items: [message(`answer to: ${lastUserText(body)}`)] },
    steps: [
      editor(async (server, thread) => {
        await turn(server, thread, 'turn one');
        await turn(server, thread, 'turn two');
        const forked = await server.request('thread/fork', { threadId: thread });
        await turn(server, forked.thread.id, 'turn of the fork');
      }),
    ],
  },
  'rolled-back': {
    about: 'the user takes a turn back and says it in other words',
    announced: 3,
    script: (body) => ({ items: [message(`answer to: ${lastUserText(body)}`)] }),
    steps: [
      editor(async (server, thread) => {
        await turn(server, thread, 'turn one');
        await turn(server, thread, 'turn two');
        await server.request('thread/rollback', { threadId: thread, numTurns: 1 });
        await sleep(300);
        await turn(server, thread, 'turn two again');
      }),
    ],
  },
  'user-shell': {
    about: "the user's own command, and a turn after it",
    announced: 1,
    script: () => ({ items: [message('I have seen it.')] }),
    steps: [
      editor(async (server, thread) => {
        await server.request('thread/shellCommand', { threadId: thread, command: 'echo by-the-user' });
        await completed(server, 1);
        await turn(server, thread, 'what did I run');
      }),
    ],
  },
  'odd-tools': {
    about:
      'looking at a picture, a plan with bad arguments, searches that open and find, an item nobody knows',
    prepare: (cwd) => writeFileSync(path.join(cwd, 'pic.png'), dot),
    script: (body) => {
      // Not `round`: an old Codex puts the picture into the context as the user's own message.
      const done = (body.input ?? []).filter((item) => item.type.endsWith('_output')).length;
      if (done === 0) return { items: [functionCall('view_image', { path: 'pic.png' })] };
      if (done === 1) return { items: [functionCall('exec_command', { not: 'its arguments' })] };
      const opened = { ...webSearch('x'), action: { type: 'open_page', url: 'https://example.invalid/a' } };
      const found = {
        ...webSearch('x'),
        action: { type: 'find_in_page', url: 'https://example.invalid/a', pattern: 'p' },
      };
      const unknown = { type: 'crystal_ball_call', id: 'cb_1', status: 'completed', question: 'why' };
      return { items: [opened, found, unknown, message('Looked everywhere.')] };
    },
    steps: [exec('look around')],
  },
  'versions-in-one-file': {
    about: 'a thread that 0.140.0 and then the newest Codex resume',
    announced: 1,
    script: (body) =>
      round(body) === 0
        ? { items: [shellCall(body, 'echo tool-of-this-version')] }
        : { items: [message(`answer to: ${lastUserText(body)}`)] },
    steps: [
      exec('turn of the old one'),
      {
        args: [],
        drive: async (context) => resumeWith(context, await codexProgram('0.140.0'), 'turn of 0.140'),
      },
      {
        args: [],
        drive: async (context) => resumeWith(context, await codexProgram(), 'turn of the newest', 'gpt-5.5'),
      },
    ],
  },
};

const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGM4ISdHEmIY1TCqYfhqAADkYgQQ60fIxgAAAABJRU5ErkJggg==',
  'base64',
);

const verdict = {
  findings: [],
  overall_correctness: 'patch is correct',
  overall_explanation: 'fine',
  overall_confidence_score: 0.9,
};

/** @type {import('./scenario.mjs').Script} */
function compacting(body, { n, url }) {
  const sealed = { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAAA-compact' };
  if (url.includes('compact')) return { json: { output: [sealed] } };
  const asked = (body.input ?? []).some((item) => item.type === 'compaction_trigger');
  if (asked) return { items: [sealed], usage: { input: 6000, cached: 0, output: 100, reasoning: 0 } };
  if (/CONTEXT CHECKPOINT COMPACTION|handoff summary/i.test(lastUserText(body))) {
    const usage = { input: 6100, cached: 0, output: 120, reasoning: 0 };
    return { items: [message('SUMMARY: the user asked things.')], usage };
  }
  const usage = { input: n === 0 ? 9000 : 1500, cached: 0, output: 40, reasoning: 0 };
  return { items: [message(n === 0 ? 'a long answer' : 'after compaction')], usage };
}

/** @param {string} code @param {string} text @returns {import('../response-stream.mjs').Reply} */
function refused(code, text) {
  return { status: 400, json: { error: { message: text, type: code, code } } };
}

/** @param {DriveContext} context @param {string} codex @param {string} prompt @param {string} [model] */
async function resumeWith({ cwd, env, lastThreadId }, codex, prompt, model) {
  const models = model ? ['-m', model] : [];
  const args = ['exec', '--skip-git-repo-check', ...models, 'resume', lastThreadId ?? '', prompt];
  await runCodex(codex, args, { cwd, env });
  // Its notifier is started, and may still run.
  await sleep(500);
}
