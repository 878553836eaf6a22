import { beforeAll, expect, test } from '@jest/globals';
import { isUsableTurnId, readTurns } from '../../../src/codex/reading/read-turns.js';
import type { TurnSegment } from '../../../src/codex/segments/turn-segment.js';
import { placeTurn } from '../../../src/delivery/sending/prepared/place-turn.js';
import { sha256 } from '../../../src/platform/sha256.js';
import { buildSpans } from '../../../src/spans/build-spans.js';
import type { ContentPolicy } from '../../../src/spans/content.js';
import { buildLiveSpans, type RunningTurnView } from '../../../src/spans/live/running-turn-spans.js';
import type { SpanSpec } from '../../../src/spans/span-spec.js';
import { assembleTurn } from '../../../src/turn/assemble-turn.js';
import { openCalls } from '../../../src/turn/tools/open-calls.js';
import { recordings, withCodexHome } from '../../turn/recordings.js';

const trace = { userId: 'dev', tags: { team: 'x' } };
const policy: ContentPolicy = { mode: 'metadata', redactor: undefined, maxContentBytes: 65_536 };

/** A turn of a recording: what is sent of it after each of its lines, and its spans in the end. */
interface Played {
  readonly name: string;
  readonly live: readonly (readonly SpanSpec[])[];
  readonly final: readonly SpanSpec[];
}

/** What was seen over every line of every turn that has a start line and an id, as all have that are watched. */
const seen = {
  spans: 0,
  strangers: [] as string[],
  sentTwice: [] as string[],
  changed: [] as string[],
  otherTokens: [] as string[],
  closed: 0,
  counted: 0,
  roots: [] as string[],
  ends: new Set<string>(),
  keysWithoutUsage: new Set<string>(),
};

beforeAll(async () => {
  for (const { name, folder, rollouts } of recordings())
    await withCodexHome(folder, async (codexHome) => {
      for (const rollout of rollouts)
        for await (const { segment, meta } of readTurns(rollout)) {
          if (!segment.started || !isUsableTurnId(segment.turnId)) continue;
          const turn = assembleTurn(segment, meta);
          const placement = await placeTurn(turn, meta, codexHome);
          const final = buildSpans(turn, meta, placement, trace, policy, sha256);
          const views = prefixesOf(segment).map((part) => ({
            turn: assembleTurn(part, meta),
            meta,
            placement,
            openCalls: openCalls(part.events),
          }));
          look({ name, final, live: play(views, true) });
          const keys = play(views.slice(-1), false)
            .flat()
            .flatMap(({ attributes }) => Object.keys(attributes));
          for (const key of keys) seen.keysWithoutUsage.add(key);
        }
    });
});

function prefixesOf(segment: TurnSegment): TurnSegment[] {
  const end = segment.events.findIndex(({ kind }) => kind === 'task_complete' || kind === 'turn_aborted');
  const lines = end < 0 ? segment.events.length : end;
  return Array.from({ length: lines }, (_, i) => ({
    ...segment,
    events: segment.events.slice(0, i + 1),
    ended: false,
  }));
}

function play(views: readonly RunningTurnView[], withUsage: boolean): SpanSpec[][] {
  const sent = new Set<string>();
  return views.map((view) => {
    const live = { nowMs: view.turn.endMs + AGO_MS, withUsage, sent, maxClosed: 1000 };
    const { specs, closed } = buildLiveSpans(view, live, trace, policy, sha256);
    for (const key of closed) sent.add(key);
    return [...specs];
  });
}

/** How long ago the last line was written when it is looked at: what ends there is not open. */
const AGO_MS = 60_000;

function look({ name, live, final }: Played): void {
  const whole = new Map(final.map((spec) => [spec.spanId, spec]));
  const closed = new Map<string, SpanSpec>();
  for (const pass of live) {
    const [agent, ...others] = pass;
    if (agent?.parentSpanId === undefined) seen.roots.push(name);
    for (const key of Object.keys(agent?.attributes ?? {})) seen.ends.add(key);
    const endMs = agent?.endMs;
    for (const spec of others.filter((spec) => spec.endMs !== endMs)) {
      if (closed.has(spec.spanId)) seen.sentTwice.push(`${name} ${spec.name}`);
      closed.set(spec.spanId, spec);
    }
    seen.spans += pass.length;
    seen.strangers.push(
      ...pass.filter(({ spanId }) => !whole.has(spanId)).map((spec) => `${name} ${spec.name}`),
    );
  }
  for (const spec of closed.values()) compare(name, spec, whole.get(spec.spanId));
  seen.closed += closed.size;
}

function compare(name: string, spec: SpanSpec, final: SpanSpec | undefined): void {
  const kept = ({ name, parentSpanId, startMs, kind }: SpanSpec) =>
    JSON.stringify({ name, parentSpanId, startMs, kind });
  if (final && kept(spec) !== kept(final)) seen.changed.push(`${name} ${kept(spec)} ${kept(final)}`);
  const tokens = spec.attributes['mlflow.chat.tokenUsage'];
  if (tokens !== undefined) seen.counted++;
  if (tokens !== final?.attributes['mlflow.chat.tokenUsage']) seen.otherTokens.push(`${name} ${spec.name}`);
}

test('whatever part of a turn has been written, each span has the id that it has in the end', () => {
  expect(seen.strangers).toEqual([]);
  expect(seen.spans).toBeGreaterThan(5000);
});

test('a closed span is sent once, and keeps its name, its parent and its beginning', () => {
  expect(seen.sentTwice).toEqual([]);
  expect(seen.changed).toEqual([]);
  expect(seen.closed).toBeGreaterThan(500);
});

test('a response is sent with its tokens, which are those of the whole turn', () => {
  expect(seen.otherTokens).toEqual([]);
  expect(seen.counted).toBeGreaterThan(200);
});

test('for a server that adds tokens up no span tells any, nor a cost', () => {
  expect([...seen.keysWithoutUsage].filter((key) => /usage|cost/i.test(key))).toEqual([]);
  expect(seen.keysWithoutUsage).toContain('mlflow.llm.model');
});

test('no span is the root of its trace, and the turn has no outputs and no tags', () => {
  expect(seen.roots).toEqual([]);
  expect([...seen.ends].filter((key) => /^mlflow\.(traceTag|spanOutputs)/.test(key))).toEqual([]);
  expect(seen.ends).toContain('codex.turn.outcome');
});
