import { rmSync } from 'node:fs';

/**
 * Removes a folder in which a hook may still be writing: Codex does not wait for it, and after a turn was
 * sent it keeps what V8 has compiled of it (`src/platform/compiled-code.ts`).
 */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
