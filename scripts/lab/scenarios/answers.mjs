// @ts-check
/**
 * Scenarios about what is asked and answered: text, reasoning, images, long ones, none at all.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { round, shellCall } from '../request-reading.mjs';
import { message, reasoning } from '../response-items.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

/** A red square of 16 by 16 pixels. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGM4ISdHEmIY1TCqYfhqAADkYgQQ60fIxgAAAABJRU5ErkJggg==',
  'base64',
);

const onlyA = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
};

/** @satisfies {Record<string, Scenario>} */
export const answerScenarios = {
  plain: {
    about: 'a question and an answer',
    script: () => ({ items: [message('Hello from the script.')] }),
    steps: [exec('say hi')],
  },
  'service-tier': {
    about: 'a question and an answer of the priority tier',
    configTop: 'service_tier = "priority"',
    script: () => ({ items: [message('Quickly.')] }),
    steps: [exec('be quick')],
  },
  reasoning: {
    about: 'reasoning with summaries of one part, of two parts and of none; cached and cache-written tokens',
    configTop: 'model_reasoning_effort = "high"\nmodel_reasoning_summary = "detailed"',
    script: (body) =>
      round(body) === 0
        ? {
            items: [reasoning(['**Thinking about it**\n\nFirst I list files.']), shellCall(body, 'ls')],
            usage: { input: 1200, cached: 1000, cacheWrite: 100, output: 80, reasoning: 40 },
          }
        : {
            items: [
              reasoning(['**Part one**\n\nnow answer', '**Part two**\n\nreally']),
              reasoning([]),
              message('Done thinking.', 'final_answer'),
            ],
            usage: { input: 1400, cached: 1150, cacheWrite: 50, output: 90, reasoning: 64 },
          },
    steps: [exec('think')],
  },
  image: {
    about: 'a picture beside the prompt',
    prepare: (cwd) => writeFileSync(path.join(cwd, 'pic.png'), png),
    script: () => ({ items: [message('A small red square.')] }),
    steps: [exec('-i', 'pic.png', '--', 'what is this')],
  },
  ephemeral: {
    about: 'a turn of which Codex keeps no recording',
    script: () => ({ items: [message('not persisted')] }),
    steps: [exec('--ephemeral', 'hi')],
  },
  'output-schema': {
    about: 'an answer that must be JSON of a schema',
    prepare: (cwd) => writeFileSync(path.join(cwd, 's.json'), JSON.stringify(onlyA)),
    script: () => ({ items: [message('{"a":"b"}')] }),
    steps: [exec('--output-schema', 's.json', 'structured')],
  },
  'long-message': {
    about: 'an answer of 256 KiB: its notification does not fit into an argument and never fires',
    announced: 0,
    script: () => ({ items: [message('0123456789abcde\n'.repeat(16 * 1024))], chunkSize: 65_536 }),
    steps: [exec('long answer')],
  },
  'long-prompt': {
    about: 'a prompt of 168 KiB: its notification does not fit into an argument and never fires',
    announced: 0,
    script: () => ({ items: [message('short answer')] }),
    steps: [{ ...exec('-'), input: 'prompt '.repeat(24 * 1024) }],
  },
};
