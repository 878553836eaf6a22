import { describe, expect, test } from '@jest/globals';
import {
  DRY_RUN,
  JSON_OPTION,
  optionRows,
  PROJECT,
  parseOptions,
  SYSTEM,
  USER,
} from '../../src/terminal/options.js';

describe('a table of options', () => {
  const options = {
    project: { type: 'boolean', short: 'p', help: 'Here' },
    tracking: { type: 'string', value: 'URI', help: 'Where' },
    turn: { type: 'string', default: 'last', help: 'Which' },
    silent: { type: 'boolean' },
  } as const;

  test('gives what the command line says, and defaults', () => {
    expect(parseOptions([], options).values).toEqual({ project: false, turn: 'last', silent: false });
    expect(parseOptions(['-p', '--tracking', 'x', '--turn=2'], options).values).toEqual({
      project: true,
      tracking: 'x',
      turn: '2',
      silent: false,
    });
    expect(parseOptions(['a', 'b'], options, { allowPositionals: true }).positionals).toEqual(['a', 'b']);
    expect(() => parseOptions(['a'], options)).toThrow(
      expect.objectContaining({ code: 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' }),
    );
    expect(() => parseOptions(['--no'], options)).toThrow(
      expect.objectContaining({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' }),
    );
  });

  test('is help’s table, without what has no words', () => {
    expect(optionRows(options)).toEqual([
      ['-p, --project', 'Here'],
      ['--tracking URI', 'Where'],
      ['--turn', 'Which'],
    ]);
  });

  test('has the same words for what several commands take', () => {
    expect(optionRows({ ...DRY_RUN, ...JSON_OPTION })).toEqual([
      ['--dry-run', 'Show what would be done, and do nothing'],
      ['--json', 'Print one JSON document and nothing else on stdout'],
    ]);
    const scopes = { project: PROJECT, user: USER, system: SYSTEM };
    expect(parseOptions(['-p', '--system'], scopes).values).toEqual({
      project: true,
      user: false,
      system: true,
    });
    expect(parseOptions(['-u'], scopes).values).toMatchObject({ project: false, user: true });
  });
});
