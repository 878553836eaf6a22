import { describe, expect, test } from '@jest/globals';
import { readTextOutcome, scriptTimeMs } from '../../../src/turn/tools/tool-outcome.js';

describe("what Codex's words around an output tell", () => {
  test.each([
    ['Exit code: 0\nWall time: 1 seconds\nOutput:\nok', 0],
    ['Exit code: 127\nWall time: 0 seconds\nOutput:\nno such command', 127],
    ['Chunk ID: a\nWall time: 0.1 seconds\nProcess exited with code 3\nOutput:\nx', 3],
    ['{"output":"x","metadata":{"exit_code":2,"duration_seconds":0.1}}', 2],
    ['Chunk ID: a\nWall time: 0.5 seconds\nProcess running with session ID 7\nOutput:\nx', undefined],
  ])('%j: exit code %s', (text, exitCode) => {
    expect(readTextOutcome(text).exitCode).toBe(exitCode);
  });

  test.each([
    ['aborted', 'aborted'],
    ['aborted by user', 'aborted'],
    ['aborted by user after 1.2s', 'aborted'],
    ['Wall time: 1.2 seconds\naborted by user', 'aborted'],
    ['exec command rejected by user', 'declined'],
    ['patch rejected by user', 'declined'],
    ['exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }', 'declined'],
    [
      'exec_command failed for `/bin/bash -lc x`: CreateProcess { message: "Rejected(\\"no\\")" }',
      'rejected',
    ],
    ['exec_command failed: CreateProcess { message: "No such file" }', 'failed'],
    ['unsupported call: x', 'unsupported_call'],
    ['unsupported custom tool call: x', 'unsupported_call'],
    ['apply_patch verification failed: x', 'verification_failed'],
    ['failed to parse function arguments: x', 'invalid_arguments'],
    ['Script failed\nWall time 0.0 seconds\nOutput:\nx', 'script_failed'],
    ['command timed out after 10000 milliseconds\nx', 'timeout'],
    ['Exit code: 1\nWall time: 0 seconds\nOutput:\nx', 'exit_code'],
  ])('%j: failed, %s', (text, type) => {
    expect(readTextOutcome(text).failure?.type).toBe(type);
  });

  describe('only a user declines', () => {
    const wrapped = (why: string) =>
      `exec_command failed: CreateProcess { message: "Rejected(\\"${why}\\")" }`;
    const risk = 'This action was rejected due to unacceptable risk.\\nReason: too dangerous';
    const review = 'Automatic approval review failed: guardian assessment was not valid JSON\\nThe action';

    test.each([
      ['a user', wrapped('rejected by user'), 'declined', 'declined by the user'],
      ['a user, of a patch', 'patch rejected by user', 'declined', 'declined by the user'],
      ['a user, of an MCP tool', 'user rejected MCP tool call', 'declined', 'declined by the user'],
      ['a reviewer', wrapped(risk), 'rejected', 'rejected by the reviewer of approvals'],
      ['a reviewer, of a patch', risk, 'rejected', 'rejected by the reviewer of approvals'],
      ['a review without a verdict', wrapped(review), 'review_failed', expect.stringContaining('verdict')],
      ['a review without a verdict, of a patch', review, 'review_failed', expect.stringContaining('verdict')],
      [
        'a folder that is not there',
        wrapped('Failed to create unified exec process: No such file or directory (os error 2)'),
        'failed',
        'the command could not be started',
      ],
      [
        'a rule',
        wrapped('`rm -rf /` rejected: blocked by policy'),
        'rejected',
        expect.stringContaining('rules'),
      ],
      [
        "a user's settings",
        'patch rejected: writing outside of the project; rejected by user approval settings',
        'rejected',
        expect.stringContaining('settings'),
      ],
      ['a hook', 'Command blocked by PreToolUse hook: no. Command: x', 'rejected', 'blocked by a hook'],
    ])('%s says no', (_, text, type, message) => {
      expect(readTextOutcome(text, 'exec_command').failure).toEqual({ type, message });
    });
  });

  test.each([
    ['exec_command', 'approval policy is Never; reject command — you cannot ask', 'rejected'],
    ['view_image', 'unable to locate image at `/nope.png`: No such file or directory (os error 2)', 'failed'],
    ['view_image', 'unable to process image: invalid or unsupported image data', 'failed'],
    ['view_image', 'image path `/tmp` is not a file', 'failed'],
    ['request_user_input', 'request_user_input is unavailable in Default mode', 'unavailable'],
    ['update_plan', 'update_plan is a TODO/checklist tool and is not allowed in Plan mode', 'unavailable'],
    ['read_mcp_resource', "unknown MCP server 'none' for the selected environment", 'unavailable'],
    ['write_stdin', 'write_stdin failed: Unknown process id 424242', 'failed'],
    ['spawn_agent', 'Full-history forked agents inherit the parent agent type, model', 'rejected'],
    ['spawn_agent', 'Unknown model `nope` for spawn_agent. Available models: gpt-5.5', 'rejected'],
    ['send_message', 'live agent path `/root/none` not found', 'rejected'],
    ['spawn_agent', 'collab spawn failed: no thread with id: 1', 'failed'],
  ])('Codex refuses %s: %j', (tool, text, type) => {
    expect(readTextOutcome(text, tool).failure?.type).toBe(type);
  });

  test.each([
    ['view_image', 'unable to process image: no', 'Codex could not read the image'],
    ['view_image', 'image path `/tmp` is not a file', 'Codex could not read the image'],
    ['x', 'unsupported call: x', 'unsupported call: Codex has no such tool'],
    ['apply_patch', 'apply_patch verification failed: x', 'apply_patch verification failed'],
    ['x', 'failed to parse function arguments: x', 'failed to parse function arguments'],
    ['exec_command', 'aborted by user', 'aborted by the user'],
    ['exec', 'Script failed\nx', 'script failed'],
    ['write_stdin', 'write_stdin failed: x', 'Codex could not run the tool'],
    ['exec_command', 'command timed out after 9 milliseconds', 'timed out'],
    ['exec_command', 'exec_command failed: x Rejected(x)', 'rejected by Codex'],
    ['update_plan', 'update_plan is not allowed in Plan mode', 'the tool is not available here'],
    ['request_user_input', 'request_user_input is unavailable in x', 'the tool is not available here'],
    ['read_mcp_resource', 'unknown MCP server x', 'there is no such MCP server'],
    ['x', 'MCP tool call blocked', 'rejected by the MCP settings'],
    [
      'exec_command',
      'approval policy is Never; reject command',
      'rejected: the approval policy allows no request',
    ],
    ['spawn_agent', 'no', 'Codex refused the call'],
    ['exec_command', 'Exit code: 7\nOutput:\nx', 'exit code 7'],
    ['exec_command', 'Exit code: -1\nOutput:\nx', 'cut off before it ended'],
  ])('of %s that ends with %j it is told: %s', (tool, text, message) => {
    expect(readTextOutcome(text, tool).failure?.message).toBe(message);
  });

  test.each([
    ['spawn_agent', '{"task_name":"/root/alpha"}'],
    ['followup_task', ''],
    ['get_goal', '{"goal":null}'],
    ['wait_agent', 'Total output lines: 9\n\n{"status": …12 tokens truncated…}'],
    ['update_plan', 'Plan updated'],
    ['view_image', 'attached local image path'],
    ['mcp__x__y', 'unusual words of a server'],
    ['exec_command', 'feedback of a PostToolUse hook in place of the output'],
  ])('%s is not refused by %j', (tool, text) => {
    expect(readTextOutcome(text, tool).failure).toBeUndefined();
  });

  test('what a program of an old Codex printed is not taken for what Codex says', () => {
    const said = (output: string) => JSON.stringify({ output, metadata: { exit_code: 0 } });
    expect(readTextOutcome(said('unsupported call: x')).failure).toBeUndefined();
    expect(readTextOutcome(said('patch rejected by user')).failure).toBeUndefined();
    expect(readTextOutcome(said('command timed out after 9 milliseconds\nx')).failure?.type).toBe('timeout');
  });

  test.each([
    'The user aborted the mission.',
    'Exit code: 1 is what the program printed',
    'Exit code: 1\nis what the program printed',
    'Chunk ID: a\nWall time: 0 seconds\nProcess exited with code 0\nOutput:\nExit code: 1\nunsupported call: x',
    'Exit code: 0\nWall time: 0 seconds\nOutput:\nProcess exited with code 9',
    '{"output":"x","metadata":"none"}',
    '{"output":',
    '',
  ])('a program may print anything: %j is no failure', (text) => {
    expect(readTextOutcome(text).failure).toBeUndefined();
  });

  test('an old envelope is taken off', () => {
    expect(readTextOutcome('{"output":"the words","metadata":{"exit_code":0}}')).toEqual({
      text: 'the words',
      exitCode: 0,
    });
  });
});

