import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import {
  addManagedHooks,
  readHooksSwitch,
  readManagedHooks,
  removeManagedHooks,
} from '../../../src/install/codex-config/managed-hooks.js';
import { UserError } from '../../../src/platform/problems/user-error.js';
import { tomlDocument } from './toml-document.js';

const COMMAND = '/usr/bin/node /usr/bin/mlflow-codex stop-hook';
const toml = (text: string) =>
  JSON.parse(
    JSON.stringify(parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: true }), (_, part) =>
      typeof part === 'bigint' ? `${part}n` : part,
    ),
  ) as Record<string, unknown>;
const EVENTS = ['Stop', 'SessionEnd'] as const;
const ours = [{ hooks: [{ type: 'command', command: COMMAND }] }];

/** What an administrator may have in `[features]` and `[[hooks]]` already. */
const tables = fc.array(
  fc.constantFrom(
    '[features]\nmemories = false\n',
    '[features]\r\n# none\r\n',
    '[[hooks.Stop]]\nhooks = []\n',
    '[hooks]\nPreToolUse = []\n',
    'hooks = 1\n',
  ),
  { maxLength: 2 },
);

describe('over generated TOML', () => {
  it('adding the hooks changes them and their switch alone, and taking them out gives the same bytes again', () => {
    const seen = { added: 0, refused: 0 };
    fc.assert(
      fc.property(tomlDocument(), tables, (document, more) => {
        const text = [document, ...more].join('\n');
        let before: Record<string, unknown>;
        try {
          before = toml(text);
        } catch {
          return;
        }
        let added: ReturnType<typeof addManagedHooks>;
        try {
          added = addManagedHooks(text, 'f', COMMAND, EVENTS);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          seen.refused += 1;
          return;
        }
        seen.added += 1;
        const { features, hooks = {}, ...others } = before;
        const { Stop = [], ...events } = hooks as { Stop?: unknown[] };
        expect(toml(added.text)).toEqual({
          ...others,
          features: { ...(features as object), hooks: true },
          hooks: { ...events, Stop: [...Stop, ...ours], SessionEnd: ours },
        });
        expect(removeManagedHooks(added.text, 'f', added.inserted)).toBe(text);
      }),
      { numRuns: 400 },
    );
    expect(seen.added).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(5);
  });
});

test.each([
  ['', undefined],
  ['[features]\nhooks = true\n', true],
  ['[features]\ncodex_hooks = false\n', false],
  ['features.hooks = false\n', false],
  ['[features]\nhooks = "yes"\n', undefined],
])('the switch in %j reads as %j', (text, isOn) => {
  expect(readHooksSwitch(text, 'f')).toBe(isOn);
});

test('a switch that is on already, and a hook that is there, are left to whoever wrote them', () => {
  const text = `features.hooks = true\n[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = "mlflow-codex stop-hook"\n`;
  const { text: after, inserted } = addManagedHooks(text, 'f', COMMAND, EVENTS);
  expect(inserted.events).toEqual(['SessionEnd']);
  expect(inserted.feature).toBeUndefined();
  expect([...readManagedHooks(after, 'f')]).toEqual([
    ['Stop', 'mlflow-codex stop-hook'],
    ['SessionEnd', COMMAND],
  ]);
  expect(removeManagedHooks(after, 'f', inserted)).toBe(text);
});

test('what was changed since is left to the administrator, with the file', () => {
  const { text, inserted } = addManagedHooks('a = 1\n', 'requirements.toml', COMMAND, EVENTS);
  const changed = text.replace('[features]\nhooks = true\n', '[features]\nhooks = true\nmemories = true\n');
  expect(() => removeManagedHooks(changed, 'requirements.toml', inserted)).toThrow(
    'requirements.toml: cannot be edited without touching more than our hooks',
  );
});

const EVENT_HOOK = (event: string, eol = '\n') =>
  [`[[hooks.${event}]]`, `[[hooks.${event}.hooks]]`, 'type = "command"', `command = "${COMMAND}"`, ''].join(
    eol,
  );

test.each([
  ['an empty file', '', '[features]\nhooks = true\n', ''],
  ['a file that ends in a line break', 'a = 1\n', '\n[features]\nhooks = true\n', 'a = 1\n'],
  ['a file that does not', 'a = 1', '\n\n[features]\nhooks = true\n', 'a = 1'],
  ['a table of features', '[features]\nx = 1\n', 'hooks = true\n', '[features]\n'],
  ['a table that is the last line', '[features]', '\nhooks = true\n', '[features]'],
])('hooks are fixed to on in %s, and the hook stands at its end', (_, before, feature, head) => {
  const { text, inserted } = addManagedHooks(before, 'f', COMMAND, ['Stop']);
  const hooks = `\n${EVENT_HOOK('Stop')}`;
  expect(inserted).toEqual({ events: ['Stop'], feature, hooks });
  expect(text).toBe(head + feature + before.slice(head.length) + hooks);
  expect(removeManagedHooks(text, 'f', inserted)).toBe(before);
});

test('line breaks are those of the file', () => {
  const { text } = addManagedHooks('a = 1\r\n', 'f', COMMAND, ['Stop']);
  expect(text).toBe(`a = 1\r\n\r\n[features]\r\nhooks = true\r\n\r\n${EVENT_HOOK('Stop', '\r\n')}`);
});

test('where all is there, nothing is added', () => {
  const { text } = addManagedHooks('', 'f', COMMAND, EVENTS);
  expect(addManagedHooks(text, 'f', COMMAND, EVENTS)).toEqual({ text, inserted: { events: [] } });
});

test.each([
  ['[features]\nx = 1\nhooks = false\n', 3],
  ['\nfeatures.codex_hooks = false\n', 2],
])('a file that switches hooks off is refused with its line: %j', (text, line) => {
  expect(() => addManagedHooks(text, '/etc/codex/requirements.toml', COMMAND, EVENTS)).toThrow(
    expect.objectContaining({
      message: `/etc/codex/requirements.toml:${line}: hooks are switched off for everybody on this machine`,
      hint: 'Set hooks = true there, if our hooks are to run',
    }),
  );
});

test('a switch that is no line of its own table is left to the administrator', () => {
  expect(() => addManagedHooks('features = { x = 1 }\n', 'f', COMMAND, EVENTS)).toThrow(
    expect.objectContaining({
      message: 'f: cannot be edited without touching more than our hooks',
      hint: 'Edit it by hand: hooks = true below [features], and [[hooks.Stop]] and [[hooks.SessionEnd]] as docs/platform.md has them',
    }),
  );
});

test('a switch that was taken out meanwhile is not looked for elsewhere', () => {
  const { text, inserted } = addManagedHooks('a = 1\n', 'f', COMMAND, EVENTS);
  const gone = text.replace('\n[features]\nhooks = true\n', '');
  expect(() => removeManagedHooks(gone, 'f', inserted)).toThrow('cannot be edited');
});
