import type { FileHandle } from 'node:fs/promises';
import { type LockOwner, parseOwner } from './lock-owner.js';

/** What a holder writes now and then. Most hold a lock for less than a second, and never do. */
export class SignsOfLife {
  #handle: FileHandle | undefined;
  #beat = 0;

  constructor(
    readonly file: string,
    readonly own: LockOwner,
  ) {}

  async give(): Promise<void> {
    const handle = this.#handle ?? (await this.#open());
    if (!handle) return;
    this.#handle = handle;
    const text = holdingText(this.own, ++this.#beat);
    await handle.write(text, 0);
    // To the disk, or to the server that has it: others see it there.
    await handle.sync();
  }

  /** By the open file, and not by its name each time: that may be another holder's by now. */
  async #open(): Promise<FileHandle | undefined> {
    // Loaded on use: a hook is over before its lock's second sign of life.
    const { open } = await import('node:fs/promises');
    const handle = await open(this.file, 'r+');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8192), 0, 8192, 0);
    if (parseOwner(buffer.toString('utf8', 0, bytesRead))?.token === this.own.token) return handle;
    await handle.close();
    return undefined;
  }

  async close(): Promise<void> {
    await this.#handle?.close().catch(() => {});
  }
}

/** What stands in a lock's file. @param beat counts the signs of life, always in as many characters */
export function holdingText(own: LockOwner, beat: number): string {
  return `${JSON.stringify(own)}\n${String(beat).padStart(9, '0')}\n`;
}
