import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { RecordedTurn } from '../../codex/reading/read-turns.js';
import { RunningTurn } from '../../codex/reading/running-turn.js';
import { isAbandoned } from '../../codex/recordings/recording-life.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import type { CommandIo } from '../../terminal/io.js';
import { openCalls } from '../../turn/tools/open-calls.js';

/** From one look at the recording to the next, in ms. */
const LOOK_MS = 500;
/** A turn in which nothing is written for so long has nobody who writes it, where nobody has its file open, in ms. */
const ABANDONED_MS = 60_000;

/** How a turn that goes on is drawn. */
export interface Drawing {
  /** The turn as far as it is written, as spans, its agents' included. */
  prepare(turn: RecordedTurn): Promise<readonly SpanSpec[]>;
  render(specs: readonly SpanSpec[]): string;
}

/**
 * Draws the last turn of a recording again and again while it goes on. Where stdout is no terminal it only
 * waits. @returns once the turn is over, with nothing of it left on the screen; at once where none goes on
 */
export async function followTurn(file: string, io: CommandIo, drawing: Drawing): Promise<void> {
  const running = await RunningTurn.find(file);
  let drawn = 0;
  const clear = () => {
    if (drawn > 0) io.stdout.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  while (running && !running.isOver) {
    await running.readOn();
    const life = { lastLineMs: running.lastLineMs, nowMs: Date.now(), abandonedMs: ABANDONED_MS };
    if (running.isOver || (await isAbandoned(file, life))) break;
    const { segment, meta } = running;
    if (segment && io.isTTY) {
      const specs = await drawing.prepare({ segment, meta });
      const lines = fitting(drawing.render(upToNow(specs, openCalls(segment.events))), io);
      clear();
      io.stdout.write(`${lines.join('\n')}\n`);
      drawn = lines.reduce((rows, line) => rows + rowsOf(line, io), 0);
    }
    await sleep(LOOK_MS);
  }
  clear();
}

/** What is under way lasts until now. */
function upToNow(specs: readonly SpanSpec[], open: ReadonlySet<string>): SpanSpec[] {
  const nowMs = Date.now();
  const isOpen = ({ attributes }: SpanSpec) => open.has(String(attributes['gen_ai.tool.call.id']));
  return specs.map((spec, index) => (index === 0 || isOpen(spec) ? { ...spec, endMs: nowMs } : spec));
}

/** How many rows of the terminal a line takes. */
function rowsOf(line: string, { stdout }: CommandIo): number {
  const columns = 'columns' in stdout && typeof stdout.columns === 'number' ? stdout.columns : 100;
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
}

/** The lines that the terminal has room for: the first, and the newest. */
function fitting(text: string, { stdout }: CommandIo): string[] {
  const rows = 'rows' in stdout && typeof stdout.rows === 'number' ? stdout.rows : 24;
  const lines = text.trimEnd().split('\n');
  return lines.length < rows ? lines : [...lines.slice(0, 1), '…', ...lines.slice(3 - rows)];
}
