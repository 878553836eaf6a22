// @ts-check
/**
 * The scenario of `npm run demo`: a small project whose test fails, and a model that repairs it while an
 * agent of its looks for more of the same. The commands and the patch are really carried out; only the
 * model's words are scripted. The priority tier has its own prices, so the trace carries the cost.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { whoAsks } from '../agent-calls.mjs';
import { parallelShellCalls, patchCall, shellCall, toolCall } from '../request-reading.mjs';
import { message, reasoning } from '../response-items.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

const cart = `// Prices are in cents.
export function total(items) {
  return items.reduce((sum, item) => sum + item.price, 0);
}
`;

const cartTest = `import assert from 'node:assert/strict';
import test from 'node:test';
import { total } from '../src/cart.js';

test('the total counts every piece of an item', () => {
  const items = [{ price: 250, quantity: 2 }, { price: 100, quantity: 1 }];
  assert.equal(total(items), 600);
});
`;

const TASK = 'See whether any other file leaves out the quantity of an item.';

/** @type {Scenario} */
export const demoScenario = {
  about: 'a failing test is found, understood and repaired',
  configTop: 'model_reasoning_effort = "medium"\nmodel_reasoning_summary = "auto"\nservice_tier = "priority"',
  // Agents are off for classic tools in Codex 0.169 to 0.171, on in code mode.
  configTables: '[features]\nmulti_agent_v2 = true\n',
  announced: 2,
  prepare: (cwd) => {
    mkdirSync(path.join(cwd, 'src'));
    mkdirSync(path.join(cwd, 'test'));
    writeFileSync(path.join(cwd, 'package.json'), '{ "name": "shop", "type": "module" }\n');
    writeFileSync(path.join(cwd, 'src', 'cart.js'), cart);
    writeFileSync(path.join(cwd, 'test', 'cart.test.js'), cartTest);
  },
  script: (body) => {
    const { round } = whoAsks(body);
    const part = isHelper(body) ? helper : script;
    const step = part[round] ?? part.at(-1);
    return { chunkDelayMs: 40, delayMs: 350, ...step?.(body) };
  },
  steps: [exec('The test of the cart fails. Find out why and repair it.')],
};

/** @type {((body: import('../request-reading.mjs').RequestBody) => import('../response-stream.mjs').Reply)[]} */
const script = [
  (body) => ({
    items: [
      reasoning(['**Looking around**\n\nI should see the test and the code it tests before I run anything.']),
      message('I will read the test and the code first.', 'commentary'),
      ...parallelShellCalls(body, ['ls -R src test', 'cat src/cart.js', 'cat test/cart.test.js']),
    ],
    usage: { input: 9_412, cached: 0, output: 188, reasoning: 64 },
  }),
  (body) => ({
    items: [shellCall(body, 'node --test')],
    usage: { input: 10_031, cached: 9_344, output: 41, reasoning: 0 },
  }),
  (body) => ({
    items: [
      reasoning([
        '**Explaining the failure**\n\nThe total is 350 in place of 600: the quantity of an item is never used.',
      ]),
      patchCall(body, [
        '*** Update File: src/cart.js',
        '@@',
        '-  return items.reduce((sum, item) => sum + item.price, 0);',
        '+  return items.reduce((sum, item) => sum + item.price * item.quantity, 0);',
      ]),
    ],
    usage: { input: 10_894, cached: 9_984, output: 236, reasoning: 128 },
  }),
  (body) => ({
    items: [
      toolCall(body, 'spawn_agent', { task_name: 'lookout', message: TASK, fork_turns: 'none' }),
      shellCall(body, 'node --test'),
    ],
    usage: { input: 11_240, cached: 10_880, output: 96, reasoning: 0 },
  }),
  (body) => ({
    items: [toolCall(body, 'wait_agent', { timeout_ms: 10_000 })],
    usage: { input: 11_455, cached: 11_136, output: 24, reasoning: 0 },
  }),
  () => ({
    items: [
      message(
        'The test passes now. `total` in `src/cart.js` added up the prices but left out `quantity`, so two pieces at 250 counted once. It multiplies now.',
        'final_answer',
      ),
    ],
    usage: { input: 11_602, cached: 11_136, output: 74, reasoning: 0 },
  }),
];

/** @type {typeof script} */
const helper = [
  (body) => ({
    items: [shellCall(body, 'grep -rn price src')],
    usage: { input: 6_204, cached: 5_888, output: 38, reasoning: 0 },
  }),
  () => ({
    items: [message('Only src/cart.js counts with prices, and it has the quantity now.', 'final_answer')],
    usage: { input: 6_311, cached: 6_144, output: 22, reasoning: 0 },
  }),
];

/**
 * The helper is told its task as a message; its parent has the same words in a call of its own.
 * @param {import('../request-reading.mjs').RequestBody} body
 */
function isHelper(body) {
  return (body.input ?? []).some(
    ({ type, content }) => /message$/.test(type) && JSON.stringify(content).includes(TASK),
  );
}
