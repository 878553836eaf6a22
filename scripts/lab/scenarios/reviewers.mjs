// @ts-check
/**
 * Scenarios in which not the user but another model judges what a turn asks approval for: Codex starts
 * a thread of its own for it (`guardian`), of which it tells nobody.
 */
import { code, isCodeMode, lastUserText, round } from '../request-reading.mjs';
import { functionCall, message } from '../response-items.mjs';
import { editor, turn } from './editor.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('./scenario.mjs').Script} Script */
/** @typedef {import('../request-reading.mjs').RequestBody} RequestBody */

const judged = `approvals_reviewer = "auto_review"`;
const asking = ['-c', 'approval_policy="on-request"', '-c', 'sandbox_mode="workspace-write"'];
const allowed = verdict('allow', 'low', 'harmless');
const refused = verdict('deny', 'high', 'it would delete what is not its own');

/** @satisfies {Record<string, Scenario>} */
export const reviewerScenarios = {
  reviewed: {
    about: 'a command outside the sandbox, which a reviewer allows',
    configTop: judged,
    script: judging((body) =>
      round(body) === 0
        ? { items: [escalatedCall(body, 'echo reviewed')] }
        : { items: [message('It was allowed.')] },
    ),
    steps: [exec(...asking, 'do something outside')],
  },
  'reviewed-twice': {
    about: 'two commands of one turn are judged, the second is refused; one more in the next turn',
    configTop: judged,
    announced: 2,
    script: judging((body) => {
      const commands = lastUserText(body).includes('more')
        ? ['echo third']
        : ['echo first', 'rm -rf /srv/not-ours'];
      const command = commands[round(body)];
      return { items: [command ? escalatedCall(body, command) : message('All was judged.')] };
    }),
    steps: [
      editor(
        async (server, thread) => {
          await turn(server, thread, 'do two things outside');
          await turn(server, thread, 'do one more');
        },
        { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
      ),
    ],
  },
};

/** Answers a reviewer's requests, and leaves the others to `script`. @param {Script} script @returns {Script} */
function judging(script) {
  return (body, context) => {
    if (context.headers['x-openai-subagent'] !== 'guardian') return script(body, context);
    const isHarmful = lastUserText(body).includes('rm -rf');
    return { items: [message(JSON.stringify(isHarmful ? refused : allowed))] };
  };
}

/** A command that asks to be run outside the sandbox. @param {RequestBody} body @param {string} cmd */
function escalatedCall(body, cmd) {
  const args = { cmd, sandbox_permissions: 'require_escalated', justification: 'It must be outside' };
  if (!isCodeMode(body)) return functionCall('exec_command', args);
  return code(`text(await tools.exec_command(${JSON.stringify(args)}));`);
}

/** @param {'allow' | 'deny'} outcome @param {string} risk @param {string} rationale */
function verdict(outcome, risk, rationale) {
  return { risk_level: risk, user_authorization: 'high', outcome, rationale };
}
