import { describe, expect, test } from '@jest/globals';
import { openPorts, openThread, type ThreadOptions } from '../../../src/delivery/pass/open-thread.js';
import type { ThreadRecording } from '../../../src/delivery/recording/recording-port.js';
import type { RunOptions } from '../../../src/delivery/run/delivery-run.js';
import type { Announcement } from '../../../src/delivery/store/inbox.js';
import { appendLog } from '../../../src/delivery/store/journal.js';
import type { LoadedState } from '../../../src/delivery/store/state-file.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { MemoryStore } from '../../../src/delivery/store/thread-store.js';
import { paperThread } from '../../support/paper-thread.js';
import { home } from '../../support/test-home.js';

/** What a pass begins with, or why there is none; nothing is changed by that. */

class KnownStore extends MemoryStore {
  constructor(
    readonly loaded: LoadedState,
    readonly isJoined = false,
  ) {
    super();
  }
  override load(): LoadedState {
    return this.loaded;
  }
  override mustSave(): boolean {
    return this.isJoined;
  }
}

interface Scene {
  readonly loaded?: LoadedState;
  readonly announced?: readonly Partial<Announcement>[];
  readonly recording?: Partial<ThreadRecording>;
  readonly options?: ThreadOptions;
  readonly run?: Partial<RunOptions>;
  readonly isJoined?: boolean;
}

async function open({
  loaded = { kind: 'none' },
  announced = [],
  recording,
  options = {},
  run,
  isJoined,
}: Scene) {
  const mail = announced.map((more, index) => ({
    file: `mail${index}`,
    announcement: { threadId: 't', turnId: 'a', atMs: 1, ...more },
  }));
  const store = new KnownStore(loaded, isJoined);
  const ports = { recording: { ...paperThread({ t: ['a', 'b'] }), ...recording }, store, mail };
  const opened = await openPorts(home.run(run), ports, options);
  expect(opened.mail).toBe(mail);
  return opened;
}

const state = (more: Partial<ThreadState> = {}): LoadedState => ({
  kind: 'state',
  state: { ...newState('t', { file: 't', start: 0 }), ...more },
});
const kindOf = async (scene: Scene) => {
  const opened = await open(scene);
  return opened.kind === 'closed' ? opened.outcome : opened.kind;
};
const waiting = { since: '2026-01-01T00:00:00.000Z', reason: '503', blocked: false };
const listed = (status: 'retry' | 'skipped') => [{ file: 't', start: 0, turnId: 'a', status }];

