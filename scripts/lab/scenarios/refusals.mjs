// @ts-check
/**
 * Scenarios in which a call comes to nothing: Codex itself refuses it, or a user who is asked does.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { code, isCodeMode, lastUserText, round, shellCall, toolCall } from '../request-reading.mjs';
import { customCall, message } from '../response-items.mjs';
import { editor, turn } from './editor.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('../request-reading.mjs').RequestBody} RequestBody */

/** One call a response, each of which Codex refuses by itself. @type {((body: RequestBody) => import('../response-items.mjs').Item)[]} */
const refusedCalls = [
  (body) => toolCall(body, 'view_image', { path: '/nope/none.png' }),
  (body) => toolCall(body, 'view_image', { path: 'text.txt' }),
  (body) => toolCall(body, 'request_user_input', { questions: [question] }),
  (body) => toolCall(body, 'exec_command', { cmd: 'echo x', workdir: '/no/such/dir' }),
  (body) => toolCall(body, 'exec_command', { cmd: 5 }),
  (body) =>
    toolCall(body, 'exec_command', {
      cmd: 'echo escalated',
      sandbox_permissions: 'require_escalated',
      justification: 'why not',
    }),
  (body) => toolCall(body, 'write_stdin', { session_id: 424242, chars: 'x' }),
  (body) =>
    isCodeMode(body)
      ? code('text(await tools.apply_patch("rubbish"));')
      : customCall('apply_patch', 'rubbish'),
  (body) => toolCall(body, 'read_mcp_resource', { server: 'none', uri: 'x://y' }),
  (body) => toolCall(body, 'wait_agent', { targets: ['nobody'], timeout_ms: 'abc' }),
  (body) =>
    toolCall(body, 'spawn_agent', {
      agent_type: 'no-such-role',
      message: 'x',
      task_name: 'bad',
      fork_turns: 'all',
    }),
  (body) => toolCall(body, 'no_such_tool', { a: 1 }),
];

const question = {
  id: 'colour',
  header: 'Colour',
  question: 'Which colour?',
  options: [
    { label: 'red', description: 'like a rose' },
    { label: 'blue', description: 'like the sea' },
  ],
};

/** @satisfies {Record<string, Scenario>} */
export const refusalScenarios = {
  refused: {
    about: 'twelve calls, each refused by Codex itself',
    prepare: (cwd) => writeFileSync(path.join(cwd, 'text.txt'), 'no picture\n'),
    script: (body) => {
      const call = refusedCalls[round(body)];
      return { items: [call ? call(body) : message('Nothing of it was possible.')] };
    },
    steps: [exec('try what cannot be')],
  },
  approved: {
    about: 'the user allows a command, stops the turn at the next one, and is asked a question in plan mode',
    announced: 2,
    script: (body) => {
      const prompt = lastUserText(body);
      if (prompt.includes('ask'))
        return round(body) === 0
          ? { items: [toolCall(body, 'request_user_input', { questions: [question] })] }
          : { items: [message('Red it is.')] };
      return round(body) === 0
        ? { items: [shellCall(body, `touch ${prompt.split(' ').at(-1)}`)] }
        : { items: [message('Touched.')] };
    },
    steps: [
      editor(
        async (server, thread, { model }) => {
          await turn(server, thread, 'please touch this');
          await turn(server, thread, 'please touch that');
          const settings = { model, reasoning_effort: null, developer_instructions: null };
          await turn(server, thread, 'ask me', { collaborationMode: { mode: 'plan', settings } });
        },
        { approvalPolicy: 'untrusted', sandbox: 'workspace-write' },
        (method, params) => {
          if (method === 'item/tool/requestUserInput') return { answers: { colour: { answers: ['red'] } } };
          return { decision: JSON.stringify(params).includes('touch that') ? 'cancel' : 'accept' };
        },
      ),
    ],
  },
};
