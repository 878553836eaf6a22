import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer or the time is over; asks once at least.
 * @param ask undefined means: not yet
 * @param times.untilMs in ms since the epoch
 * @returns the answer, or undefined where the time went by
 */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  times: { readonly everyMs: number; readonly untilMs: number },
): Promise<T | undefined> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || Date.now() >= times.untilMs) return answer;
    await sleep(times.everyMs);
  }
}
