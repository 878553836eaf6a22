import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { threadIdOf } from '../../scripts/lab/codex.mjs';
import type { DecodedSpan } from '../../scripts/lab/otlp-decode.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { countRawTurns } from '../support/delivery-raw-turns.js';
import { folderOf } from '../support/delivery-replay.js';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

/** `sync --all` over every recording there is, by a server that keeps what it gets: nothing is approximate. */
const fixtures = '__tests__/fixtures/rollouts';
const UNCOUNTABLE: { [threadId: string]: number } = {
  // A fork made by 0.80 copies its parent and goes on without a pause: only its answer tells its own turn.
  '01a21083-dcd4-7c00-88df-feaa69f381e2': 1,
  // 0.60 records no end: after a response with nothing in it the next prompt looks like one more word.
  '01a2209f-be26-71e2-8fb6-049fa2bef70a': 1,
};

let home: DeliveryHome;
let folder: string;
let program: string;
beforeAll(async () => {
  home = await DeliveryHome.make();
  folder = await makeTemporaryFolder();
  program = await installProgram(folder);
});
afterAll(async () => {
  removeFolder(folder);
  await home.close();
});

test('sends each turn of the user’s as one trace, as many as --dry-run said, and nothing the second time', async () => {
  const expected = layRecordings();
  const files = [...expected.keys()];
  const announced = await sync('--all', '--dry-run');
  const first = await sync('--all');
  expect(first).toMatchObject({ code: 0, result: { sent: announced.result.turns, pending: 0, rejected: 0 } });
  const spans = home.receiver.spans();
  const found = new Map<unknown, number>();
  for (const traceId of new Set(spans.map((span) => span.traceId))) {
    const own = spans.filter((span) => span.traceId === traceId);
    const roots = own.filter((span) => span.parentSpanId === '');
    expect([traceId, roots.map((span) => span.name)]).toEqual([traceId, ['invoke_agent codex']]);
    const ids = new Set(own.map((span) => span.spanId));
    // Of a command that outlives its turn the call comes again when it has ended, and tells more; MLflow
    // replaces the span. Nothing else may come twice.
    const last = new Map(own.map((span) => [span.spanId, span]));
    const told = (span: DecodedSpan) => JSON.stringify(span);
    const twice = own.filter((span) => {
      const final = last.get(span.spanId);
      const isTold =
        span.attributes['mlflow.spanType'] === 'TOOL' && final !== undefined && told(span) !== told(final);
      return span !== final && !isTold;
    });
    expect(twice).toEqual([]);
    expect(own.filter((span) => span.parentSpanId !== '' && !ids.has(span.parentSpanId))).toEqual([]);
    const threadId = roots[0]?.attributes['codex.thread.id'];
    found.set(threadId, (found.get(threadId) ?? 0) + 1);
  }
  const told = files.map((threadId) => [threadId, found.get(threadId) ?? 0]);
  expect(told).toEqual([...expected]);
  const requests = home.receiver.requests.length;
  const second = await sync('--all');
  expect(second).toMatchObject({ code: 0, result: { sent: 0, alreadyThere: first.result.sent } });
  expect((await sync('--all', '--dry-run')).result.turns).toBe(0);
  expect(home.receiver.requests).toHaveLength(requests);
}, 120_000);

/** Lays all recordings out as a Codex home has them. @returns the turns of the user's in each thread */
function layRecordings(): Map<string, number> {
  const expected = new Map<string, number>();
  for (const version of readdirSync(fixtures)) {
    for (const scenario of readdirSync(path.join(fixtures, version))) {
      const folder = path.join(fixtures, version, scenario);
      for (const name of readdirSync(folder).filter((file) => file.startsWith('rollout-'))) {
        const file = path.join(folder, name);
        cpSync(file, path.join(folderOf(home, name), name));
        const threadId = threadIdOf(name);
        const turns = UNCOUNTABLE[threadId] ?? countRawTurns(file, threadId);
        // A thread that was rewound has more than one recording.
        expected.set(threadId, (expected.get(threadId) ?? 0) + turns);
      }
    }
  }
  return expected;
}

async function sync(...args: string[]) {
  const { code, output } = await runIn(home, [process.execPath, program, 'sync', '--json', ...args]);
  return { code, result: JSON.parse(output) as Record<string, number> };
}
