import type { ToolFailure } from '../turn.js';

/** What one of Codex's own texts says of a call. */
interface CodexText {
  readonly says: RegExp;
  readonly type: string;
  /** For the span's status: a sentence without anything of the text, which may quote content. */
  readonly message: string;
  /** It stands inside the envelope `{output, metadata}` of Codex up to 0.80, too. */
  readonly inEnvelope?: true;
}

/**
 * Codex's own words in place of a tool's output, for a call that did not run or did not finish. The
 * first row that fits counts. Versions are those in which a row was seen; (source) marks rows that
 * stand in Codex's source or binary and were not brought about.
 *
 * Only a row that says so tells of a user's decision: `Rejected(…)` is how Codex 0.101 to 0.171 words
 * every end before a command's start, a missing folder included.
 */
const TEXTS: readonly CodexText[] = [
  // 0.60 to 0.171. 0.123 on: a namespace before the name.
  row(/^unsupported (custom tool )?call: /, 'unsupported_call', 'unsupported call: Codex has no such tool'),
  // 0.60 to 0.171.
  row(/^apply_patch verification failed/, 'verification_failed', 'apply_patch verification failed'),
  row(
    /^failed to parse (function|tool call) arguments/,
    'invalid_arguments',
    'failed to parse function arguments',
  ),
  // 0.60 to 0.171; `Wall time: …` before it in 0.60 and 0.80. Codex says "by user" of every interrupt.
  {
    ...row(
      /^(Wall time: [\d.]+ seconds\n)?aborted( by user( after [\d.]+s)?)?$/,
      'aborted',
      'aborted by the user',
    ),
    inEnvelope: true,
  },
  // What a person answered: 0.60 and 0.80, patches to 0.171; commands from 0.101 on; MCP tools (source).
  row(/^(command|patch|exec command) (was )?rejected by (the )?user$/i, 'declined', 'declined by the user'),
  row(/^[^\n]*Rejected\(\\?"rejected by user\\?"\)/, 'declined', 'declined by the user'),
  row(/^user (rejected|cancelled) MCP tool call/, 'declined', 'declined by the user'),
  // What a reviewer of approvals answered (0.144 to 0.171): as it stands for patches, wrapped for commands.
  row(
    /^([^\n]*Rejected\(\\?")?This action was rejected due to unacceptable risk/,
    'rejected',
    'rejected by the reviewer of approvals',
  ),
  row(
    /^([^\n]*Rejected\(\\?")?(the )?automatic (permission )?approval review /i,
    'review_failed',
    'the review of approvals did not come to a verdict',
  ),
  // What the user's rules, hooks and settings forbid. 0.171; hooks and policy (source, from 0.117 on).
  row(
    /^approval policy is [^\n;]*; reject command/,
    'rejected',
    'rejected: the approval policy allows no request',
  ),
  row(/^(Command|Tool call) blocked by PreToolUse hook/, 'rejected', 'blocked by a hook'),
  row(/^[^\n]*Rejected\(\\?"`[\s\S]*?` rejected: /, 'rejected', "rejected by the user's command rules"),
  row(/^(patch|write_stdin) rejected: /, 'rejected', 'rejected by the sandbox or approval settings'),
  row(/^MCP tool call (blocked|cancelled)/, 'rejected', 'rejected by the MCP settings'),
  // 0.123 to 0.171: a folder that is not there, a program that does not start.
  row(
    /^exec_command failed[^\n]*Failed to create unified exec /,
    'failed',
    'the command could not be started',
  ),
  // Any other end before the start.
  row(/^(exec_command|shell) failed[^\n]*Rejected\(/, 'rejected', 'rejected by Codex'),
  // Code mode, from 0.152 on: an error that the script did not catch.
  row(/^Script failed\n/, 'script_failed', 'script failed'),
  row(
    /^(exec_command|shell|write_stdin|exec|tool call|collab spawn|collab tool|resources\/\w+) failed( for [^\n]*)?:/,
    'failed',
    'Codex could not run the tool',
  ),
  { ...row(/^command timed out after /, 'timeout', 'timed out'), inEnvelope: true },
  // 0.152 to 0.171: `view_image`.
  row(/^unable to \w+ (image|media)\b/, 'failed', 'Codex could not read the image'),
  row(/^(image|media) path `[^\n]*` is not a file/, 'failed', 'Codex could not read the image'),
  // 0.120 to 0.171: `request_user_input is unavailable in Default mode`; `update_plan` in plan mode (source).
  row(
    /^\w+ is (unavailable|not supported|not available) (in|for) /,
    'unavailable',
    'the tool is not available here',
  ),
  row(/^\w+ is (a \S+ tool and is )?not allowed /, 'unavailable', 'the tool is not available here'),
  row(/^unknown MCP server /, 'unavailable', 'there is no such MCP server'),
];

/**
 * Words (in lower case) of which one stands at the beginning of every text that a row fits, but for the
 * `Rejected(…)` of the first line: nearly all outputs have none, and need no row's expression, each of which
 * takes 0.1 ms of a hook's CPU to compile.
 */
const SIGNS = [
  ...['unsupported', 'failed', 'aborted', 'reject', 'cancelled', 'approval', 'blocked', 'timed out'],
  ...['unable to', 'image path', 'media path', 'unavailable', 'is not ', 'unknown mcp'],
];
/** So far into a text such a word may stand. */
const SIGN_REACH = 400;

function mayBeTold(text: string): boolean {
  const head = text.slice(0, SIGN_REACH).toLowerCase();
  return SIGNS.some((sign) => head.includes(sign)) || text.includes('Rejected(');
}

/**
 * Codex's tools that answer in JSON, or with nothing: whatever else they say is a refusal in words
 * that change from version to version (0.123: `Full-history forked agents inherit …`; 0.171:
 * `Unknown model …`, `live agent path … not found`).
 */
const ANSWER_IN_JSON =
  'spawn_agent send_input send_message followup_task wait_agent resume_agent close_agent interrupt_agent list_agents request_user_input get_goal create_goal update_goal'.split(
    ' ',
  );

/**
 * Why a call failed, where its output is Codex's word and not the tool's.
 * @param tool the tool's name, where the call is known
 * @param isEnveloped the text was taken out of an envelope: it is the program's own, but for some rows
 */
export function failureTold(
  text: string,
  tool: string | undefined,
  isEnveloped: boolean,
): ToolFailure | undefined {
  const found = mayBeTold(text)
    ? TEXTS.find(({ says, inEnvelope }) => (!isEnveloped || inEnvelope) && says.test(text))
    : undefined;
  if (found) return { type: found.type, message: found.message };
  if (tool === undefined || !ANSWER_IN_JSON.includes(tool)) return undefined;
  return isJsonAnswer(text) ? undefined : { type: 'rejected', message: 'Codex refused the call' };
}

/** A long answer can be cut by Codex itself: its beginning is what tells. */
function isJsonAnswer(text: string): boolean {
  return text.trim() === '' || /^\s*["[{]/.test(text) || text.includes('truncated');
}

function row(says: RegExp, type: string, message: string): CodexText {
  return { says, type, message };
}
