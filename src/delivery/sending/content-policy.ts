import { boundedPatterns, SlowPattern } from '../../platform/bounded-patterns.js';
import type { Settings } from '../../settings/merge-settings.js';
import type { ContentPolicy } from '../../spans/content.js';
import { type OwnPatterns, Redactor } from '../../spans/redaction/redactor.js';
import { OutOfBudget } from '../../spans/redaction/work-budget.js';

type PrivacySettings = Pick<
  Settings,
  'content' | 'redact' | 'redactPatterns' | 'redactPii' | 'maxContentBytes' | 'machine'
>;

/** How long the search for secrets in one turn may take; what has not been searched by then is left out. */
const REDACTION_MS = 5000;
/** How long a user's own patterns may take for one turn. */
const OWN_PATTERNS_MS = 2000;

/** Known secrets are read once for all turns of the same settings. */
const policies = new WeakMap<PrivacySettings, ContentPolicy>();

/** What settings say about content, as the spans need it. */
export function contentPolicy(settings: PrivacySettings): ContentPolicy {
  const known = policies.get(settings);
  if (known) return known;
  const policy = {
    mode: settings.content,
    redactor: settings.redact ? redactorOf(settings) : undefined,
    maxContentBytes: settings.maxContentBytes,
  };
  policies.set(settings, policy);
  return policy;
}

function redactorOf({ redactPatterns, redactPii, machine }: PrivacySettings): Redactor {
  return new Redactor({
    knownValues: machine?.knownSecrets() ?? [],
    startClock: () => {
      const untilMs = Date.now() + REDACTION_MS;
      return () => Date.now() > untilMs;
    },
    ...(redactPatterns.length === 0 ? {} : { ownPatterns: ownPatterns(redactPatterns) }),
    ...(redactPii ? { personalData: { userName: machine?.homeUser } } : {}),
  });
}

/** @returns begins a turn's search, whose texts share the patterns' time */
function ownPatterns(sources: readonly string[]): () => OwnPatterns {
  const find = boundedPatterns(sources);
  return () => {
    let leftMs = OWN_PATTERNS_MS;
    return (text) => {
      if (leftMs <= 0) throw new OutOfBudget('no time is left for own patterns');
      const startMs = Date.now();
      try {
        return find(text, leftMs).map((match) => ({ ...match, kind: 'custom' }));
      } catch (error) {
        if (error instanceof SlowPattern) throw new OutOfBudget(error.message);
        throw error;
      } finally {
        leftMs -= Date.now() - startMs;
      }
    };
  };
}
