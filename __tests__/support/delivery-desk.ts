import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DeliveryRun, type RunOptions } from '../../src/delivery/run/delivery-run.js';
import { PassState } from '../../src/delivery/run/pass-state.js';
import type { DeliverRoute } from '../../src/delivery/sending/route.js';
import { newState, type ThreadState } from '../../src/delivery/store/thread-state.js';
import { MemoryStore } from '../../src/delivery/store/thread-store.js';
import type { Destination } from '../../src/mlflow/server.js';
import type { ExportOutcome } from '../../src/otlp/export-outcome.js';
import type { Sender, SendOptions } from '../../src/otlp/sender.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

/** The state of thread `t`, which has one file, up to a place in it. */
export function stateOf(cursor: number, more: Partial<ThreadState> = {}): ThreadState {
  return { ...newState('t', { file: 't', start: 0 }), files: { t: { cursor } }, ...more };
}

/** What a sender was given. */
export interface DeskRequest {
  readonly specs: readonly SpanSpec[];
  readonly version: string | undefined;
  readonly options: SendOptions;
}

/** Where turns go to whose answers a test has written down: the last one stands for all after it. */
class WrittenAnswers implements Sender {
  readonly requests: DeskRequest[] = [];
  takesParts = true;

  constructor(readonly answers: readonly ExportOutcome[]) {}

  async send(specs: readonly SpanSpec[], version: string | undefined, options: SendOptions) {
    this.requests.push({ specs, version, options });
    return this.answers[this.requests.length - 1] ?? this.answers.at(-1) ?? ({ kind: 'sent' } as const);
  }

  compresses(): boolean {
    return false;
  }

  close(): void {}
}

/** A store in memory that counts, and that can be told to take nothing, or to be another's. */
class DeskStore extends MemoryStore {
  saves = 0;
  finished = 0;
  /** So many more saves are taken. */
  takes = Number.POSITIVE_INFINITY;
  ours = true;

  override save(state: ThreadState): void {
    if (this.saves >= this.takes) throw new Error('EROFS');
    this.saves++;
    super.save(state);
  }

  override finish(): void {
    this.finished++;
  }

  override isOurs(): boolean {
    return this.ours;
  }
}

export const DESK_DESTINATION: Destination = {
  url: 'http://127.0.0.1:1/v1/traces',
  trackingUri: 'http://127.0.0.1:1',
  experimentId: '0',
  headers: {},
  compression: 'none',
  server: 'mlflow',
  tls: {},
};

/** A folder that is not there, until something is written into it. */
function newStateDir(): string {
  return path.join(os.tmpdir(), `mlflow-codex-${randomUUID()}`);
}

/**
 * All that a turn is delivered with, without a file or a server: a run, a thread's state, and a route
 * whose answers are written down.
 */
export async function deliveryDesk({
  answers = [{ kind: 'sent' }],
  state = {},
  options = {},
  owner = {},
}: {
  answers?: readonly ExportOutcome[];
  state?: Partial<ThreadState>;
  options?: Partial<RunOptions>;
  owner?: Partial<DeliverRoute['settings']['owner']>;
} = {}) {
  const stateDir = newStateDir();
  const run = new DeliveryRun({
    env: {},
    homeDir: stateDir,
    userName: 'ada',
    codexHome: stateDir,
    stateDir,
    deadlineMs: Number.POSITIVE_INFINITY,
    requestTimeoutMs: 1000,
    abandonedMs: 0,
    ...options,
  });
  const env = { MLFLOW_TRACKING_URI: DESK_DESTINATION.trackingUri };
  const places = { codexHome: stateDir, homeDir: stateDir, userName: 'ada' };
  const found = await resolveSettings({ env, cwd: stateDir, ...places });
  if (found.kind !== 'settings') throw new Error(found.kind);
  const settings = { ...found.settings, owner: { ...found.settings.owner, ...owner } };
  const sender = new WrittenAnswers(answers);
  const route: DeliverRoute = { kind: 'deliver', settings, destination: DESK_DESTINATION, sender };
  const store = new DeskStore();
  const thread: ThreadState = { ...newState('t', { file: 't', start: 0 }), ...state };
  const pass = new PassState(store, thread, thread);
  /** The state as it is kept; undefined where nothing was saved. */
  const kept = () => {
    const loaded = store.load('t');
    return loaded.kind === 'state' ? loaded.state : undefined;
  };
  return {
    run,
    route,
    sender,
    store,
    pass,
    kept,
    stateDir,
    clear: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}
