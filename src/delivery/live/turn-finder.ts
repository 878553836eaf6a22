import { stat } from 'node:fs/promises';
import path from 'node:path';
import { RunningTurn } from '../../codex/reading/running-turn.js';
import { allDayFolders, namesIn } from '../../codex/recordings/recording-folders.js';
import { parseRecordingName } from '../../codex/recordings/recording-name.js';
import { isCompressed } from '../../codex/recordings/recording-stream.js';

/** A turn that has been silent for longer when the watcher begins is found once it writes again. */
const FIRST_LOOK_MS = 60 * 60 * 1000;
/** Threads begun in the last days: Codex files by local day, and ids are UTC. */
const NEW_FOLDERS = 2;
/** Old threads that are resumed lie in old folders: all are looked through once in this time, in ms. */
const EVERY_FOLDER_MS = 60_000;
/** And no more than this share of the time is spent on it, however many there are. */
const SHARE = 100;
/** Clocks of file systems and machines differ. */
const CLOCK_MS = 60_000;

/** Finds turns that go on, by the recordings that have been written to. */
export class TurnFinder {
  /** Files that were looked into, and how large they were. */
  readonly #seen = new Map<string, { size: number; modifiedMs: number }>();
  #sinceMs: number;
  #allAtMs = 0;

  constructor(
    readonly codexHome: string,
    nowMs: number,
  ) {
    this.#sinceMs = nowMs - FIRST_LOOK_MS;
  }

  /**
   * The turns that go on in recordings that have been written to since the last look.
   * @param followed files that need no look: their turns are known to go on
   */
  async look(nowMs: number, followed: ReadonlySet<string>): Promise<RunningTurn[]> {
    const folders = await allDayFolders(this.codexHome);
    const isForAll = nowMs >= this.#allAtMs;
    const found: RunningTurn[] = [];
    for (const folder of isForAll ? folders : folders.slice(0, NEW_FOLDERS))
      found.push(...(await this.#lookInto(folder, followed)));
    if (!isForAll) return found;
    this.#allAtMs = nowMs + Math.max(EVERY_FOLDER_MS, SHARE * (Date.now() - nowMs));
    this.#sinceMs = nowMs - CLOCK_MS;
    for (const [file, { modifiedMs }] of this.#seen) if (modifiedMs < this.#sinceMs) this.#seen.delete(file);
    return found;
  }

  async #lookInto(folder: string, followed: ReadonlySet<string>): Promise<RunningTurn[]> {
    const found: RunningTurn[] = [];
    for (const name of await namesIn(folder)) {
      const file = path.join(folder, name);
      if (!parseRecordingName(name) || isCompressed(name) || followed.has(file)) continue;
      if (!(await this.#hasChanged(file))) continue;
      // A file that cannot be read, or has gone, holds no turn that anybody could show.
      const turn = await RunningTurn.find(file).catch(() => undefined);
      if (turn) found.push(turn);
    }
    return found;
  }

  async #hasChanged(file: string): Promise<boolean> {
    const now = await stat(file).catch(() => undefined);
    if (!now || now.mtimeMs < this.#sinceMs || this.#seen.get(file)?.size === now.size) return false;
    this.#seen.set(file, { size: now.size, modifiedMs: now.mtimeMs });
    return true;
  }
}
