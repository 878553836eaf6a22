import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LivePace } from '../../delivery/live/live-pace.js';
import type { LiveWatch } from '../../delivery/live/live-watch.js';

/** When a watcher ends. */
export interface WatchEnd {
  readonly signal: AbortSignal;
  /** After what goes on now has been shown. */
  readonly once: boolean;
  /** When no turn has gone on for so long, in ms; undefined: never. */
  readonly idleMs: number | undefined;
}

/** With `--once`: a long turn goes in several requests, and so many are allowed in a minute. */
const MAX_PASSES = 6;

/** The pause after a pass, in ms. @param used its CPU time, in µs */
export function pauseAfter({ user, system }: NodeJS.CpuUsage, { passMs, cpuFactor }: LivePace): number {
  return Math.max(passMs, (cpuFactor * (user + system)) / 1000);
}

/** Pass after pass, so far apart that the watcher takes a twentieth of a core at most. */
export async function watchLoop(watch: LiveWatch, { signal, once, idleMs }: WatchEnd): Promise<void> {
  const { pace, run } = watch.options;
  const { codexHome } = run;
  let activeMs = Date.now();
  for (let passes = 1; !signal.aborted; passes++) {
    const before = process.cpuUsage();
    await watch.pass();
    if (once && (passes === MAX_PASSES || !watch.hasMore)) return;
    if (once) continue;
    if (watch.isActive) activeMs = Date.now();
    const isIdle = Date.now() - activeMs >= (idleMs ?? Number.POSITIVE_INFINITY);
    if (isIdle || !existsSync(codexHome)) return;
    await sleep(pauseAfter(process.cpuUsage(before), pace), undefined, { signal }).catch(() => {});
  }
}
