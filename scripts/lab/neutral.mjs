// @ts-check
/**
 * Makes a recording fit for a repository: no path of the machine it was made on, and Codex's own
 * long prompts cut short. Pure; every line stays the JSON object it was.
 */

/** Long enough to tell what a prompt is. */
const keptCharacters = 160;

/**
 * Replaces folders in text.
 * @param {string} text
 * @param {[from: string, to: string][]} folders longest first
 */
export function neutralPaths(text, folders) {
  return folders.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

/**
 * A rollout's text with Codex's own prompts cut short: base instructions, developer messages, the
 * descriptions of tools, the world state and what is injected before the user's prompt. What the
 * user, the model and the tools said stays whole.
 * @param {string} rollout JSON lines
 */
export function shortenPrompts(rollout) {
  return rollout
    .split('\n')
    .map((line) => (line === '' ? line : JSON.stringify(shortenLine(JSON.parse(line)))))
    .join('\n');
}

/** @param {any} line */
function shortenLine(line) {
  const { type, payload } = line;
  if (type === 'world_state' || type === 'turn_context') return { ...line, payload: shorten(payload) };
  if (type === 'session_meta') {
    return { ...line, payload: { ...payload, base_instructions: shorten(payload.base_instructions) } };
  }
  if (type === 'response_item') return { ...line, payload: shortenItem(payload) };
  // The history that a compaction keeps repeats the items.
  if (type === 'compacted' && Array.isArray(payload.replacement_history)) {
    return {
      ...line,
      payload: { ...payload, replacement_history: payload.replacement_history.map(shortenItem) },
    };
  }
  return line;
}

/** @param {{ type: string, role?: string, content?: { text?: string }[] }} item */
function shortenItem(item) {
  const isInjected = item.role === 'user' && /^(<[a-z_]+>|# AGENTS\.md)/.test(item.content?.[0]?.text ?? '');
  const isCodexs = item.type === 'additional_tools' || item.role === 'developer' || isInjected;
  return isCodexs ? shorten(item) : item;
}

/** @param {any} value @returns {any} */
function shorten(value) {
  if (typeof value === 'string' && value.length > keptCharacters + 60) {
    const more = value.length - keptCharacters;
    return `${value.slice(0, keptCharacters)} …[${more} more characters of Codex's own text]`;
  }
  if (Array.isArray(value)) return value.map(shorten);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner)]));
  }
  return value;
}
