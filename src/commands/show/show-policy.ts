import { contentPolicy } from '../../delivery/sending/prepared/content-policy.js';
import { currentUser } from '../../platform/process/current-user.js';
import { resolveSettings } from '../../settings/resolve-settings.js';
import type { ContentPolicy } from '../../spans/content.js';
import type { TraceOptions } from '../../spans/span-context.js';
import type { CommandIo } from '../../terminal/io.js';

/** How `show` prepares a turn: as it was said, or exactly as it would be sent. */
export type ShowPolicy =
  | { readonly kind: 'policy'; readonly policy: ContentPolicy; readonly options: TraceOptions }
  /** Nothing of the folder's turns leaves, and why. */
  | { readonly kind: 'nothing leaves'; readonly reason: string };

/** Everything as it was said; only long texts are cut as they would be. */
export function policyAsSaid(io: CommandIo): ShowPolicy {
  const policy = contentPolicy({
    content: 'full',
    redact: false,
    redactPatterns: [],
    redactPii: false,
    maxContentBytes: 65_536,
  });
  return { kind: 'policy', policy, options: { userId: currentUser(io.env), tags: {} } };
}

/** What the settings of a turn's own folder say. */
export async function policyAsSent(cwd: string, codexHome: string, io: CommandIo): Promise<ShowPolicy> {
  const { env, homeDir } = io;
  const found = await resolveSettings({ env, cwd, codexHome, homeDir, userName: currentUser(env) });
  switch (found.kind) {
    case 'settings': {
      const { userId, tags } = found.settings;
      return { kind: 'policy', policy: contentPolicy(found.settings), options: { userId, tags } };
    }
    case 'untraced':
      return { kind: 'nothing leaves', reason: `turns in ${cwd} are not traced` };
    case 'disabled':
      return { kind: 'nothing leaves', reason: `tracing is switched off by ${found.by}` };
    case 'broken':
      return { kind: 'nothing leaves', reason: found.message };
  }
}
