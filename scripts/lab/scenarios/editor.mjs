// @ts-check
/**
 * Steps of a scenario as an editor takes them: through `codex app-server`, in one thread.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppServer } from '../app-server.mjs';
import { waitFor } from '../wait-for.mjs';

/** @typedef {import('./scenario.mjs').DriveContext} DriveContext */
/** @typedef {import('./scenario.mjs').Step} Step */
/** @typedef {import('../app-server.mjs').AppServer} AppServer */

/**
 * A session in an editor, in one thread.
 * @param {(server: AppServer, thread: string, context: DriveContext) => Promise<void>} act
 * @param {Record<string, unknown>} [settings] of the thread
 * @param {(method: string, params: any) => object} [reply] the user's answers to what Codex asks
 * @returns {Step}
 */
export function editor(act, settings = {}, reply) {
  return {
    args: [],
    drive: async (context) => {
      const server = await startAppServer(context.codex, { ...context, ...(reply ? { reply } : {}) });
      try {
        const { thread } = await server.request('thread/start', { cwd: context.cwd, ...settings });
        await act(server, thread.id, context);
        // Its notifier is started, and may still run.
        await sleep(500);
      } finally {
        await server.close();
      }
    },
  };
}

/**
 * @param {AppServer} server
 * @param {string} threadId
 * @param {string} text
 * @param {object} [settings] more params of `turn/start`
 * @returns {Promise<string>} the turn's id
 */
export async function begin(server, threadId, text, settings = {}) {
  const input = [{ type: 'text', text }];
  const started = await server.request('turn/start', { threadId, input, ...settings });
  return started.turn.id;
}

/**
 * A turn from its prompt to its end.
 * @param {AppServer} server
 * @param {string} threadId
 * @param {string} text
 * @param {object} [settings] more params of `turn/start`
 * @returns {Promise<string>} the turn's id
 */
export async function turn(server, threadId, text, settings = {}) {
  const before = endings(server);
  const id = await begin(server, threadId, text, settings);
  await completed(server, before + 1);
  return id;
}

/** Before `turn/steer` (about 0.100) words for a running turn were sent like a new one. @param {AppServer} server @param {string} threadId @param {string} expectedTurnId @param {string} text */
export async function steer(server, threadId, expectedTurnId, text) {
  const input = [{ type: 'text', text }];
  await server
    .request('turn/steer', { threadId, expectedTurnId, input })
    .catch(() => server.request('turn/start', { threadId, input }));
}

/** @param {AppServer} server @param {number} count */
export async function completed(server, count) {
  await waitFor(`the end of ${count} turns`, () => endings(server) >= count, { timeoutMs: 15_000 });
}

/** @param {AppServer} server */
function endings(server) {
  return server.notifications.filter(({ method }) => method === 'turn/completed').length;
}
