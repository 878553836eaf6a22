import { expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { identifyCalls } from '../../../src/turn/tools/identify-calls.js';

const event = (kind: string, more: object) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
const call = (name: string, callId = '') => event('tool_call', { name, callId });
const item = (name: string, id: string) => event('tool_item', { name, id });
const said = event('message', {});

/** The ids of the calls, in order. */
const idsOf = (...events: RolloutEvent[]) =>
  identifyCalls(events).flatMap((one) => (one.kind === 'tool_call' ? [one.callId] : []));

test('calls that have their ids keep them, beside one that has none', () => {
  const named = [call('web_search', 'a'), item('web_search', 'b')];
  expect(identifyCalls(named)).toBe(named);
  expect(idsOf(...named, call('web_search'))).toEqual(['a', 'b']);
});

test('a call without an id has that of the nearest item of its tool, before it or after it', () => {
  const far = item('web_search', 'far');
  expect(idsOf(far, said, call('web_search'), item('web_search', 'near'))).toEqual(['near']);
  expect(idsOf(item('web_search', 'near'), call('web_search'), said, far)).toEqual(['near']);
  expect(idsOf(item('other', 'other'), call('web_search'), said, far)).toEqual(['far']);
  const before = item('web_search', 'before');
  expect(idsOf(before, call('web_search'), item('web_search', 'after'))).toEqual(['before']);
});

test('an item is of one call, and each call more is named by its tool and its place', () => {
  const search = call('web_search');
  expect(idsOf(search, item('web_search', 'a'), search, search, call('look'))).toEqual([
    'a',
    'web_search 0',
    'web_search 1',
    'look 2',
  ]);
});
