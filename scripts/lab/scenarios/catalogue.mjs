// @ts-check
/**
 * All scenarios by name: the end-to-end tests, the fixture recorder and the demo play these.
 */
import { agentScenarios } from './agents.mjs';
import { answerScenarios } from './answers.mjs';
import { backgroundScenarios } from './background.mjs';
import { demoScenario } from './demo.mjs';
import { failureScenarios } from './failures.mjs';
import { hookScenarios } from './hooks.mjs';
import { promptlessScenarios } from './promptless.mjs';
import { refusalScenarios } from './refusals.mjs';
import { reviewerScenarios } from './reviewers.mjs';
import { rewindScenarios } from './rewinds.mjs';
import { sessionScenarios } from './sessions.mjs';
import { threadScenarios } from './threads.mjs';
import { toolScenarios } from './tools.mjs';
import { wordlessScenarios } from './wordless.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

/** @type {Record<string, Scenario>} */
export const scenarios = {
  ...answerScenarios,
  ...toolScenarios,
  ...threadScenarios,
  ...failureScenarios,
  ...hookScenarios,
  ...sessionScenarios,
  ...agentScenarios,
  ...backgroundScenarios,
  ...promptlessScenarios,
  ...refusalScenarios,
  ...reviewerScenarios,
  ...rewindScenarios,
  ...wordlessScenarios,
  demo: demoScenario,
};

/**
 * @param {string} name
 * @throws {Error} that lists the names, where there is none of this one
 */
export function findScenario(name) {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`No scenario "${name}". There are: ${Object.keys(scenarios).join(', ')}`);
  return scenario;
}
