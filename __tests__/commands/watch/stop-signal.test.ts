import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type SignalSource, type Stop, stopSignal } from '../../../src/commands/watch/stop-signal.js';

/** A process's signals, and the codes that it was to end with. */
class Signals extends EventEmitter implements SignalSource {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

let signals: Signals;
beforeEach(() => {
  signals = new Signals();
});
/** Sends signals. @returns which of them nobody listens to: Node's own answer is to end */
const send = (...names: string[]) => names.filter((name) => !signals.emit(name));

const isStopped = ({ signal }: Stop) => signal.aborted;

describe('a watcher that a person has begun', () => {
  test.each(['SIGINT', 'SIGTERM'])('stops at %s, and at the second one does not wait', (signal) => {
    const stop = stopSignal(false, signals);
    expect(isStopped(stop)).toBe(false);
    expect(send(signal)).toEqual([]);
    expect([isStopped(stop), signals.exits]).toEqual([true, []]);
    send(signal);
    expect(signals.exits).toEqual([130]);
  });

  test('ends with its terminal', () => {
    stopSignal(false, signals);
    expect(send('SIGHUP')).toEqual(['SIGHUP']);
  });
});

describe('a watcher that a hook has left behind', () => {
  test('goes on after the Ctrl-C of a terminal, and after its end, until a service stops it', () => {
    const stop = stopSignal(true, signals);
    expect(send('SIGINT', 'SIGHUP', 'SIGINT')).toEqual([]);
    expect([isStopped(stop), signals.exits]).toEqual([false, []]);
    expect(send('SIGTERM')).toEqual([]);
    expect(isStopped(stop)).toBe(true);
  });
});

test.each([false, true])('afterwards signals are as they were (left behind: %j)', (isLeft) => {
  stopSignal(isLeft, signals).forget();
  expect(send('SIGINT', 'SIGTERM', 'SIGHUP')).toEqual(['SIGINT', 'SIGTERM', 'SIGHUP']);
});
