// @ts-check
/**
 * Scenarios in which the turn is interrupted or the model fails: Codex announces none of them but the retried one.
 */
import { round, shellCall } from '../request-reading.mjs';
import { message, reasoning } from '../response-items.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

/** @param {number} status @param {string} text @param {string} type @returns {Scenario} */
function httpError(status, text, type) {
  return {
    about: `the API answers ${status}`,
    announced: 0,
    script: () => ({ status, json: { error: { message: text, type, code: type } } }),
    steps: [exec('fail please')],
  };
}

/** @satisfies {Record<string, Scenario>} */
export const failureScenarios = {
  'interrupt-in-answer': {
    about: 'interrupted while the second answer is being streamed',
    announced: 0,
    script: (body) =>
      round(body) === 0
        ? { items: [shellCall(body, 'echo before-hang')] }
        : {
            items: [reasoning(['**Hanging**']), message('partial answer that never completes '.repeat(20))],
            chunkSize: 20,
            chunkDelayMs: 400,
            hang: true,
          },
    steps: [{ ...exec('long answer'), interrupt: { afterRequests: 2, delayMs: 1500 } }],
  },
  'interrupt-after-call': {
    about: 'Ctrl-C while an answer goes on that has called a tool, which has ended by then',
    script: (body) =>
      round(body) === 0
        ? { chunkDelayMs: 100, items: [shellCall(body, 'echo first'), message('and on and on '.repeat(60))] }
        : { items: [message('never asked')] },
    announced: 0,
    steps: [{ ...exec('begin'), interrupt: { afterRequests: 1, delayMs: 1500 } }],
  },
  'interrupt-in-tool': {
    about: 'interrupted while a command runs',
    announced: 0,
    script: (body) =>
      round(body) === 0 ? { items: [shellCall(body, 'sleep 30')] } : { items: [message('never asked')] },
    steps: [{ ...exec('sleep'), interrupt: { afterRequests: 1, delayMs: 1500 } }],
  },
  'http-400': httpError(400, 'scripted bad request', 'invalid_request_error'),
  'http-401': httpError(401, 'scripted unauthorized', 'invalid_api_key'),
  'http-500': httpError(500, 'scripted internal error', 'server_error'),
  'failed-event': {
    about: 'the second response ends with response.failed',
    announced: 0,
    script: (body) =>
      round(body) === 0
        ? { items: [shellCall(body, 'echo ok')] }
        : { failed: { code: 'server_error', message: 'scripted response.failed' } },
    steps: [exec('fail please')],
  },
  'stream-drop': {
    about: 'the connection breaks after a whole message',
    announced: 0,
    script: () => ({ items: [message('a message, then the connection dies')], drop: true }),
    steps: [exec('fail please')],
  },
  'retry-then-ok': {
    about: 'the first stream breaks, the second try works',
    streamRetries: 2,
    script: (_body, { n }) =>
      n === 0 ? { items: [message('first try ')], drop: true } : { items: [message('second try worked')] },
    steps: [exec('flaky')],
  },
};