describe('a thread is not opened', () => {
  test.each<[LoadedState, string]>([
    [{ kind: 'newer' }, 'its state was written by a newer version of mlflow-codex'],
    [{ kind: 'unreadable', code: 'EACCES' }, 'its state cannot be read (EACCES)'],
  ])('whose state may not be touched: %j', async (loaded, reason) => {
    const file = `${home.stateDir}/threads/t.json`;
    expect(await kindOf({ loaded, announced: [{}] })).toEqual({ kind: 'failed', reason, file });
  });

  test('that nothing announces, nothing is known of, and nobody asks for', async () => {
    expect(await kindOf({})).toEqual({ kind: 'unannounced' });
    expect(await kindOf({ options: { whole: true } })).toBe('open');
    expect(await kindOf({ announced: [{}] })).toBe('open');
    expect(await kindOf({ loaded: state() })).toBe('open');
    expect(await kindOf({ loaded: { kind: 'damaged' }, announced: [{ turnId: 'x' }] })).toEqual({
      kind: 'unannounced',
    });
  });

  test.each<[string, Scene, boolean]>([
    ['an announced turn', { announced: [{}] }, true],
    ['a turn to be passed by', { announced: [{ leaveOut: true }] }, false],
    ['a turn on the list', { loaded: state({ turns: listed('retry') }) }, true],
    ['a turn that was passed by', { loaded: state({ turns: listed('skipped') }) }, false],
    ['turns that wait', { loaded: state({ waiting }) }, true],
  ])('whose folder is not traced, and what it has pending is told: %s', async (_, scene, hasPending) => {
    const run = { env: { MLFLOW_CODEX_DISABLED: '1' } };
    expect(await kindOf({ ...scene, run })).toEqual({
      kind: 'skipped',
      why: 'disabled',
      reason: 'environment',
      hasPending,
    });
  });

  test('whose turns were had in another environment, unless a person asks for it', async () => {
    const place = home.run({ env: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' } }).environment;
    const elsewhere = { kind: 'elsewhere', hasPending: false };
    expect(await kindOf({ loaded: state({ place }) })).toEqual(elsewhere);
    expect(await kindOf({ loaded: state({ place, waiting }) })).toEqual({ ...elsewhere, hasPending: true });
    expect(await kindOf({ loaded: state({ place }), run: { anyPlace: true } })).toBe('open');
    expect(await kindOf({ announced: [{ place }] })).toEqual({ ...elsewhere, hasPending: true });
    // A turn of it is announced here.
    const here = home.run().environment;
    expect(await kindOf({ loaded: state({ place }), announced: [{ place: here }] })).toBe('open');
    expect(await kindOf({ loaded: state({ place }), announced: [{ place: here, leaveOut: true }] })).toEqual(
      elsewhere,
    );
  });
});

describe('an open thread', () => {
  const cwdOf = async (scene: Scene) => {
    const opened = await open(scene);
    return opened.kind === 'open' ? opened.state.cwd : undefined;
  };

  test('is in the folder that was announced last, else the known one, else the one that is asked for', async () => {
    const options = { cwd: '/asked', whole: true };
    const recording = { firstLine: async () => ({ cwd: '/recorded' }) as never };
    const loaded = state({ cwd: '/known' });
    const announced = [{ cwd: '/first' }, { cwd: '/last' }, { cwd: '/passed-by', leaveOut: true }];
    expect(await cwdOf({ announced, loaded, options, recording })).toBe('/last');
    expect(await cwdOf({ loaded, options, recording })).toBe('/known');
    expect(await cwdOf({ options, recording })).toBe('/asked');
    expect(await cwdOf({ options: { whole: true }, recording })).toBe('/recorded');
    expect(await cwdOf({ options: { whole: true } })).toBe(home.codexHome);
  });

  test('has its place, its way, and where its announced turns begin', async () => {
    const opened = await open({ announced: [{ cwd: '/a' }, { turnId: 'x' }], loaded: state() });
    if (opened.kind !== 'open') throw new Error(opened.outcome.kind);
    expect([...opened.located]).toMatchObject([['mail0', { file: 't', start: 0 }]]);
    expect(opened.state.place).toBe(await home.run().placeOf('/a'));
    expect(opened.state.turns).toMatchObject([{ turnId: 'a', status: 'enqueued' }]);
    expect(opened.route).toMatchObject({ kind: 'deliver', destination: { trackingUri: home.receiver.url } });
    expect(opened.stored).toEqual({ ...newState('t', { file: 't', start: 0 }) });
    expect(opened.isDamaged).toBe(false);
  });

  test('has nothing stored where its state is of several files’ states, is damaged, or is of another recording', async () => {
    const announced = [{}];
    const stored = async (scene: Scene) => {
      const opened = await open(scene);
      return opened.kind === 'open' && [opened.stored !== undefined, opened.isDamaged];
    };
    expect(await stored({ loaded: state(), announced })).toEqual([true, false]);
    expect(await stored({ loaded: state(), announced, isJoined: true })).toEqual([false, false]);
    expect(await stored({ loaded: { kind: 'damaged' }, announced })).toEqual([false, true]);
    const recording = { fits: async () => false };
    expect(await stored({ loaded: state(), announced, recording })).toEqual([false, false]);
  });

  test('is made of what the log tells: where there was none, only once something was sent', async () => {
    const turnId = '01a21080-0000-7000-8000-00000000000f';
    const log = (outcome: 'pending' | 'sent') =>
      appendLog(home.stateDir, {
        time: '2026-01-01T00:00:00.000Z',
        thread: 't',
        turn: turnId,
        outcome,
        ms: 1,
      });
    const recording = paperThread({ t: [turnId, 'b'] });
    const originOf = async (loaded: LoadedState) => {
      const opened = await open({ loaded, announced: [{ turnId: 'b' }], recording });
      return opened.kind === 'open' && [opened.state.origin.start, opened.state.delivered];
    };
    expect(await originOf({ kind: 'none' })).toEqual([10, 0]);
    log('pending');
    expect(await originOf({ kind: 'none' })).toEqual([10, 0]);
    expect(await originOf({ kind: 'damaged' })).toEqual([0, 0]);
    log('sent');
    expect(await originOf({ kind: 'none' })).toEqual([0, 1]);
  });
});

describe('a thread without a recording', () => {
  const threadId = '01a21080-0000-7000-8000-00000000000e';

  test('is told with its state, where that can be used', async () => {
    expect(await openThread(home.run(), threadId, {})).toEqual({
      kind: 'closed',
      outcome: { kind: 'no recording' },
      mail: [],
    });
  });

  test('may be a segment of another one', async () => {
    const thread = home.thread();
    const segment = thread.rewind();
    expect(await openThread(home.run(), segment, {})).toEqual({
      kind: 'closed',
      outcome: { kind: 'segment', threadId: thread.threadId },
      mail: [],
    });
  });
});
