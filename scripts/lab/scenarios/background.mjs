// @ts-check
/**
 * Scenarios in which a command is left running when its turn ends. In code mode it is recorded when it
 * ends, after later turns, as an item of the turn that started it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { code, isCodeMode, lastUserText, round } from '../request-reading.mjs';
import { functionCall, message } from '../response-items.mjs';
import { editor, turn } from './editor.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('../request-reading.mjs').RequestBody} RequestBody */

/** @satisfies {Record<string, Scenario>} */
export const backgroundScenarios = {
  'background-outlives': {
    about: 'a command goes on through the next turn and ends by itself, then a third turn follows',
    announced: 3,
    script: starting('echo started; sleep 3; echo ended'),
    steps: [
      editor(async (server, thread) => {
        await turn(server, thread, 'start it');
        await turn(server, thread, 'and now');
        await sleep(3500);
        await turn(server, thread, 'has it ended');
      }),
    ],
  },
  'background-at-exit': {
    about: 'a command is still running when `codex exec` ends',
    script: starting('echo started; sleep 60; echo ended'),
    steps: [exec('start it')],
  },
};

/** Starts a command at the first prompt and leaves it running. @param {string} cmd @returns {import('./scenario.mjs').Script} */
function starting(cmd) {
  return (body) => {
    const prompt = lastUserText(body);
    if (prompt !== 'start it') return { items: [message(`answer to: ${prompt}`)] };
    if (round(body) > 0) return { items: [message('It runs.')] };
    const args = { cmd, yield_time_ms: 400 };
    if (!isCodeMode(body)) return { items: [functionCall('exec_command', args)] };
    return { items: [code(`text(await tools.exec_command(${JSON.stringify(args)}));`)] };
  };
}