test.each([
  ['Exit code: 3\nOutput\nx', { exitCode: 3, failure: { type: 'exit_code', message: 'exit code 3' } }],
  [
    'Exit code: -1\nOutput:\nx',
    { exitCode: -1, failure: { type: 'aborted', message: 'cut off before it ended' } },
  ],
  ['Exit code: none\nOutput:\nx', {}],
  ['Exit code: 3x\nOutput:\nx', {}],
  ['Exit code: \nOutput:\nx', {}],
  [`Exit code: 3\n${'x'.repeat(1100)}\nOutput:\nx`, {}],
  ['{"output":"x","metadata":"none"}', {}],
  ['{"output":7,"metadata":{"exit_code":3}}', {}],
])('an output of %j is shown as it is, and tells what its header tells', (text, told) => {
  expect(readTextOutcome(text)).toEqual({ text, ...told });
});

test('an old envelope without an exit code is taken off as well', () => {
  for (const metadata of ['{}', 'null', '{"exit_code":"3"}'])
    expect(readTextOutcome(`{"output":"x","metadata":${metadata}}`)).toEqual({ text: 'x' });
});

test.each([
  ['Script completed\nWall time 1.2 seconds\nOutput:\n', 1200],
  ['Script failed\nWall time: 0.5 seconds\nOutput:\n', 500],
  ['Script terminated\nWall time 2 seconds\n', 2000],
  ['Script running with cell ID 1\nWall time 2 seconds\n', undefined],
  ['x\nScript completed\nWall time 2 seconds\n', undefined],
])('a script that printed %j ran for %s ms', (text, ms) => {
  expect(scriptTimeMs(text)).toBe(ms);
});
