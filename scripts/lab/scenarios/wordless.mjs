// @ts-check
/**
 * Scenarios whose turns end without a last message of the model's (`last_agent_message: null`), and
 * have not failed for that.
 */
import { lastUserText, round, shellCall } from '../request-reading.mjs';
import { message, picture, webSearch } from '../response-items.mjs';
import { editor, turn } from './editor.mjs';
import { exec, resume } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

const plan = '<proposed_plan>\n# Paint the parts\n\n1. Take a brush\n2. Paint\n</proposed_plan>';

/** @satisfies {Record<string, Scenario>} */
export const wordlessScenarios = {
  plan: {
    about: 'plan mode: a plan alone, after a look around a plan with words before it, then it is done',
    announced: 3,
    script: (body) => {
      const asked = lastUserText(body);
      if (asked.includes('again'))
        return round(body) === 0
          ? { items: [shellCall(body, 'ls')] }
          : { items: [message(`Here it is.\n${plan}`)] };
      return { items: [message(asked.includes('do it') ? 'Painted.' : plan)] };
    },
    steps: [
      editor(async (server, thread, { model }) => {
        const planning = inMode('plan', model);
        await turn(server, thread, 'plan the painting', planning);
        await turn(server, thread, 'plan it again', planning);
        await turn(server, thread, 'do it', inMode('default', model));
      }),
    ],
  },
  'picture-only': {
    about: 'the answer is a generated picture and nothing else',
    script: () => ({ items: [picture('a red square, flat', dot)] }),
    steps: [exec('draw a red square')],
  },
  'search-only': {
    about: 'the last response holds a search and nothing else',
    script: () => ({ items: [webSearch('weather in Bern')] }),
    steps: [exec('-c', 'web_search="live"', 'search and say nothing')],
  },
  'empty-answer': {
    about: 'a command, and then a response with nothing in it; and one with an empty message',
    script: (body) => {
      if (lastUserText(body).includes('twice')) return { items: [message('')] };
      return round(body) === 0 ? { items: [shellCall(body, 'echo quiet')] } : { items: [] };
    },
    steps: [exec('be quiet'), resume('be quiet twice')],
  },
};

const dot =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGM4ISdHEmIY1TCqYfhqAADkYgQQ60fIxgAAAABJRU5ErkJggg==';

/** @param {'plan' | 'default'} mode @param {string} model */
function inMode(mode, model) {
  const settings = { model, reasoning_effort: null, developer_instructions: null };
  return { collaborationMode: { mode, settings } };
}
