import { describe, expect, test } from '@jest/globals';
import { headerValue, problem } from '../../src/platform/problems/problem.js';
import { UsageError } from '../../src/platform/problems/usage-error.js';
import { UserError } from '../../src/platform/problems/user-error.js';

test('a problem has its code, its message and its remedy', () => {
  expect(problem('c', 'm', 'h')).toEqual({ kind: 'problem', code: 'c', message: 'm', hint: 'h' });
});

describe('a header', () => {
  test.each(['', ' ', '~', 'Bearer a.b'])('may be %j', (value) => {
    expect(headerValue(value, 'X')).toEqual({ kind: 'value', value });
  });

  test.each(['a\n', '\u001f', '\u007f', 'é', '\u0000'])(
    'may not be %j, which its message does not repeat',
    (value) => {
      expect(headerValue(value, 'MLFLOW_TRACKING_TOKEN')).toEqual({
        kind: 'problem',
        code: 'header-value',
        message:
          'MLFLOW_TRACKING_TOKEN holds a character that no HTTP header can carry (a line break, another control character, or one beyond ASCII)',
        hint: 'Set MLFLOW_TRACKING_TOKEN again, without it; often it is a line break copied along',
      });
    },
  );
});

test('an error of a person’s has a name, a message, and a hint where one is known', () => {
  const told = (error: UserError) => ({ name: error.name, message: error.message, hint: error.hint });
  expect(told(new UserError('m', 'h'))).toEqual({ name: 'UserError', message: 'm', hint: 'h' });
  expect(told(new UsageError('m', 'h'))).toEqual({ name: 'UsageError', message: 'm', hint: 'h' });
  expect(told(new UserError('m'))).toEqual({ name: 'UserError', message: 'm', hint: undefined });
  expect(new UsageError('m')).toBeInstanceOf(UserError);
});
