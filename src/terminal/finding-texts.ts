import type { FindingArgs, FindingCode } from '../platform/problems/finding-args.js';
import { CODEX_MESSAGES } from './messages/codex-messages.js';
import { INSTALL_MESSAGES } from './messages/install-messages.js';
import type { FindingText, MessagesOf } from './messages/messages.js';
import { SERVER_MESSAGES } from './messages/server-messages.js';
import { SETTINGS_MESSAGES } from './messages/settings-messages.js';
import { TURNS_MESSAGES } from './messages/turns-messages.js';

const MESSAGES: MessagesOf<FindingArgs> = {
  ...CODEX_MESSAGES,
  ...SETTINGS_MESSAGES,
  ...SERVER_MESSAGES,
  ...TURNS_MESSAGES,
  ...INSTALL_MESSAGES,
};

/** Puts a finding into words: the one place where it is done. */
export function findingText<Code extends FindingCode>(finding: {
  code: Code;
  args: Readonly<FindingArgs[Code]>;
}): FindingText {
  const message = MESSAGES[finding.code](finding.args);
  return typeof message === 'string' ? { text: message } : message;
}
