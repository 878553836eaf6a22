import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leaked, type Sample, samples } from '../../scripts/lab/secrets/corpus.mjs';
import { lookAlikes } from '../../scripts/lab/secrets/look-alikes.mjs';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { TextEverywhere } from '../support/everywhere.js';

const seed = Number(process.env.REDACTION_SEED ?? 20_261_129);
const corpus = samples(seed);

/** What left the machine, byte by byte, turn by turn. */
let home: DeliveryHome;
const bodies = new Map<string, string>();
const turnOf = new Map<string, string>();
const innocent = lookAlikes(new Random(seed));

/** What parts the texts of one turn: nothing that one says reaches into the next. */
const APART = '\n\n. . .\n\n';

function inBatches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / 16) }, (_, i) => all.slice(16 * i, 16 * (i + 1)));
}

/** Sends all turns as hooks do: the first one announced begins the thread, the last one takes the others along. */
async function sendAll(): Promise<void> {
  for (const mode of ['classic', 'code'] as const) {
    const thread = new TextEverywhere(home.codexHome);
    await home.hook(thread.payload(thread.turn()));
    for (const some of inBatches(corpus)) {
      const turnId = thread.turnWith(some.map(({ text }) => text).join(APART), mode);
      for (const { kind } of some) turnOf.set(`${mode} ${kind}`, turnId);
    }
    for (const some of inBatches(innocent)) {
      const turnId = thread.turnWith(some.join(APART), mode);
      for (const text of some) turnOf.set(`${mode} ${text}`, turnId);
    }
    await home.hook(thread.payload(thread.turn()), { deadlineMs: Date.now() + 120_000 });
  }
  for (const { body, headers, spans } of home.receiver.requests) {
    const turnId = spans.map((span) => span.attributes['codex.turn.id']).find((id) => typeof id === 'string');
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (typeof turnId === 'string') bodies.set(turnId, bytes.toString('utf8'));
  }
}

describe(`hooks over turns with a secret in every place (seed ${seed})`, () => {
  beforeAll(async () => {
    home = await DeliveryHome.make();
    await sendAll();
  }, 240_000);
  afterAll(() => home.close());

  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

  it.each(
    corpus.flatMap(
      (sample) =>
        [
          ['classic', sample.kind, sample],
          ['code', sample.kind, sample],
        ] as const,
    ),
  )('let nothing out, %s tools, %s', (mode: string, kind: string, { secrets }: Sample) => {
    const body = bodies.get(turnOf.get(`${mode} ${kind}`) ?? '') ?? '';
    expect(body).toContain('[REDACTED:');
    const forms = secrets.flatMap((secret) => [secret, inJson(secret), inJson(inJson(secret))]);
    expect(leaked(body, forms)).toBeUndefined();
  });

  it.each(
    innocent.flatMap(
      (text) =>
        [
          ['classic', text],
          ['code', text],
        ] as const,
    ),
  )('leave what only looks like one, %s tools, %s', (mode, text) => {
    const body = bodies.get(turnOf.get(`${mode} ${text}`) ?? '') ?? '';
    expect(body).toContain(inJson(text));
  });

  it('say on the turn how many were taken out, and of which kinds', () => {
    const id = turnOf.get('classic github classic');
    const agent = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === id);
    expect(agent?.attributes['codex.content.redacted']).toBeGreaterThan(50);
    expect(agent?.attributes['codex.content.redacted_kinds']).toEqual(
      expect.arrayContaining(['github-token', 'gitlab-token']),
    );
    const harmless = turnOf.get(`classic ${innocent[0]}`);
    const other = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === harmless);
    expect(other?.attributes).not.toHaveProperty('codex.content.redacted');
  });
});
