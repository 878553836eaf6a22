import { userInfo } from 'node:os';

/** The operating system's name for the user: `user.id` where no config says another. */
export function currentUser(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // No entry for this uid, as in many containers.
    return env.USER ?? env.USERNAME ?? 'unknown';
  }
}
