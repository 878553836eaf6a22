import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_PACE } from '../../src/delivery/live/live-pace.js';
import { LiveWatch } from '../../src/delivery/live/live-watch.js';
import { runPlaces } from '../../src/delivery/run/run-places.js';

/** Quick enough for turns of a few seconds. */
const PACE = { ...LIVE_PACE, firstMs: 0, requestsPerMinute: 10_000, heartbeatMs: 500, settleMs: 1000 };
const PASS_MS = 150;

/**
 * Watches a Codex home beside a test, pass after pass.
 * @param look asked after each pass
 * @returns ends it, once every turn that was shown has been sent whole
 */
export function watchBeside(homeDir: string, look: () => Promise<void>): () => Promise<void> {
  const places = runPlaces({ CODEX_HOME: path.join(homeDir, '.codex') }, homeDir);
  const run = { ...places, abandonedMs: 60_000 };
  const watch = new LiveWatch({ run, pace: PACE, isWanted: () => true });
  let isOver = false;
  const passes = (async () => {
    while (!isOver || watch.turns.length > 0) {
      await watch.pass();
      await look();
      await sleep(PASS_MS);
    }
    watch.close();
  })();
  return async () => {
    isOver = true;
    await passes;
  };
}
