import { closeSync, openSync } from 'node:fs';
import type { AdditionalTools, RolloutEvent, ThreadSettings } from '../lines/rollout-event.js';
import { isCompressed } from '../recordings/recording-stream.js';
import { readChunks, readEventsBackwards, readEventsForwards } from '../recordings/rollout-lines.js';
import type { TurnSegment } from '../segments/turn-segment.js';

/** How far back to look for the thread's settings: Codex 0.169 writes them with most turns. */
const SETTINGS_SEARCH_BYTES = 1024 * 1024;
/** The tools stand among the first lines of a thread, before its first `turn_context`. */
const TOOLS_SEARCH_BYTES = 256 * 1024;

/**
 * Completes a turn that was read without what comes before it. Looks only where its own lines leave
 * something open, and no further than a bounded number of bytes, whatever the length of the session.
 */
export async function withWhatCameBefore(path: string, segment: TurnSegment): Promise<TurnSegment> {
  const { startOffset, events } = segment;
  if (startOffset === 0 || isCompressed(path) || !events.some(isModern)) return segment;
  const end = events.findIndex(({ kind }) => kind === 'task_complete' || kind === 'turn_aborted');
  const own = end < 0 ? events : events.slice(0, end);
  const needsSettings = !segment.settings && !own.some(({ kind }) => kind === 'thread_settings');
  const needsTools = !segment.tools && !own.some(({ kind }) => kind === 'additional_tools');
  if (!needsSettings && !needsTools) return segment;
  const file = openSync(path, 'r');
  try {
    const settings = needsSettings ? await lastSettings() : segment.settings;
    const tools = needsTools ? await firstTools() : segment.tools;
    return { ...segment, ...(settings && { settings }), ...(tools && { tools }) };
  } finally {
    closeSync(file);
  }

  async function lastSettings(): Promise<ThreadSettings | undefined> {
    const atLeast = Math.max(0, startOffset - SETTINGS_SEARCH_BYTES);
    for await (const { event } of readEventsBackwards(file, startOffset, atLeast))
      if (event.kind === 'thread_settings') return event;
    return undefined;
  }

  async function firstTools(): Promise<AdditionalTools | undefined> {
    const upTo = Math.min(TOOLS_SEARCH_BYTES, startOffset);
    for await (const { event, start } of readEventsForwards(readChunks(file, 0, upTo))) {
      if (event.kind === 'additional_tools') return event;
      if (event.kind === 'turn_context' || start >= upTo) return undefined;
    }
    return undefined;
  }
}

/** Older files tell no tier and no tools: they are not searched. */
function isModern(event: RolloutEvent): boolean {
  return (
    event.kind === 'token_usage_record' || (event.kind === 'task_started' && event.rootTurnId !== undefined)
  );
}
