import type { Finding } from '../platform/problems/finding.js';
import { findingText } from './finding-texts.js';
import { plainText } from './plain-text.js';

const MARKS = { ok: ['✓', 32], info: ['·', 2], warning: ['!', 33], error: ['✗', 31] } as const;

/** Findings as lines: a mark, the words, and below them the remedy. */
export function renderFindings(findings: readonly Finding[], colors: boolean): string[] {
  return findings.flatMap((finding) => {
    const [mark, color] = MARKS[finding.level];
    const { text, remedy } = findingText(finding);
    const first = `${colors ? `\u001b[${color}m${mark}\u001b[0m` : mark} ${plainText(text)}`;
    return remedy === undefined ? [first] : [first, `    → ${plainText(remedy)}`];
  });
}
