import type { CommandIo } from '../../terminal/io.js';

/** Tells a person how far `sync` is. */
export interface Progress {
  /** A turn was taken by its server. */
  sent(): void;
  /** A thread is done. @param all as far as is known: threads lead to others */
  step(done: number, all: number): void;
  /** Takes the bar away. */
  end(): void;
}

const WIDTH = 24;
/** Without a terminal: one line for so many threads. */
const LINES_EVERY = 25;
/** On a terminal: within a thread the bar is drawn again after so many ms at the earliest. */
const REDRAW_MS = 100;
/** Before that, a rate says nothing. */
const MIN_RATE_MS = 1000;

/**
 * Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing for `--json`.
 * @param now the time in ms
 */
export function openProgress(io: CommandIo, silent: boolean, now: () => number = Date.now): Progress {
  const terminal = (io.stderr as { isTTY?: boolean }).isTTY === true;
  const startMs = now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let [done, all, turns] = [0, 0, 0];
  const told = () => progressText({ done, all, turns, elapsedMs: now() - startMs });
  const draw = () => {
    if (!terminal) return;
    drawnMs = now();
    const filled = Math.round((done / Math.max(1, all)) * WIDTH);
    io.stderr.write(`\r[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${told()}\u001b[K`);
  };
  if (silent) return { sent: () => {}, step: () => {}, end: () => {} };
  return {
    sent() {
      turns++;
      if (now() - drawnMs >= REDRAW_MS) draw();
    },
    step(nowDone, nowAll) {
      [done, all] = [nowDone, nowAll];
      draw();
      if (!terminal && done > 0 && done % LINES_EVERY === 0) io.stderr.write(`${told()}\n`);
    },
    end() {
      if (Number.isFinite(drawnMs)) io.stderr.write('\r\u001b[K');
      drawnMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** How far it is, how fast it goes, and how long it will take if the threads to come are like those that were. */
export function progressText(at: { done: number; all: number; turns: number; elapsedMs: number }): string {
  const { done, all, turns, elapsedMs } = at;
  const parts = [`${done}/${all} threads`, `${turns} sent`];
  if (elapsedMs >= MIN_RATE_MS && turns > 0) parts.push(`${rate((turns / elapsedMs) * 1000)} turns/s`);
  if (elapsedMs >= MIN_RATE_MS && done > 0 && done < all)
    parts.push(`about ${duration((elapsedMs / done) * (all - done))} left`);
  return parts.join(', ');
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
