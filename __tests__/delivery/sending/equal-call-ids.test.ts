import { expect, test } from '@jest/globals';
import { readTurns } from '../../../src/codex/reading/read-turns.js';
import { prepareTurn } from '../../../src/delivery/sending/prepared/prepare-turn.js';
import { assembleTurn } from '../../../src/turn/assemble-turn.js';
import { archivedId, archiveHome, archiveThread } from '../../support/archived-threads.js';
import { openPolicy } from '../../turn/recordings.js';

/** A thread that searches twice and gives another one a task, as Codex 0.101 to 0.128 records it. */
function thread(letter: string, parent: string | undefined, child: string | undefined): string {
  const spawn = { parent_thread_id: parent && archivedId(parent), depth: 1 };
  const call = { type: 'function_call', name: 'send_input', call_id: 'call_0' };
  const search = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } };
  const tells = child && { ...call, arguments: JSON.stringify({ id: archivedId(child) }) };
  const lines: [string, object][] = [
    [
      'session_meta',
      { id: archivedId(letter), source: parent ? { subagent: { thread_spawn: spawn } } : 'cli' },
    ],
    ['event_msg', { type: 'task_started', turn_id: `turn of ${letter}` }],
    ['event_msg', { type: 'user_message', message: 'do it' }],
    ['response_item', search],
    ['response_item', search],
    ['response_item', tells || search],
    ['event_msg', { type: 'task_complete', turn_id: `turn of ${letter}`, last_agent_message: 'done' }],
  ];
  return archiveThread(letter, lines);
}

async function spansOf(file: string) {
  for await (const { segment, meta } of readTurns(file)) {
    const turn = assembleTurn(segment, meta);
    return (await prepareTurn(turn, meta, archiveHome, { userId: 'ada', tags: {} }, openPolicy)).specs;
  }
  throw new Error('no turn');
}

test('calls of one trace whose ids are equal in several of its turns are spans of their own', async () => {
  const files = [thread('a', undefined, 'b'), thread('b', 'a', 'c'), thread('c', 'b', undefined)];
  const [root = [], agent = [], inner = []] = await Promise.all(files.map(spansOf));
  const all = [...root, ...agent, ...inner];
  expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(all.map(({ spanId }) => spanId)).size).toBe(all.length);
  const tellsIn = (specs: typeof root) => specs.find(({ name }) => name === 'send_input')?.spanId;
  expect(agent[0]?.parentSpanId).toBe(tellsIn(root));
  expect(inner[0]?.parentSpanId).toBe(tellsIn(agent));
});
