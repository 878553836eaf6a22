import type { Drained } from '../../src/delivery/run/thread-outcome.js';
import { newState } from '../../src/delivery/store/thread-state.js';

/** What a pass over thread `t` came to that has sent one turn. */
export function drainedThread(more: Partial<Drained> = {}): Drained {
  return {
    kind: 'drained',
    state: newState('t', { file: 't', start: 0 }),
    sent: 1,
    rejected: 0,
    lost: 0,
    imported: 0,
    isLive: false,
    agents: [],
    sinceMs: 0,
    located: new Map(),
    ...more,
  };
}
