import { mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isLinkedAway } from './folders.js';

/**
 * Writes a file of ours by way of a temporary one in the same folder, so that no reader sees half of it.
 * File and folder are the user's alone (0600, 0700). Throws where it cannot, and where the folder is a
 * link that leads out of ours.
 */
export function writeWhole(file: string, content: string | Buffer): void {
  const folder = path.dirname(file);
  if (isLinkedAway(folder)) throw new Error(`${folder} is a link`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // It was not made.
    }
    throw error;
  }
}
