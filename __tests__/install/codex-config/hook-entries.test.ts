import { describe, expect, test } from '@jest/globals';
import {
  addHooks,
  hookCommand,
  hooksInWords,
  readHook,
  readHookJson,
  removeHooks,
  TURN_EVENTS,
} from '../../../src/install/codex-config/hook-entries.js';
import { UserError } from '../../../src/platform/problems/user-error.js';

const COMMAND = 'mlflow-codex stop-hook';
const ENTRY = `[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "${COMMAND}"\n`;
const THEIRS = ENTRY.replace(COMMAND, 'audit');
const added = (text: string) => addHooks(text, 'config.toml', ['Stop'], COMMAND);

describe('a Stop hook in a config.toml', () => {
  test.each([
    ['an empty file', '', ENTRY],
    ['a file that ends in a line break', 'a = 1\n', `a = 1\n\n${ENTRY}`],
    ['a file that does not', 'a = 1', `a = 1\n\n${ENTRY}`],
    ['a file in CRLF', 'a = 1\r\n', `a = 1\r\n\r\n${ENTRY.replaceAll('\n', '\r\n')}`],
    ['a file with a hook of somebody else’s', THEIRS, `${THEIRS}\n${ENTRY}`],
    ['a file with hooks of other events', '[hooks]\nStart = []\n', `[hooks]\nStart = []\n\n${ENTRY}`],
  ])('is added at the end of %s, and taken out without a trace', (_, before, after) => {
    const { text, inserted } = added(before);
    expect(text).toBe(after);
    expect(removeHooks(text, 'config.toml', ['Stop'], inserted)).toBe(before);
  });

  test('is taken out from before what a person wrote behind it', () => {
    const { text, inserted } = added('a = 1\n');
    expect(removeHooks(`${text}[x]`, 'config.toml', ['Stop'], inserted)).toBe('a = 1\n[x]');
  });

  test('is left to the person where it was changed, with the file and what to do', () => {
    const { text, inserted } = added('a = 1\n');
    for (const changed of [text.replace('"command"', '"shell"'), text.replace('[[hooks.Stop]]', '')]) {
      const remove = () => removeHooks(changed, 'config.toml', ['Stop'], inserted);
      expect(remove).toThrow(UserError);
      expect(remove).toThrow('config.toml: cannot be edited');
    }
    expect(() =>
      removeHooks(text + ENTRY.replace(COMMAND, 'mlflow-codex stop-hook x'), 'c', ['Stop'], inserted),
    ).toThrow(expect.objectContaining({ hint: expect.stringContaining('hooks by hand') }));
  });

  test('is not added where a table of another kind stands in its place', () => {
    expect(() => added('hooks = { Stop = [] }\n')).toThrow(UserError);
    expect(() => added('[hooks.Stop]\na = 1\n')).toThrow(UserError);
  });

  test('is found with its line, beside others and integers beyond 2^53', () => {
    const text = `big = 9223372036854775807\n${THEIRS}${added('').text}`;
    expect(readHook(text, 'config.toml', 'Stop')).toEqual({ command: COMMAND, line: 9, key: 'stop:1:0' });
    expect(readHook(THEIRS, 'config.toml', 'Stop')).toBeUndefined();
    expect(added('big = 9223372036854775807\n').text).toContain('9223372036854775807');
  });

  test.each([
    ['mlflow-codex stop-hook', true],
    ['/opt/x/mlflow-codex.js stop-hook', true],
    ['npx -y @mlflow/codex@1.2.3 stop-hook', true],
    ['"C:\\a b\\mlflow-codex.js" stop-hook', true],
    ['npx -y @mlflow/codex stop-hook', true],
    ['node "/a b/hook.cjs" stop-hook', true],
    ['mlflow-codex notify-hook', false],
    ['mlflow-codex stop-hooks', false],
    ['other stop-hook', false],
    ['my-mlflow-codex stop-hook', false],
    ['@other/mlflow-codex-x stop-hook', false],
  ])('%s is ours: %s', (command, isOurs) => {
    const text = ENTRY.replace(JSON.stringify(COMMAND), JSON.stringify(command));
    expect(readHook(text, 'config.toml', 'Stop') !== undefined).toBe(isOurs);
  });
});

