import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedTurn } from '../../codex/reading/read-turns.js';
import { RunningTurn } from '../../codex/reading/running-turn.js';
import { isAbandoned } from '../../codex/recordings/recording-life.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import type { CommandIo } from '../../terminal/io.js';
import { terminalSize } from '../../terminal/terminal-size.js';
import { openCalls } from '../../turn/tools/open-calls.js';
import { fitScreen } from './fit-screen.js';

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
  let drawn: number | undefined;
  const clear = () => {
    if (drawn !== undefined) io.stdout.write(`\u001b[${drawn}A\u001b[J`);
  };
  while (running && (await goesOn(running))) {
    const { segment, meta } = running;
    if (segment && io.isTTY) {
      const specs = await drawing.prepare({ segment, meta });
      const text = drawing.render(upToNow(specs, openCalls(segment.events), Date.now()));
      const { lines, rows } = fitScreen(text, terminalSize(io.stdout));
      clear();
      io.stdout.write(`${lines.join('\n')}\n`);
      drawn = rows;
    }
    await sleep(LOOK_MS);
  }
  clear();
}

/** Reads what was written since. @returns whether there will be more */
async function goesOn(running: RunningTurn): Promise<boolean> {
  await running.readOn();
  const life = { lastLineMs: running.lastLineMs, nowMs: Date.now(), abandonedMs: ABANDONED_MS };
  return !running.isOver && !(await isAbandoned(running.path, life));
}

/** What is under way lasts until now: the turn, and the calls that nothing has answered yet. */
export function upToNow(specs: readonly SpanSpec[], open: ReadonlySet<string>, nowMs: number): SpanSpec[] {
  const isOpen = ({ attributes }: SpanSpec) => open.has(String(attributes['gen_ai.tool.call.id']));
  return specs.map((spec, index) => (index === 0 || isOpen(spec) ? { ...spec, endMs: nowMs } : spec));
}
