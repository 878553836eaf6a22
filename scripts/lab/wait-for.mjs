// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer.
 * @template T
 * @param {string} what for the error message
 * @param {() => Promise<T | false | undefined> | T | false | undefined} probe
 * @param {{ timeoutMs?: number, everyMs?: number }} [options] default: 20 s, every 50 ms
 * @returns {Promise<T>}
 * @throws {Error} where there is none in time
 */
export async function waitFor(what, probe, { timeoutMs = 20_000, everyMs = 50 } = {}) {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadlineMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(everyMs);
  }
}
