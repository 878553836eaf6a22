// @ts-check
/**
 * Scenarios with hooks of the user's that speak to the model.
 */
import { round, shellCall } from '../request-reading.mjs';
import { message } from '../response-items.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

const says = JSON.stringify({
  hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: 'mind the gap' },
});

/** @satisfies {Record<string, Scenario>} */
export const hookScenarios = {
  'hook-speaks': {
    about: 'a hook tells the model something while the response that called the tool still goes on',
    configTables: `[[hooks.PostToolUse]]\n[[hooks.PostToolUse.hooks]]\ntype = "command"\ncommand = '''echo '${says}' '''\n`,
    script: (body) =>
      round(body) === 0
        ? {
            // The first command has ended, and the hook has spoken, before the second call comes.
            chunkDelayMs: 25,
            items: [
              shellCall(body, 'echo first'),
              message(`And now ${'slowly, '.repeat(120)}the second.`),
              shellCall(body, 'echo second'),
            ],
          }
        : { items: [message('Both were run.')] },
    steps: [
      { args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-hook-trust', 'run two commands'] },
    ],
  },
};
