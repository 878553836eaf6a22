import { describe, expect, test } from '@jest/globals';
import { failureTold } from '../../../src/turn/tools/codex-texts.js';

const told = (text: string, tool?: string, isEnveloped = false) => {
  const failure = failureTold(text, tool, isEnveloped);
  return failure && `${failure.type}: ${failure.message}`;
};
const long = 'x'.repeat(500);

const NO_SUCH_TOOL = 'unsupported_call: unsupported call: Codex has no such tool';
const ABORTED = 'aborted: aborted by the user';
const DECLINED = 'declined: declined by the user';
const REVIEWED = 'rejected: rejected by the reviewer of approvals';
const UNDECIDED = 'review_failed: the review of approvals did not come to a verdict';
const BY_SETTINGS = 'rejected: rejected by the sandbox or approval settings';
const NOT_RUN = 'failed: Codex could not run the tool';
const NO_IMAGE = 'failed: Codex could not read the image';
const NOT_HERE = 'unavailable: the tool is not available here';

describe('Codex’s own words in place of an output', () => {
  test.each([
    ['unsupported call: a.b', NO_SUCH_TOOL],
    ['unsupported custom tool call: x', NO_SUCH_TOOL],
    ['apply_patch verification failed: x', 'verification_failed: apply_patch verification failed'],
    ['failed to parse function arguments: x', 'invalid_arguments: failed to parse function arguments'],
    ['failed to parse tool call arguments', 'invalid_arguments: failed to parse function arguments'],
    ['aborted', ABORTED],
    ['aborted by user', ABORTED],
    ['aborted by user after 12.3s', ABORTED],
    ['Wall time: 1.2 seconds\naborted by user', ABORTED],
    ['command rejected by the user', DECLINED],
    ['Patch was rejected by user', DECLINED],
    ['exec command rejected by user', DECLINED],
    ['x: Rejected("rejected by user")', DECLINED],
    ['x: Rejected(\\"rejected by user\\")', DECLINED],
    [`${long} Rejected("rejected by user")`, DECLINED],
    ['user rejected MCP tool call', DECLINED],
    ['user cancelled MCP tool call', DECLINED],
    ['This action was rejected due to unacceptable risk.', REVIEWED],
    ['x Rejected("This action was rejected due to unacceptable risk.', REVIEWED],
    ['Automatic approval review failed', UNDECIDED],
    ['the automatic permission approval review is over', UNDECIDED],
    ['x Rejected(\\"automatic approval review timed out', UNDECIDED],
    ['approval policy is Never; reject command', 'rejected: rejected: the approval policy allows no request'],
    ['Command blocked by PreToolUse hook: x', 'rejected: blocked by a hook'],
    ['Tool call blocked by PreToolUse hook', 'rejected: blocked by a hook'],
    ['x Rejected("`rm\n-r` rejected: no")', "rejected: rejected by the user's command rules"],
    ['patch rejected: x', BY_SETTINGS],
    ['write_stdin rejected: x', BY_SETTINGS],
    ['MCP tool call blocked', 'rejected: rejected by the MCP settings'],
    ['MCP tool call cancelled', 'rejected: rejected by the MCP settings'],
    [
      'exec_command failed for `x`: Rejected("Failed to create unified exec process")',
      'failed: the command could not be started',
    ],
    ['exec_command failed: x Rejected("y")', 'rejected: rejected by Codex'],
    ['shell failed: Rejected(y)', 'rejected: rejected by Codex'],
    ['Script failed\nx', 'script_failed: script failed'],
    ['exec failed: x', NOT_RUN],
    ['shell failed for `ls`: x', NOT_RUN],
    ['write_stdin failed: x', NOT_RUN],
    ['tool call failed: x', NOT_RUN],
    ['collab spawn failed: x', NOT_RUN],
    ['collab tool failed: x', NOT_RUN],
    ['resources/list failed: x', NOT_RUN],
    ['command timed out after 9 milliseconds', 'timeout: timed out'],
    ['unable to locate image at x', NO_IMAGE],
    ['unable to read media', NO_IMAGE],
    ['image path `/tmp` is not a file', NO_IMAGE],
    [`image path \`/${long}\` is not a file`, NO_IMAGE],
    [`media path \`/${long}\` is not a file`, NO_IMAGE],
    ['request_user_input is unavailable in Default mode', NOT_HERE],
    ['x is not supported for this model', NOT_HERE],
    ['x is not available in y', NOT_HERE],
    ['update_plan is a TODO/checklist tool and is not allowed in Plan mode', NOT_HERE],
    ['update_plan is not allowed in Plan mode', NOT_HERE],
    ['unknown MCP server x', 'unavailable: there is no such MCP server'],
  ])('%j tell: %s', (text, expected) => {
    expect(told(text)).toBe(expected);
    // What an old Codex put an envelope around is the program's own, but for how it was ended.
    const isOfTheEnd = expected === ABORTED || expected === 'timeout: timed out';
    expect(told(text, undefined, true)).toBe(isOfTheEnd ? expected : undefined);
  });

  test.each([
    'x\naborted by user',
    'aborted by user\n',
    'a patch rejected by user',
    'x\nRejected("rejected by user")',
    'x unsupported call: y',
    'exec_command failed',
    'exec_command failed\nRejected(x)',
    'unable to find a word',
    '',
  ])('are not %j', (text) => {
    expect(told(text)).toBeUndefined();
  });
});

describe('a tool of Codex’s that answers in JSON', () => {
  const tools = [
    ...['spawn_agent', 'send_input', 'send_message', 'followup_task', 'wait_agent', 'resume_agent'],
    ...['close_agent', 'interrupt_agent', 'list_agents', 'request_user_input'],
    ...['get_goal', 'create_goal', 'update_goal'],
  ];

  test.each(tools)('is refused in any other words: %s', (tool) => {
    expect(told('No such agent', tool)).toBe('rejected: Codex refused the call');
    for (const answer of ['{}', ' [1]', '\n"x"', '', ' \n', 'a{"a": …12 tokens truncated…}'])
      expect(told(answer, tool)).toBeUndefined();
  });

  test('has Codex’s known words told as those of any other tool', () => {
    expect(told('aborted by user', 'spawn_agent')).toBe(ABORTED);
  });

  test('is none of the others', () => {
    for (const tool of [undefined, 'exec_command', 'spawn', '']) expect(told('No', tool)).toBeUndefined();
  });
});
