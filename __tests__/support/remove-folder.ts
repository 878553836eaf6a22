import { rmSync } from 'node:fs';

const TRIES = 60;
const PAUSE_MS = 50;

/**
 * Removes a folder in which a hook may still be writing: Codex does not wait for it, and after a turn was
 * sent it keeps what V8 has compiled of it (`src/platform/process/compiled-code.ts`). `rmSync`'s own retries do not
 * look again at what is in a folder that was not empty (Node 20).
 */
export function removeFolder(folder: string): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
