import { asObject, asText } from '../../platform/json.js';
import type { ToolFailure } from '../turn.js';
import { failureTold } from './codex-texts.js';
import type { ToolDraft } from './tool-drafts.js';
import { exitFailure } from './tool-outcome.js';

/**
 * Why a call failed: by its item, by Codex's words in its output, by its exit code.
 * @param told what the text of the output tells
 */
export function failureOf(
  draft: ToolDraft,
  exitCode: number | undefined,
  told: ToolFailure | undefined,
): ToolFailure | undefined {
  const { item, output, call } = draft;
  const byItem = itemFailure(draft, told);
  if (byItem) return byItem;
  if (told && told.type !== 'exit_code') return told;
  if (exitCode !== undefined && exitCode !== 0) return exitFailure(exitCode);
  if (item?.status === 'failed' || output?.success === false)
    return { type: 'failed', message: 'the tool failed' };
  if (call?.status === 'incomplete') return { type: 'aborted', message: 'cut off before it ended' };
  return undefined;
}

function itemFailure({ item }: ToolDraft, told: ToolFailure | undefined): ToolFailure | undefined {
  const isDeclined = item?.status === 'declined';
  if (!item || (!isDeclined && item.error === undefined)) return undefined;
  const words = [item.error, textIn(item.output, 'stderr'), textIn(item.output, 'output')].find(Boolean);
  const own = words === undefined ? undefined : failureTold(words, undefined, false);
  if (own) return own;
  // An item is `declined` whoever said no: the user, a reviewer, a rule.
  if (isDeclined) return told ?? { type: 'rejected', message: 'declined' };
  return item.namespace?.startsWith('mcp__')
    ? { type: 'mcp_error', message: 'the MCP tool reported an error' }
    : { type: 'failed', message: 'the tool failed' };
}

function textIn(output: unknown, key: string): string | undefined {
  return asText(asObject(output)?.[key]);
}
