import { slowPatterns } from '../platform/bounded-patterns.js';
import type { Finding } from '../platform/problems/finding.js';
import type { PrivacySettings } from './privacy-settings.js';

/** A finding for each of the user's patterns that takes too long on some text, with its file and place in it. */
export function slowPatternFindings({ redactPatterns }: Pick<PrivacySettings, 'redactPatterns'>): Finding[] {
  const slow = new Set(slowPatterns(redactPatterns.map(({ pattern }) => pattern)));
  return redactPatterns
    .filter(({ pattern }) => slow.has(pattern))
    .map((args): Finding => ({ code: 'slow-pattern', level: 'warning', args }));
}
