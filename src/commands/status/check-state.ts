import { unusableFiles } from '../../platform/files/unusable-files.js';
import type { Finding } from '../../platform/problems/finding.js';

/** Whether this user may read and write what we keep: where root used the home first, often not. */
export function checkState(stateDir: string): Finding[] {
  const [first, ...more] = unusableFiles(stateDir);
  if (first === undefined) return [];
  const { file, code: reason, remedy } = first;
  return [{ code: 'state-unusable', level: 'error', args: { file, reason, more: more.length, remedy } }];
}
