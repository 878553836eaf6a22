import { describe, expect, test } from '@jest/globals';
import {
  acceptedAs,
  policyOfForm,
  TURN_FORMS,
  unsearchedIn,
} from '../../../src/delivery/sending/turn-forms.js';
import type { SpanSpec } from '../../../src/spans/span-spec.js';

describe('a turn that a server refuses is offered', () => {
  const base = { mode: 'full' as const, redactor: undefined, maxContentBytes: 65_536 };
  const offered = (policy: typeof base) =>
    TURN_FORMS.map((form) => [form.name, form.plain, policyOfForm(form, policy)]);

  test('uncompressed, then with texts of 2 KiB, then without content', () => {
    expect(offered(base)).toStrictEqual([
      ['full', undefined, base],
      ['uncompressed', true, base],
      ['clipped', true, { ...base, maxContentBytes: 2048 }],
      ['metadata', true, { ...base, mode: 'metadata' }],
    ]);
  });

  test('with no more than the settings allow', () => {
    const strict = { ...base, mode: 'metadata' as const, maxContentBytes: 100 } as unknown as typeof base;
    for (const [, , policy] of offered(strict)) expect(policy).toStrictEqual(strict);
  });

  test.each([
    ['full', undefined, {}],
    ['full', { status: 400 }, {}],
    ['uncompressed', { status: 400 }, { note: 'uncompressed' }],
    [
      'clipped',
      { status: 413 },
      { note: 'texts cut to 2 KiB each: the server refused the whole (413)', isReduced: true },
    ],
    [
      'metadata',
      { status: 422 },
      { note: 'all content left out: the server refused the whole (422)', isReduced: true },
    ],
    ['metadata', undefined, { note: 'all content left out: the server refused the whole', isReduced: true }],
  ])('and what is said of the form %s, taken after %j, is %j', (name, refused, expected) => {
    const form = TURN_FORMS.find((each) => each.name === name);
    expect(form && acceptedAs(form, refused)).toStrictEqual(expected);
  });
});

describe('texts that were left out unsearched', () => {
  const agent = (kinds?: unknown) =>
    ({ attributes: { 'codex.content.redacted_kinds': kinds } }) as unknown as SpanSpec;
  const isReduced = true;

  test.each<[string, SpanSpec[], string | undefined, object]>([
    [
      'by our own time',
      [agent(['api-key', 'not-searched'])],
      undefined,
      { note: 'texts left out: the search for secrets took too long', isReduced },
    ],
    [
      'by a pattern of the user’s',
      [agent(['not-searched'])],
      'redactPatterns[1] of /a',
      { note: 'texts left out: redactPatterns[1] of /a took too long', isReduced },
    ],
    ['by nothing, though a pattern was slow', [agent(['api-key'])], 'redactPatterns[1] of /a', {}],
    ['by nothing: nothing was taken out', [agent()], undefined, {}],
    ['by nothing: the kinds are no list', [agent('not-searched')], undefined, {}],
    ['by nothing: the AGENT has none', [agent(), agent(['not-searched'])], undefined, {}],
    ['by nothing: there are no spans', [], undefined, {}],
  ])('are told: %s', (_, specs, slowPattern, expected) => {
    expect(unsearchedIn(specs, slowPattern)).toStrictEqual(expected);
  });
});
