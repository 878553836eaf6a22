import { readFileSync } from 'node:fs';
import { ThreadFile } from './delivery-thread.js';

/** Appends a turn. @returns its id, and where it begins and ends in its file */
export function turnIn(thread: ThreadFile, outcome: Parameters<ThreadFile['turn']>[0] = 'complete') {
  const start = sizeOf(thread.path);
  const turnId = thread.turn(outcome);
  return { start, end: sizeOf(thread.path), turnId };
}

/** A thread with two turns in its first file and two in a second one, whose key is told. */
export function rewoundThread(folder: string) {
  const thread = new ThreadFile(folder);
  const first = thread.path;
  const turns = [turnIn(thread), turnIn(thread)];
  const key = thread.rewind();
  turns.push(turnIn(thread), turnIn(thread));
  return { thread, turns, key, first, second: thread.path };
}

function sizeOf(file: string): number {
  return readFileSync(file).length;
}
