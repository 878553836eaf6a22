import type { ContentPolicy } from '../../spans/content.js';
import { REDACTED_KINDS } from '../../spans/redact-specs.js';
import { UNSEARCHED } from '../../spans/redaction/redactor.js';
import type { SpanSpec } from '../../spans/span-spec.js';

/** One of the forms in which a turn is offered to a server. */
export interface TurnForm {
  readonly name: 'full' | 'uncompressed' | 'clipped' | 'metadata';
  /** What of the turn this form is without, in words. */
  readonly without?: string;
  readonly plain?: true;
  readonly maxBytes?: number;
  readonly metadata?: true;
}

/** A turn in smaller and smaller forms, for a server that refuses it: the last has no content at all. */
export const TURN_FORMS: readonly [full: TurnForm, ...smaller: TurnForm[]] = [
  { name: 'full' },
  { name: 'uncompressed', plain: true },
  { name: 'clipped', without: 'texts cut to 2 KiB each', plain: true, maxBytes: 2048 },
  { name: 'metadata', without: 'all content left out', plain: true, metadata: true },
];

/** What may be in a form, of what the settings allow. */
export function policyOfForm(form: TurnForm, base: ContentPolicy): ContentPolicy {
  return {
    ...base,
    ...(form.metadata ? { mode: 'metadata' as const } : {}),
    maxContentBytes: Math.min(base.maxContentBytes, form.maxBytes ?? base.maxContentBytes),
  };
}

/** What is to be said of a turn that a server took in a form, after it had refused others. */
export function acceptedAs(
  { name, without }: TurnForm,
  refused: { readonly status: number } | undefined,
): { note?: string; isReduced?: true } {
  if (without === undefined) return name === 'full' ? {} : { note: name };
  const status = refused ? ` (${refused.status})` : '';
  return { note: `${without}: the server refused the whole${status}`, isReduced: true };
}

/**
 * What is to be said where texts were not searched to their end, by our time or by the user's own patterns.
 * @param slowPattern the place of the pattern that took too long
 */
export function unsearchedIn(
  [agent]: readonly SpanSpec[],
  slowPattern: string | undefined,
): { note?: string; isReduced?: true } {
  const kinds = agent?.attributes[REDACTED_KINDS];
  if (!Array.isArray(kinds) || !kinds.includes(UNSEARCHED)) return {};
  const what = slowPattern ?? 'the search for secrets';
  return { note: `texts left out: ${what} took too long`, isReduced: true };
}
