import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../fixtures/rollouts', import.meta.url));

/** A line of a recording, as it was recorded. */
interface Line {
  readonly timestamp: string;
}

/**
 * Recordings of a fixture that are written anew into a Codex home, line by line, as if their turns went on
 * now: all times are moved, and the first was 20 seconds ago.
 */
export function replayed(
  fixture: string,
  codexHome: string,
): { playUntil(isThere: (line: Line) => boolean): void } {
  const folder = path.join(root, fixture);
  const files = readdirSync(folder).filter((name) => name.startsWith('rollout-'));
  const lines = files.map((name) => readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n'));
  const firstMs = Math.min(...lines.flat().map((line) => Date.parse((JSON.parse(line) as Line).timestamp)));
  const shiftMs = Date.now() - 20_000 - firstMs;
  return {
    playUntil(isThere) {
      for (const [index, name] of files.entries()) {
        const [, day = ''] = name.match(/^rollout-(\d{4}-\d{2}-\d{2})/) ?? [];
        const place = path.join(codexHome, 'sessions', ...day.split('-'));
        const there = (lines[index] ?? []).filter((line) => isThere(JSON.parse(line) as Line));
        if (there.length === 0) continue;
        mkdirSync(place, { recursive: true });
        writeFileSync(path.join(place, name), there.map((line) => `${moved(line, shiftMs)}\n`).join(''));
      }
    },
  };
}

function moved(line: string, byMs: number): string {
  return line
    .replace(
      /"timestamp":"([^"]+)"/,
      (_, time) => `"timestamp":"${new Date(Date.parse(time) + byMs).toISOString()}"`,
    )
    .replace(/"(started_at_ms|completed_at_ms)":(\d+)/g, (_, key, ms) => `"${key}":${Number(ms) + byMs}`);
}
