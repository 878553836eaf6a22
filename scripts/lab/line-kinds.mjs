// @ts-check
/**
 * Kinds of lines in recordings: what a new Codex writes that no fixture has.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The kinds of a recording's lines, such as `event_msg/item_completed:CommandExecution`.
 * @param {string} rollout a path
 * @returns {Promise<Set<string>>}
 */
export async function lineKinds(rollout) {
  const kinds = new Set();
  for (const line of (await readFile(rollout, 'utf8')).split('\n')) {
    if (line === '') continue;
    try {
      const { type, payload } = JSON.parse(line);
      const inner = payload?.type ? `/${payload.type}` : '';
      kinds.add(`${type}${inner}${payload?.item?.type ? `:${payload.item.type}` : ''}`);
    } catch {
      kinds.add('no JSON');
    }
  }
  return kinds;
}

/**
 * The kinds of all rollouts below a folder.
 * @param {string} folder
 * @returns {Promise<Set<string>>}
 */
export async function lineKindsBelow(folder) {
  const names = await readdir(folder, { recursive: true });
  const rollouts = names.filter((name) => name.endsWith('.jsonl')).map((name) => path.join(folder, name));
  const kinds = new Set();
  for (const rollout of rollouts) for (const kind of await lineKinds(rollout)) kinds.add(kind);
  return kinds;
}
