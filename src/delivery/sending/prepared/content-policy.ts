import { boundedPatterns, SlowPattern } from '../../../platform/bounded-patterns.js';
import type { Settings } from '../../../settings/merge-settings.js';
import { placeOfPattern, type RedactPattern } from '../../../settings/privacy-settings.js';
import type { ContentPolicy } from '../../../spans/content.js';
import { type OwnPatterns, Redactor, type SearchClock } from '../../../spans/redaction/redactor.js';
import { OutOfBudget } from '../../../spans/redaction/search/work-budget.js';

type PrivacySettings = Pick<
  Settings,
  'content' | 'redact' | 'redactPatterns' | 'redactPii' | 'maxContentBytes' | 'machine'
>;

/**
 * How long the search for secrets in one turn may take, and how much longer for each text; what has not
 * been searched by then is left out. A text of a turn of thousands of calls is 3 kB: 0.3 ms (Node 20).
 */
const REDACTION_MS = 5000;
const TEXT_MS = 1;
/** How long a user's own patterns may take for one turn. */
const OWN_PATTERNS_MS = 2000;

/** What settings say about content, as the spans need it, and what came of it. */
interface SettingsPolicy extends ContentPolicy {
  /** The place of the user's pattern that took too long in the last turn. */
  readonly slowPattern: () => string | undefined;
}

/** Known secrets are read once for all turns of the same settings. */
const policies = new WeakMap<PrivacySettings, SettingsPolicy>();

/** What settings say about content. */
export function contentPolicy(settings: PrivacySettings): SettingsPolicy {
  const known = policies.get(settings);
  if (known) return known;
  const own = new TimedPatterns(settings.redactPatterns);
  const policy = {
    mode: settings.content,
    redactor: settings.redact ? redactorOf(settings, own) : undefined,
    maxContentBytes: settings.maxContentBytes,
    slowPattern: () => own.slow && placeOfPattern(own.slow),
  };
  policies.set(settings, policy);
  return policy;
}

function redactorOf({ redactPatterns, redactPii, machine }: PrivacySettings, own: TimedPatterns): Redactor {
  return new Redactor({
    knownValues: machine?.knownSecrets() ?? [],
    startClock: () => new SearchTime(),
    ...(redactPatterns.length === 0 ? {} : { ownPatterns: () => own.begin() }),
    ...(redactPii ? { personalData: { userName: machine?.homeUser } } : {}),
  });
}

/** The time of one turn's search. Requests are made between its texts, and are none of it. */
export class SearchTime implements SearchClock {
  #leftMs = REDACTION_MS;
  #startedMs = 0;

  /** @param nowMs in ms; another clock in tests */
  constructor(readonly nowMs: () => number = Date.now) {}

  during<Found>(search: () => Found): Found {
    this.#startedMs = this.nowMs();
    try {
      return search();
    } finally {
      this.#leftMs += TEXT_MS - (this.nowMs() - this.#startedMs);
    }
  }

  isLate(): boolean {
    return this.nowMs() - this.#startedMs > this.#leftMs;
  }
}

/** The user's own patterns, each turn's texts within one time. */
class TimedPatterns {
  /** The pattern that took too long in the turn that was begun last. */
  slow: RedactPattern | undefined;
  readonly #patterns: readonly RedactPattern[];
  #find: ReturnType<typeof boundedPatterns> | undefined;

  constructor(patterns: readonly RedactPattern[]) {
    this.#patterns = patterns;
  }

  /** Begins a turn's search. */
  begin(): OwnPatterns {
    this.slow = undefined;
    this.#find ??= boundedPatterns(this.#patterns.map(({ pattern }) => pattern));
    const find = this.#find;
    let leftMs = OWN_PATTERNS_MS;
    return (text) => {
      if (leftMs <= 0) throw new OutOfBudget('no time is left for own patterns');
      const startMs = Date.now();
      try {
        return find(text, leftMs).map((match) => ({ ...match, kind: 'custom' }));
      } catch (error) {
        if (!(error instanceof SlowPattern)) throw error;
        this.slow ??= this.#patterns[error.index];
        throw new OutOfBudget(error.message);
      } finally {
        leftMs -= Date.now() - startMs;
      }
    };
  }
}
