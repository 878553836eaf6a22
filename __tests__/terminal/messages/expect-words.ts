import { expect } from '@jest/globals';
import type { Finding } from '../../../src/platform/problems/finding.js';
import { findingText } from '../../../src/terminal/finding-texts.js';

/** A finding, and all that is to be said of it: the words, and the remedy where there is one. */
export type Row = [code: Finding['code'], args: object, text: string, remedy?: string];

export function expectWords(
  code: Finding['code'],
  args: object,
  text: string,
  ...[remedy]: [remedy?: string]
): void {
  expect(findingText({ code, args } as Finding)).toStrictEqual(
    remedy === undefined ? { text } : { text, remedy },
  );
}
