import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leaked, type Sample, samples } from '../../scripts/lab/secrets/corpus.mjs';
import { lookAlikes } from '../../scripts/lab/secrets/look-alikes.mjs';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { bodiesByTurn, formsOf, inJson, SecretTurns } from '../support/secret-turns.js';

const seed = Number(process.env.REDACTION_SEED ?? 20_261_129);

let home: DeliveryHome;
let bodies = new Map<string, string>();
const turnsOf = new Map<string, SecretTurns>();

/** What left the machine of the turn with a kind of secret, or a look-alike. */
const bodyWith = (mode: string, kindOrText: string) =>
  bodies.get(turnsOf.get(mode)?.turnOf(kindOrText) ?? '') ?? '';

const inBothModes = <T extends readonly unknown[]>(cases: readonly T[]) =>
  cases.flatMap((some) => [['classic', ...some] as const, ['code', ...some] as const]);

describe(`hooks over turns with a secret in every place (seed ${seed})`, () => {
  beforeAll(async () => {
    home = await DeliveryHome.make();
    for (const mode of ['classic', 'code'] as const) {
      // The first turn announced begins the thread, the last one takes the others along.
      const turns = new SecretTurns(home.codexHome, seed, mode);
      await home.hook(turns.first);
      await home.hook(turns.write(), { deadlineMs: Date.now() + 120_000 });
      turnsOf.set(mode, turns);
    }
    bodies = bodiesByTurn(home.receiver);
  }, 240_000);
  afterAll(() => home.close());

  it.each(inBothModes(samples(seed).map((sample) => [sample.kind, sample] as const)))(
    'let nothing out, %s tools, %s',
    (mode: string, kind: string, sample: Sample) => {
      const body = bodyWith(mode, kind);
      expect(body).toContain('[REDACTED:');
      expect(leaked(body, formsOf(sample))).toBeUndefined();
    },
  );

  it.each(inBothModes(lookAlikes(new Random(seed)).map((text) => [text] as const)))(
    'leave what only looks like one, %s tools, %s',
    (mode: string, text: string) => {
      expect(bodyWith(mode, text)).toContain(inJson(text));
    },
  );

  it('say on the turn how many were taken out, and of which kinds', () => {
    const ofTurn = (kindOrText: string) => {
      const id = turnsOf.get('classic')?.turnOf(kindOrText);
      return home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === id)?.attributes;
    };
    const agent = ofTurn('github classic');
    expect(agent?.['codex.content.redacted']).toBeGreaterThan(50);
    expect(agent?.['codex.content.redacted_kinds']).toEqual(
      expect.arrayContaining(['github-token', 'gitlab-token']),
    );
    expect(ofTurn(lookAlikes(new Random(seed))[0] ?? '')).not.toHaveProperty('codex.content.redacted');
  });
});
