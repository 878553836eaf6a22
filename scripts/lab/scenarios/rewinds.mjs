// @ts-check
/**
 * Scenarios in which the user goes back to an earlier prompt. Since 0.169 the thread then goes on in a
 * file of its own; the first file keeps what was taken back.
 */
import { lastUserText, round, shellCall } from '../request-reading.mjs';
import { message } from '../response-items.mjs';
import { editor, turn } from './editor.mjs';
import { resume } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('../app-server.mjs').AppServer} AppServer */

/** @satisfies {Record<string, Scenario>} */
export const rewindScenarios = {
  rewound: {
    about: 'the second turn is said in other words, the thread goes on and is resumed',
    announced: 5,
    script: answering,
    steps: [
      editor(async (server, thread) => {
        await turn(server, thread, 'list the parts');
        const second = await turn(server, thread, 'paint them red');
        await goBack(server, thread, second);
        await turn(server, thread, 'paint them blue');
        await turn(server, thread, 'count them');
      }),
      resume('name them'),
    ],
  },
  'rewound-twice': {
    about: 'back to before the first turn, and in what followed back once more',
    announced: 4,
    script: answering,
    steps: [
      editor(async (server, thread) => {
        const first = await turn(server, thread, 'list the parts');
        await goBack(server, thread, first);
        await turn(server, thread, 'list the tools');
        const third = await turn(server, thread, 'sort them');
        await goBack(server, thread, third);
        await turn(server, thread, 'sort them by size');
      }),
    ],
  },
};

/** One command in each turn, then the answer. @type {import('./scenario.mjs').Script} */
function answering(body) {
  return round(body) === 0
    ? { items: [shellCall(body, `echo ${lastUserText(body).split(' ').at(-1)}`)] }
    : { items: [message(`answer to: ${lastUserText(body)}`)] };
}

/**
 * Only a thread whose history is kept in pages can go back.
 * @param {AppServer} server @param {string} threadId @param {string} beforeTurnId
 */
async function goBack(server, threadId, beforeTurnId) {
  await server.request('thread/revert', { threadId, beforeTurnId, turnId: beforeTurnId });
}
