import type { Finding } from '../platform/finding.js';
import { CODEX_WORDS } from './words/codex-words.js';
import { INSTALL_WORDS } from './words/install-words.js';
import { SERVER_WORDS } from './words/server-words.js';
import { SETTINGS_WORDS } from './words/settings-words.js';
import { TURNS_WORDS } from './words/turns-words.js';
import type { FindingText, WordsByCode } from './words/words.js';

const WORDS: WordsByCode = {
  ...CODEX_WORDS,
  ...SETTINGS_WORDS,
  ...SERVER_WORDS,
  ...TURNS_WORDS,
  ...INSTALL_WORDS,
};

/** Puts a finding into words: the one place where it is done. */
export function findingText({ code, args }: Finding): FindingText {
  const plain = Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
  const words = WORDS[code]?.(plain) ?? `${code} ${JSON.stringify(args)}`;
  return typeof words === 'string' ? { text: words } : words;
}
