import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Cancelled } from '../../src/terminal/cancelled.js';
import type { CommandIo } from '../../src/terminal/io.js';
import { openPrompts, type Prompts } from '../../src/terminal/prompts.js';
import { KEYS } from '../commands/terminal.js';

let stdin: PassThrough;
let raw: string;
let prompts: Prompts;
beforeEach(async () => {
  stdin = new PassThrough();
  raw = '';
  const stdout = new PassThrough().on('data', (part) => {
    raw += part;
  });
  prompts = await openPrompts({ stdin, stdout } as Partial<CommandIo> as CommandIo);
});
const shown = () => stripVTControlCharacters(raw);

/** Types one key after the other, as a person does: Escape is told from a longer key by what comes after it. */
async function answer<T>(question: Promise<T>, ...keys: string[]): Promise<T> {
  question.catch(() => {});
  for (const key of keys) {
    await new Promise(setImmediate);
    stdin.write(key);
  }
  return question;
}

describe('a choice', () => {
  const ask = () =>
    prompts.select(
      'Which one?',
      [
        { value: 'a', label: 'Apple' },
        { value: 'b', label: 'Berry', hint: 'red' },
      ],
      'b',
    );

  test('begins at the one that is preset, and shows all, with the hint of that one', async () => {
    expect(await answer(ask(), KEYS.enter)).toBe('b');
    const [first = ''] = shown().split('◇');
    expect(first.split('\n').map((line) => line.trimEnd())).toEqual([
      '│',
      '◆  Which one?',
      '│  ○ Apple',
      '│  ● Berry (red)',
      '└',
      '',
    ]);
  });

  test('is moved by the arrow keys', async () => {
    expect(await answer(ask(), KEYS.up, KEYS.enter)).toBe('a');
  });
});

describe('a line of text', () => {
  const question = {
    message: 'Where?',
    fallback: 'here',
    fault: (text: string) => (text.includes('x') || text === '' ? `not ${text}` : undefined),
  };

  test('is what was typed, without blanks around it', async () => {
    expect(await answer(prompts.text(question), ' there ', KEYS.enter)).toBe('there');
    expect(shown()).toContain('◆  Where?\n│  here');
    expect(shown()).toMatch(/◇ {2}Where\?\n│ {3}there\s*$/);
  });

  test('is shown as the preset one where that was taken', async () => {
    await answer(prompts.text(question), KEYS.enter);
    expect(shown()).toMatch(/◇ {2}Where\?\n│ {2}here\s*$/);
  });

  test.each([
    ['nothing', ''],
    ['blanks', '  '],
  ])('is the preset one for %s', async (_, typed) => {
    expect(await answer(prompts.text(question), typed, KEYS.enter)).toBe('here');
  });

  test('is asked for again where something is wrong with it, which is said', async () => {
    const given = answer(prompts.text(question), ' x', KEYS.enter, KEYS.backspace, 'y', KEYS.enter);
    expect(await given).toBe('y');
    expect(shown()).toContain('not x\n');
  });

  test('is asked for again where something is wrong with the preset one', async () => {
    const given = answer(prompts.text({ ...question, fallback: 'x' }), KEYS.enter, 'y', KEYS.enter);
    expect(await given).toBe('y');
    expect(shown()).toContain('not x\n');
  });
});

test('a yes or no is yes unless it is changed', async () => {
  expect(await answer(prompts.confirm('Sure?'), KEYS.enter)).toBe(true);
  expect(shown()).toContain('◆  Sure?\n│  ● Yes / ○ No');
  expect(await answer(prompts.confirm('Sure?'), 'n')).toBe(false);
});

describe.each([
  ['Ctrl-C', KEYS.ctrlC],
  ['Escape', KEYS.escape],
])('%s', (_, key) => {
  test.each<[string, () => Promise<unknown>]>([
    ['a choice', () => prompts.select('Which?', [{ value: 'a', label: 'A' }], 'a')],
    ['a line of text', () => prompts.text({ message: 'Where?', fallback: 'here', fault: () => undefined })],
    ['a yes or no', () => prompts.confirm('Sure?')],
  ])('at %s is no answer', async (_, ask) => {
    const error = await answer(ask(), key).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Cancelled);
    expect(error).toMatchObject({ name: 'Cancelled', message: 'cancelled' });
  });
});

test('what is said without a question goes to stdout in the same column', () => {
  prompts.intro('Begin');
  prompts.note('one\ntwo', 'Title');
  prompts.say('A step');
  prompts.warn('Beware');
  prompts.outro('The end');
  expect(shown().split('\n')).toEqual([
    '┌  Begin',
    '│',
    '◇  Title ─╮',
    '│         │',
    '│  one    │',
    '│  two    │',
    '│         │',
    '├─────────╯',
    '│',
    '◇  A step',
    '│',
    '▲  Beware',
    '│',
    '└  The end',
    '',
    '',
  ]);
  // A note's lines keep their own colours: clack's own way dims them.
  expect(raw).not.toContain('\u001b[2mone');
});
