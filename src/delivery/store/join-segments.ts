import { compact } from '../../platform/json.js';
import { loadThreadState } from './state-file.js';
import { isBefore, type ThreadState } from './thread-state.js';

/**
 * Version 1 kept a segment's state under the segment's id, as if it were a thread's. Takes such states
 * into the thread's own, so that nothing they say was sent is sent again.
 * @param keys the files of the thread's recording
 * @returns the state, and the segments whose own states can go once it is saved
 */
export function joinSegmentStates(
  stateDir: string,
  threadId: string,
  keys: readonly string[],
  own: ThreadState | undefined,
): { state: ThreadState | undefined; joined: string[] } {
  let state = own;
  const joined: string[] = [];
  for (const key of keys) {
    if (key === threadId) continue;
    const loaded = loadThreadState(stateDir, threadId, key);
    if (loaded.kind !== 'state' || loaded.state.origin.file !== key) continue;
    joined.push(key);
    if (!state?.files[key]) state = state ? join(state, loaded.state, key) : loaded.state;
  }
  return { state, joined };
}

function join(state: ThreadState, segment: ThreadState, key: string): ThreadState {
  const cursor = segment.files[key];
  return {
    ...state,
    origin: isBefore(state.threadId, segment.origin, state.origin) ? segment.origin : state.origin,
    files: cursor ? { ...state.files, [key]: cursor } : state.files,
    delivered: state.delivered + segment.delivered,
    turns: [...state.turns, ...segment.turns],
    ...compact({ waiting: state.waiting ?? segment.waiting }),
  };
}
