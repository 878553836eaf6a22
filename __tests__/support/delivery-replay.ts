import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadIdOf } from '../../scripts/lab/codex.mjs';
import type { DeliveryHome } from './delivery-home.js';

interface Line {
  readonly text: string;
  /** Never less than the line's before it. */
  readonly ms: number;
  readonly type: string;
  readonly payload: { readonly [key: string]: unknown };
}

interface Recording {
  readonly name: string;
  readonly threadId: string;
  readonly lines: readonly Line[];
}

/** An announcement of a fixture, and the moment it was made. */
export interface Moment {
  readonly payload: string;
  readonly ms: number;
}

/** A fixture played again: its recordings grow as they once did, in the hands of a process that has them open. */
export class Replay {
  readonly #recordings: readonly Recording[];
  readonly #writers = new Map<string, ChildProcess>();

  constructor(readonly fixture: string) {
    this.#recordings = readdirSync(fixture)
      .filter((name) => name.startsWith('rollout-'))
      .sort()
      .map((name) => readRecording(path.join(fixture, name)));
  }

  get threadIds(): string[] {
    return [...new Set(this.#recordings.map(({ threadId }) => threadId))];
  }

  /** What was announced, in Codex's order, each with the time of its turn's last line. */
  moments(): Moment[] {
    const file = path.join(this.fixture, 'notify.json');
    if (!existsSync(file)) return [];
    const from = new Map<string, number>();
    return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[]).flatMap((payload) => {
      // A thread that was rewound has more than one recording.
      for (const { name, threadId, lines } of this.#recordings) {
        if (threadId !== payload['thread-id']) continue;
        const at = endOf(lines, payload, from.get(name) ?? 0);
        const ms = lines[at]?.ms;
        if (ms === undefined) continue;
        from.set(name, at + 1);
        return [{ payload: JSON.stringify({ ...payload, cwd: '/' }), ms }];
      }
      return [];
    });
  }

  /** Puts into a home what had been written by then. */
  grow(home: DeliveryHome, untilMs: number): void {
    for (const { name, lines } of this.#recordings) {
      const text = lines.flatMap((line) => (line.ms <= untilMs ? [`${line.text}\n`] : [])).join('');
      if (text === '') continue;
      const file = path.join(folderOf(home, name), name);
      writeFileSync(file, text);
      if (this.#writers.has(file)) continue;
      const open = openSync(file, 'a');
      this.#writers.set(file, spawn('sleep', ['600'], { stdio: ['ignore', open, 'ignore'] }));
      closeSync(open);
    }
  }

  /** Ends the process that has the recordings open. */
  async close(): Promise<void> {
    for (const writer of this.#writers.values()) {
      const closed = once(writer, 'close');
      writer.kill('SIGKILL');
      await closed;
    }
    this.#writers.clear();
    await sleep(0);
  }
}

function readRecording(file: string): Recording {
  let before = 0;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text): Line => {
      const { timestamp, type, payload } = JSON.parse(text);
      before = Math.max(before, Date.parse(timestamp) || before);
      return { text, ms: before, type, payload };
    });
  return { name: path.basename(file), threadId: threadIdOf(file), lines };
}

/** Where an announced turn ends: at its end line, or, where there are none (up to 0.80), at its answer. */
function endOf(lines: readonly Line[], announced: Record<string, unknown>, from: number): number {
  const turnId = String(announced['turn-id']);
  if (/^\d*$/.test(turnId)) {
    const answer = announced['last-assistant-message'];
    const said = lines.findIndex(
      ({ payload }, index) =>
        index >= from && payload['type'] === 'agent_message' && payload['message'] === answer,
    );
    return said < 0 ? lines.length - 1 : said;
  }
  return lines.findIndex(
    ({ payload }) =>
      /^(task_complete|turn_aborted)$/.test(String(payload['type'])) && payload['turn_id'] === turnId,
  );
}

/** The folder of a recording's day in a home, made where it is not there. */
export function folderOf(home: DeliveryHome, name: string): string {
  const [, ...day] = /rollout-(\d{4})-(\d\d)-(\d\d)T/.exec(name) ?? [];
  const folder = path.join(home.codexHome, 'sessions', ...day);
  mkdirSync(folder, { recursive: true });
  return folder;
}
