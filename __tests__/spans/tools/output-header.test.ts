import { describe, expect, test } from '@jest/globals';
import { readHeader } from '../../../src/spans/tools/output-header.js';

describe("Codex's lines above an output become keys, and what the program wrote stays", () => {
  test.each([
    [
      'Chunk ID: 889e62\nWall time: 0.0502 seconds\nProcess exited with code 3\nOriginal token count: 11\nOutput:\none\ntwo\n',
      { chunk_id: '889e62', wall_time_seconds: 0.0502, exit_code: 3, original_token_count: 11 },
      'one\ntwo\n',
    ],
    [
      'Chunk ID: a1\nWall time: 0.5 seconds\nProcess running with session ID 7\nOutput:\ntick 1\n',
      { chunk_id: 'a1', wall_time_seconds: 0.5, session_id: 7 },
      'tick 1\n',
    ],
    [
      'Exit code: -1\nWall time: 2 seconds\nTotal output lines: 900\nOutput:\nx',
      { exit_code: -1, wall_time_seconds: 2, total_output_lines: 900 },
      'x',
    ],
    ['Wall time: 2 seconds\nExit code: 0\nOutput:', { wall_time_seconds: 2, exit_code: 0 }, ''],
    ['Script terminated\nOutput:\nx\nOutput:\ny', { script: 'terminated' }, 'x\nOutput:\ny'],
    [
      'Script completed\nWall time 0.1 seconds\nOutput:\n{}',
      { script: 'completed', wall_time_seconds: 0.1 },
      '{}',
    ],
    ['Script failed\nWall time 0.0 seconds\nOutput:\nx', { script: 'failed', wall_time_seconds: 0 }, 'x'],
    [
      'Script running with cell ID 4\nWall time 1.0 seconds\nOutput:',
      { script: 'running', cell_id: '4', wall_time_seconds: 1 },
      '',
    ],
    [
      'Wall time: 0.2 seconds\nOutput:\nExit code: 1\nWall time: 0.1 seconds\nOutput:\nfailed\n',
      { wall_time_seconds: 0.1, exit_code: 1 },
      'failed\n',
    ],
    [
      'Wall time: 0.2 seconds\nOutput:\n{"output":"Success.","metadata":{"exit_code":0}}',
      { wall_time_seconds: 0.2, exit_code: 0 },
      'Success.',
    ],
  ])('%j', (text, facts, output) => {
    expect(readHeader(text, true)).toEqual({ text: output, facts });
  });
});

describe('a program may print anything', () => {
  test.each([
    'Output:\nx',
    'Exit code: 3 is what it said\nOutput:\nx',
    'a line of its own\nWall time: 1 seconds\nOutput:\nx',
    'Wall time: 1 seconds\nno output follows',
    'Wall time: 1 seconds\nOutput: on the same line\nx',
    'Wall time: 5 minutes\nOutput:\nx',
    'Wall time: soon seconds\nOutput:\nx',
    'Chunk ID: two words\nOutput:\nx',
    'Script skipped\nOutput:\nx',
    'Exit code: \nOutput:\nx',
    '\nOutput:\nx',
    'Output:\nx\nOutput:\ny',
    '',
  ])('%j stays whole', (text) => {
    expect(readHeader(text, true)).toEqual({ text, facts: {} });
  });

  test('of more than 500 characters before its `Output:` none is taken for a header', () => {
    const headed = (length: number) => `${'Chunk ID: '.padEnd(length, 'a')}\nOutput:\nx`;
    expect(readHeader(headed(500), true)).toEqual({ text: 'x', facts: { chunk_id: 'a'.repeat(490) } });
    expect(readHeader(headed(501), true)).toEqual({ text: headed(501), facts: {} });
  });

  test('what looks like a header below one that names an exit code is its own', () => {
    const printed = 'Exit code: 1\nWall time: 0 seconds\nOutput:\nx';
    expect(readHeader(`Exit code: 0\nWall time: 0 seconds\nOutput:\n${printed}`, true).text).toBe(printed);
  });

  test.each([
    'failed\n',
    '{"output":"x"}',
    '{"output":"x","metadata":{}}',
    '{"output":1,"metadata":{"exit_code":0}}',
    '{"output":"x","metadata":{"exit_code":0}',
    '{"metadata":{"exit_code":0},"output":"x"}',
  ])('%j below a time alone is its own', (printed) => {
    expect(readHeader(`Wall time: 0.2 seconds\nOutput:\n${printed}`, true)).toEqual({
      text: printed,
      facts: { wall_time_seconds: 0.2 },
    });
  });

  test('what an MCP tool answers is its own, even where it looks like a header', () => {
    const answer = 'Exit code: 1\nWall time: 0 seconds\nOutput:\nx';
    expect(readHeader(`Wall time: 0.1 seconds\nOutput:\n${answer}`, false).text).toBe(answer);
  });
});
