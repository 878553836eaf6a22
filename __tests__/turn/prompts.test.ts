import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../src/codex/lines/rollout-event.js';
import { promptsOf } from '../../src/turn/prompts.js';

const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
const text = (words: string) => ({ type: 'text', text: words });
const image = { type: 'image' };
const prompt = (...content: object[]) => event('user_message', { content });
const context = (words: string, role = 'user') => event('message', { role, content: [text(words)] });
const prompts = (events: RolloutEvent[], more: object = {}) =>
  promptsOf(events, { started: true, review: false, isAgent: false, isOwnHelper: false, ...more });

describe('the prompts of a turn', () => {
  test('are what the user typed, in order, and nothing that Codex put into the context', () => {
    expect(
      prompts([context('<environment>'), prompt(text('a')), context('x'), prompt(text('b')), prompt()]),
    ).toEqual(['a', 'b']);
  });

  test('are in files without start lines what was said to the model after the first one, too', () => {
    const events = [
      context('before'),
      prompt(text('a')),
      context('a'),
      context('steer'),
      context('<skill>'),
      context('Warning: x'),
      context('told', 'assistant'),
      event('message', { role: 'user', content: [image] }),
    ];
    expect(prompts(events, { started: false })).toEqual(['a', 'steer']);
    expect(prompts(events)).toEqual(['a']);
    expect(prompts([prompt(text('a')), context('steer')], { started: false, review: true })).toEqual(['a']);
    expect(prompts([context('steer')], { started: false })).toEqual([]);
  });

  test('are no picture that the model looked at (0.101), but one that the user sent', () => {
    const call = event('tool_call', { callId: 'c', name: 'view_image' });
    const output = event('tool_output', { callId: 'c' });
    expect(prompts([prompt(text('a')), call, output, context('x'), prompt(image)])).toEqual(['a']);
    expect(prompts([prompt(text('a')), call, output, prompt(text('b'), image)])).toEqual(['a', 'b\n[image]']);
    expect(prompts([prompt(image)])).toEqual(['[image]']);
    const other = event('tool_call', { callId: 'c', name: 'exec' });
    expect(prompts([prompt(text('a')), other, output, prompt(image)])).toEqual(['a', '[image]']);
  });

  test('of an agent are its tasks, and of a helper of Codex’s what it was asked', () => {
    const task = event('agent_message', { task: 'paint', content: [] });
    const none = event('agent_message', { content: [] });
    const asked = [context('judge'), context('# AGENTS.md x')];
    expect(prompts([task, none], { isAgent: true })).toEqual(['paint']);
    expect(prompts(asked, { isAgent: true })).toEqual([]);
    expect(prompts(asked, { isAgent: true, isOwnHelper: true })).toEqual(['judge']);
    expect(prompts([...asked, task], { isAgent: true, isOwnHelper: true })).toEqual(['paint']);
  });

  test('of a review are what it covers', () => {
    const entered = (hint?: string) => event('review_mode', { phase: 'entered', hint });
    const review = { review: true };
    expect(prompts([entered('the change'), event('review_mode', { phase: 'exited' })], review)).toEqual([
      'Review the change',
    ]);
    expect(prompts([entered()], review)).toEqual(['Review']);
    expect(prompts([entered('x')])).toEqual([]);
  });
});
