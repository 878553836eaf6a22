import type { LiveTurn } from '../../delivery/live/live-turn.js';

/** One line on a turn that is followed: what was shown of it, where, or why not. */
export function liveTurnLine(turn: LiveTurn): string {
  return `turn ${turn.turnId}: ${stateOf(turn)}`;
}

function stateOf({ notShown, stopped, overMs, spans, requests, link }: LiveTurn): string {
  const shown = `${spans} ${spans === 1 ? 'span' : 'spans'} in ${requests} ${requests === 1 ? 'request' : 'requests'}`;
  if (overMs !== undefined) return requests === 0 ? 'over' : `over; shown with ${shown}, and sent whole`;
  if (stopped !== undefined) return `nothing more is shown until it is over (${stopped})`;
  if (notShown !== undefined) return `not shown: ${notShown}`;
  return link === undefined ? shown : `${shown}, ${link}`;
}

/** Tells of turns line by line, with the time of day: of each as often as there is something else to say. */
export function turnTeller(write: (text: string) => void): (turn: LiveTurn) => void {
  const told = new Map<LiveTurn, string>();
  return (turn) => {
    const line = liveTurnLine(turn);
    if (told.get(turn) === line) return;
    told.set(turn, line);
    write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`);
  };
}

/** The same for `--json`. */
export function liveTurnJson(turn: LiveTurn): object {
  const { threadId, turnId, requests, spans, stopped, notShown, overMs, link } = turn;
  return {
    thread: threadId,
    turn: turnId,
    isOver: overMs !== undefined,
    requests,
    spans,
    stopped,
    notShown,
    link,
  };
}
