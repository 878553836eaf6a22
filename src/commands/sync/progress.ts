import type { CommandIo } from '../../terminal/io.js';
import type { SyncCounts } from './sync-counts.js';

export interface Progress {
  step(done: number, all: number, counts: SyncCounts): void;
  end(): void;
}

const WIDTH = 24;
/** Without a terminal: one line for so many threads. */
const LINES_EVERY = 25;

/** Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing for `--json`. */
export function openProgress(io: CommandIo, silent: boolean): Progress {
  const terminal = (io.stderr as { isTTY?: boolean }).isTTY === true;
  let open = false;
  if (silent) return { step: () => {}, end: () => {} };
  return {
    step(done, all, counts) {
      const told = `${done}/${all} threads, ${counts.sent} sent`;
      if (terminal) {
        const filled = Math.round((done / Math.max(1, all)) * WIDTH);
        io.stderr.write(`\r[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${told}\u001b[K`);
        open = true;
      } else if (done % LINES_EVERY === 0) {
        io.stderr.write(`${told}\n`);
      }
    },
    end() {
      if (open) io.stderr.write('\r\u001b[K');
      open = false;
    },
  };
}
