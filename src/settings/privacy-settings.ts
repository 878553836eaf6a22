import type { Finding } from '../platform/problems/finding.js';
import type { ConfigLayer } from './files/config-layer.js';
import type { TracingConfig } from './files/tracing-config.js';

/** How many bytes of one message are kept where no one says. */
const DEFAULT_MAX_CONTENT_BYTES = 65_536;

/** A regular expression of the user's, and where it stands: messages name the place. */
export interface RedactPattern {
  readonly pattern: string;
  readonly file: string;
  /** Its place in the file's list, from 0. */
  readonly index: number;
}

/** What may be sent of what was said. */
export interface PrivacySettings {
  /** `metadata`: names, times, tokens and outcomes only. */
  content: 'full' | 'metadata';
  redact: boolean;
  /** Regular expressions beside the built-in ones; each compiles. */
  redactPatterns: RedactPattern[];
  /** Takes e-mail addresses and the home folder's user name out as well. */
  redactPii: boolean;
  /** Bytes of UTF-8 kept of one message. */
  maxContentBytes: number;
}

interface Rule<T> {
  readonly fallback: T;
  /** The more, the stricter. */
  readonly strictness: (value: T) => number;
  /** A project's file may be looser than the fallback: it is a matter of size, not anybody's word. */
  readonly isLoose?: true;
}

const CONTENT: Rule<'full' | 'metadata'> = {
  fallback: 'full',
  strictness: (value) => (value === 'metadata' ? 1 : 0),
};
const REDACT: Rule<boolean> = { fallback: true, strictness: Number };
const REDACT_PII: Rule<boolean> = { fallback: false, strictness: Number };
const MAX_CONTENT_BYTES: Rule<number> = {
  fallback: DEFAULT_MAX_CONTENT_BYTES,
  strictness: (value) => -value,
  isLoose: true,
};

type PrivacyField = 'content' | 'redact' | 'redactPii' | 'maxContentBytes';

/**
 * The strictest of what the system's, the user's and the project's file say, whether the project is
 * trusted with a destination or not. The user's word counts in place of our own default, looser or
 * not; the project's only where it is stricter. Patterns add up.
 */
export function mergePrivacy(
  system: ConfigLayer | undefined,
  user: ConfigLayer | undefined,
  project: ConfigLayer | undefined,
) {
  const warnings: Finding[] = [];
  const strictest = <T>(field: PrivacyField, rule: Rule<T>): { value: T; source: string } => {
    let floor = { value: rule.fallback, source: 'default' };
    for (const layer of [system, user, project]) {
      const value = layer?.config[field as keyof TracingConfig] as T | undefined;
      if (!layer || value === undefined) continue;
      const isFirstWord = floor.source === 'default' && (layer !== project || rule.isLoose === true);
      if (isFirstWord || rule.strictness(value) >= rule.strictness(floor.value))
        floor = { value, source: layer.file };
      else {
        const args = { file: layer.file, field, by: floor.source };
        warnings.push({ code: 'privacy-kept', level: 'warning', args });
      }
    }
    return floor;
  };
  const content = strictest('content', CONTENT);
  const redact = strictest('redact', REDACT);
  const redactPii = strictest('redactPii', REDACT_PII);
  const maxContentBytes = strictest('maxContentBytes', MAX_CONTENT_BYTES);
  const patterns = [project, user, system].flatMap((layer) =>
    layer && (layer.config.redactPatterns ?? []).length > 0 ? [layer] : [],
  );
  const values: PrivacySettings = {
    content: content.value,
    redact: redact.value,
    redactPatterns: patterns.flatMap(patternsOf).filter(isFirstOfItsKind),
    redactPii: redactPii.value,
    maxContentBytes: maxContentBytes.value,
  };
  const sources: Record<keyof PrivacySettings, string> = {
    content: content.source,
    redact: redact.source,
    redactPatterns: patterns.map(({ file }) => file).join(', ') || 'default',
    redactPii: redactPii.source,
    maxContentBytes: maxContentBytes.source,
  };
  return { values, sources, warnings };
}

function patternsOf({ file, config }: ConfigLayer): RedactPattern[] {
  return (config.redactPatterns ?? []).map((pattern, index) => ({ pattern, file, index }));
}

function isFirstOfItsKind({ pattern }: RedactPattern, at: number, all: readonly RedactPattern[]): boolean {
  return all.findIndex((other) => other.pattern === pattern) === at;
}

/** As messages name it: `redactPatterns[1] of ~/.codex/mlflow-tracing.json`. */
export function placeOfPattern({ file, index }: RedactPattern): string {
  return `redactPatterns[${index}] of ${file}`;
}