test('hooks of several events are added and taken out as one', () => {
  const both = addHooks('a = 1\n', 'config.toml', ['Stop', 'SessionEnd'], COMMAND);
  expect(both.text).toBe(`a = 1\n\n${ENTRY}\n${ENTRY.replaceAll('Stop', 'SessionEnd')}`);
  expect(readHook(both.text, 'config.toml', 'SessionEnd')).toMatchObject({
    command: COMMAND,
    key: 'session_end:0:0',
  });
  expect(removeHooks(both.text, 'config.toml', ['Stop', 'SessionEnd'], both.inserted)).toBe('a = 1\n');
});

test('a Stop hook in a hooks.json is found with its line', () => {
  const hooks = { Stop: [{ hooks: [{ type: 'command', command: COMMAND }] }] };
  expect(readHookJson(JSON.stringify({ hooks }, null, 1), 'Stop')).toEqual({
    command: COMMAND,
    line: 8,
    key: 'stop:0:0',
  });
  expect(readHookJson('{', 'Stop')).toBeUndefined();
  expect(readHookJson('{"hooks":{"Stop":[{"hooks":[{"command":"audit"}]}]}}', 'Stop')).toBeUndefined();
});

test('a shell’s words are quoted where they need it', () => {
  expect(hookCommand(['/usr/bin/mlflow-codex', 'stop-hook'])).toBe('/usr/bin/mlflow-codex stop-hook');
  expect(hookCommand(['/a b/"$`\\', 'stop-hook'])).toBe('"/a b/\\"\\$\\`\\\\" stop-hook');
});

test('hooks are told of in words', () => {
  expect(hooksInWords(['Stop'])).toBe('Stop hook');
  expect(hooksInWords(TURN_EVENTS)).toBe('Stop and SessionEnd hooks');
  expect(hooksInWords(['Stop', 'SessionEnd', 'UserPromptSubmit'])).toBe(
    'Stop, SessionEnd, and UserPromptSubmit hooks',
  );
});

test('hooks that cannot be told from the rest are left to the person, with what to do', () => {
  expect(() => removeHooks('a = 1\n', 'config.toml', ['Stop'], ENTRY)).toThrow(
    expect.objectContaining({
      message: 'config.toml: cannot be edited without touching more than our hook',
      hint: 'Edit the hooks by hand: the command of ours ends in stop-hook',
    }),
  );
});

test('the last hook of a table takes the table along, and others stay', () => {
  const text = `[hooks]\nSessionEnd = []\n\n${ENTRY}`;
  expect(removeHooks(text, 'f', ['Stop'], `\n${ENTRY}`)).toBe('[hooks]\nSessionEnd = []\n');
  expect(removeHooks(THEIRS + ENTRY, 'f', ['Stop'], ENTRY)).toBe(THEIRS);
});

test('a hook of ours is found in its place among others of its group', () => {
  const json = (command: unknown) => ({ hooks: [{ type: 'command', command: 7 }, { command }] });
  const text = JSON.stringify({
    hooks: { UserPromptSubmit: [7, json('audit'), json('x/hook.cjs stop-hook')] },
  });
  expect(readHookJson(text, 'UserPromptSubmit')).toEqual({
    command: 'x/hook.cjs stop-hook',
    line: 1,
    key: 'user_prompt_submit:2:1',
  });
  for (const other of [
    'null',
    '7',
    '{"hooks":7}',
    '{"hooks":{"UserPromptSubmit":7}}',
    '{"hooks":{"UserPromptSubmit":[{}]}}',
  ])
    expect(readHookJson(other, 'UserPromptSubmit')).toBeUndefined();
});
