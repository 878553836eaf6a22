import { userInfo } from 'node:os';

/**
 * The operating system's name for the user: `user.id` where no config says another.
 * @param ask for tests; throws where the system has no entry for the user
 */
export function currentUser(env: NodeJS.ProcessEnv, ask: () => { username: string } = userInfo): string {
  try {
    return ask().username;
  } catch {
    // No entry for this uid, as in many containers.
    return env.USER ?? env.USERNAME ?? 'unknown';
  }
}
