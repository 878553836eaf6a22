import { describe, expect, test } from '@jest/globals';
import { readTextOutcome } from '../../src/turn/tool-outcome.js';

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
      'declined',
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

  test.each([
    'The user aborted the mission.',
    'Exit code: 1 is what the program printed',
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
