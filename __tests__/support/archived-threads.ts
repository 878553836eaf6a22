import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';

/** The Codex home of the running test, with archived threads alone. */
export let archiveHome: string;
beforeEach(() => {
  archiveHome = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-archive-'));
  mkdirSync(path.join(archiveHome, 'archived_sessions'));
});
afterEach(() => rmSync(archiveHome, { recursive: true }));

/** A thread’s id, by a letter: of half a minute before its lines. */
export const archivedId = (letter: string) => `01a21000-0000-7000-8000-00000000000${letter}`;

/** Writes a thread's recording, all its lines of one moment. @returns the file */
export function archiveThread(letter: string, lines: readonly (readonly [string, object])[]): string {
  const name = `rollout-2026-11-25T00-00-00-${archivedId(letter)}.jsonl`;
  const file = path.join(archiveHome, 'archived_sessions', name);
  const timestamp = '2026-11-25T00:00:00.000Z';
  writeFileSync(
    file,
    lines.map(([type, payload]) => `${JSON.stringify({ timestamp, type, payload })}\n`).join(''),
  );
  return file;
}
