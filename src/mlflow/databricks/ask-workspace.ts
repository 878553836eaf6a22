import type { Finding } from '../../platform/problems/finding.js';
import type { Destination } from '../server.js';
import { checkWorkspace } from './check-workspace.js';
import { tokensDir } from './token-cache.js';
import { isWorkspace, Workspace } from './workspace.js';

/** How long a workspace may take over one question, in milliseconds; a sign-in's program counts. */
const QUESTION_TIMEOUT_MS = 10_000;

/** What a person is told of a destination that is a workspace; see `checkWorkspace`. */
export async function askWorkspace(
  destination: Destination,
  options: { env: NodeJS.ProcessEnv; stateDir: string; level: 'error' | 'warning' },
): Promise<Finding[]> {
  if (!isWorkspace(destination)) return [];
  const workspace = new Workspace(destination, options.env, tokensDir(options.stateDir));
  try {
    return await checkWorkspace(workspace, options.level, QUESTION_TIMEOUT_MS);
  } finally {
    workspace.close();
  }
}
