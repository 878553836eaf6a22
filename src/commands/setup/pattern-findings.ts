import type { Finding } from '../../platform/problems/finding.js';
import { resolveSettings } from '../../settings/resolve-settings.js';
import { slowPatternFindings } from '../../settings/slow-pattern-findings.js';
import type { CommandIo } from '../../terminal/io.js';

/**
 * Of the tracing configs that count in this folder once setup is done: patterns of `redactPatterns` that
 * take too long, and a file that is broken (by a pattern, say), because then nothing is sent at all.
 */
export async function patternFindings(
  { env, cwd, homeDir }: CommandIo,
  codexHome: string,
): Promise<Finding[]> {
  const found = await resolveSettings({ env, cwd, codexHome, homeDir, userName: '' });
  if (found.kind === 'settings') return slowPatternFindings(found.settings);
  if (found.kind !== 'broken') return [];
  const { file, message, hint = '' } = found;
  return [{ code: 'tracing-config-broken', level: 'error', args: { file, message, hint } }];
}
