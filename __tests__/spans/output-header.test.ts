import { describe, expect, test } from '@jest/globals';
import { readHeader } from '../../src/spans/tools/output-header.js';

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
    `${'Chunk ID: a\n'.repeat(60)}Output:\nx`,
    '',
  ])('%j stays whole', (text) => {
    expect(readHeader(text, true)).toEqual({ text, facts: {} });
  });

  test('what looks like a header below one that names an exit code is its own', () => {
    const printed = 'Exit code: 1\nWall time: 0 seconds\nOutput:\nx';
    expect(readHeader(`Exit code: 0\nWall time: 0 seconds\nOutput:\n${printed}`, true).text).toBe(printed);
  });

  test('what an MCP tool answers is its own, even where it looks like a header', () => {
    const answer = 'Exit code: 1\nWall time: 0 seconds\nOutput:\nx';
    expect(readHeader(`Wall time: 0.1 seconds\nOutput:\n${answer}`, false).text).toBe(answer);
  });
});
