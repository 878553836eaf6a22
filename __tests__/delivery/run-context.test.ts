import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { home } from '../support/test-home.js';

const SHORT = { maxRequests: 1 };
const callerOf = (n: number) => `${n}`.padStart(32, 'a');
const environment = (row: number) => ({
  MLFLOW_CODEX_TAGS: `row=${row}`,
  TRACEPARENT: `00-${callerOf(row)}-b7ad6b7169203331-01`,
});

/** By the turn's id: its tag `row`, the caller it is linked to, and the tag that names the caller. */
function told() {
  return Object.fromEntries(
    home.receiver.spans().flatMap(({ attributes, links }) => {
      const turnId = attributes['codex.turn.id'];
      if (turnId === undefined) return [];
      const [row, caller] = ['row', 'caller.trace_id'].map((tag) => attributes[`mlflow.traceTag.${tag}`]);
      return [[turnId, { row, caller, links: links.map((link) => link.traceId) }]];
    }),
  );
}

test('a turn has the tags and the caller of its own run, and none of the run that sends it later', async () => {
  home.answer(503);
  const first = home.thread();
  const turn = first.turn();
  await home.hook(first.payload(turn), { ...SHORT, env: environment(1) });
  home.receiver.answerWith({});
  const second = home.thread();
  const other = second.turn();
  await home.hook(second.payload(other), { env: environment(2) });
  const third = home.thread();
  const plain = third.turn();
  await home.hook(third.payload(plain));
  expect(told()).toEqual({
    [turn]: { row: '1', caller: callerOf(1), links: [callerOf(1)] },
    [other]: { row: '2', caller: callerOf(2), links: [callerOf(2)] },
    [plain]: { row: undefined, caller: undefined, links: [] },
  });
});

test('an unannounced turn that a later hook of the same thread finds is not taken for that run’s', async () => {
  const thread = home.thread();
  const first = thread.turn();
  await home.hook(thread.payload(first), { env: environment(1) });
  const unannounced = thread.turn('failed');
  const last = thread.turn();
  await home.hook(thread.payload(last), { env: environment(3) });
  expect(told()).toMatchObject({
    [first]: { row: '1' },
    [unannounced]: { row: undefined, links: [] },
    [last]: { row: '3' },
  });
});

test('an ephemeral turn has them too', async () => {
  const thread = home.thread();
  const payload = {
    ...JSON.parse(thread.payload('turn-1')),
    'thread-id': '01a21080-0000-7000-8000-00000000000e',
  };
  await home.hook(JSON.stringify(payload), { env: environment(4) });
  expect(told()).toEqual({ 'turn-1': { row: '4', caller: callerOf(4), links: [callerOf(4)] } });
});

test.each([
  ['codex-tui', undefined],
  ['codex_exec', callerOf(5)],
])(
  'a turn of %s that a Stop hook announced, which is not told by whom it was started, is linked to %s',
  async (originator, caller) => {
    const thread = home.thread();
    const begun = readFileSync(thread.path, 'utf8').replaceAll(
      /"originator":"[^"]*"/g,
      `"originator":"${originator}"`,
    );
    writeFileSync(thread.path, begun);
    const turn = thread.turn();
    await home.hook(thread.payload(turn, { client: undefined }), { env: environment(5) });
    expect(told()).toEqual({ [turn]: { row: '5', caller, links: caller ? [caller] : [] } });
  },
);
