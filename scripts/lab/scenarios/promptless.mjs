// @ts-check
/**
 * Scenarios whose turns no prompt of the user's began, or which another agent had: goals and imports.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lastUserText, shellCall, toolCall } from '../request-reading.mjs';
import { message } from '../response-items.mjs';
import { completed, editor, turn } from './editor.mjs';
import { resume } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

/** @satisfies {Record<string, Scenario>} */
export const promptlessScenarios = {
  imported: {
    about: 'a session of another agent is imported, and goes on with a turn of its own',
    announced: 1,
    script: (body) => ({ items: [message(`answer to: ${lastUserText(body)}`)] }),
    steps: [
      editor(async (server, _thread, { cwd, env }) => {
        writeSession(String(env['HOME']), cwd);
        const { items } = await server.request('externalAgentConfig/detect', {
          includeHome: true,
          cwds: [cwd],
        });
        const sessions = items.filter((/** @type {any} */ item) => item.itemType === 'SESSIONS');
        await server.request('externalAgentConfig/import', { migrationItems: sessions });
        await server.seen('externalAgentConfig/import/completed');
      }),
      resume('go on with it'),
    ],
  },
  goal: {
    about: 'a goal is set, and Codex goes on by itself, turn after turn, until the model says it is reached',
    announced: 3,
    script: (body, { n }) => {
      if (lastUserText(body) === 'small talk') return { items: [message('hello')] };
      // The first turn works, the second one ends it.
      if (n === 1) return { items: [shellCall(body, 'echo working')] };
      if (n === 2) return { items: [message('Half of it is painted.')] };
      if (n === 3) return { items: [toolCall(body, 'update_goal', { status: 'complete' })] };
      return { items: [message('It is painted.')] };
    },
    steps: [
      editor(async (server, threadId) => {
        await turn(server, threadId, 'small talk');
        const goal = { objective: 'paint the shed', status: 'active', origin: 'user' };
        await server.request('thread/goal/set', { threadId, ...goal });
        await completed(server, 3);
      }),
    ],
  },
};

/** @param {string} home @param {string} cwd */
function writeSession(home, cwd) {
  const id = '7f4c6f5e-0f0a-4c8e-9a51-6a2f3c9b1d00';
  const folder = path.join(home, '.claude', 'projects', cwd.replaceAll(/[/.]/g, '-'));
  mkdirSync(folder, { recursive: true });
  const said = [
    ['user', 'how many parts are there'],
    ['assistant', 'Seven.'],
    ['user', 'and tools'],
    ['assistant', 'Three.'],
  ];
  /** @type {string | null} */
  let parentUuid = null;
  const lines = said.map(([type = '', text = ''], n) => {
    const uuid = `7f4c6f5e-0f0a-4c8e-9a51-6a2f3c9b1d0${n + 1}`;
    const content = type === 'user' ? text : [{ type: 'text', text }];
    const line = {
      parentUuid,
      isSidechain: false,
      userType: 'external',
      cwd,
      sessionId: id,
      version: '2.0.0',
      gitBranch: '',
      type,
      message: {
        role: type,
        content,
        ...(type === 'assistant' ? { model: 'other-model', id: `msg_${n}`, type: 'message' } : {}),
      },
      uuid,
      timestamp: new Date(Date.now() - 60_000 + n * 1000).toISOString(),
    };
    parentUuid = uuid;
    return JSON.stringify(line);
  });
  writeFileSync(path.join(folder, `${id}.jsonl`), `${lines.join('\n')}\n`);
}
