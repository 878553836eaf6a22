import type { LocatedTurn, ThreadRecording } from './recording-port.js';

/** A recording as if it held one turn alone. */
export function oneTurnOf(recording: ThreadRecording, at: LocatedTurn): ThreadRecording {
  return {
    threadId: recording.threadId,
    files: recording.files,
    firstLine: () => recording.firstLine(),
    async *turns(cursorIn) {
      const from = cursorIn(at.file);
      const turn = from && from.cursor <= at.start ? await recording.turnAt(at) : undefined;
      if (turn) yield turn;
    },
    turnAt: (place) => recording.turnAt(place),
    turnById: (turnId) => recording.turnById(turnId),
    lateItemAt: (place) => recording.lateItemAt(place),
    locate: async () => at,
    fits: (state) => recording.fits(state),
  };
}
