import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { parseNotifyPayload } from '../../src/codex/notify-payload.js';
import { deliverAnnounced } from '../../src/delivery/announced/deliver-announced.js';
import { deliverSessionEnd } from '../../src/delivery/announced/deliver-session-end.js';
import type { HookOutcome } from '../../src/delivery/announced/hook-outcome.js';
import { catchUp } from '../../src/delivery/pass/catch-up.js';
import { DeliveryRun, type RunOptions } from '../../src/delivery/run/delivery-run.js';
import { parseThreadState } from '../../src/delivery/store/parse-state.js';
import type { ThreadState, TurnEntry, TurnStatus } from '../../src/delivery/store/thread-state.js';
import { ThreadFile } from './delivery-thread.js';
import { removeFolder } from './remove-folder.js';

/** A Codex home of a test's own, and a server that takes what is sent, or does not. */
export class DeliveryHome {
  private constructor(
    readonly codexHome: string,
    readonly receiver: OtlpReceiver,
  ) {}

  /** @param options.host where the server listens; by default on 127.0.0.1 */
  static async make(options: { host?: string } = {}): Promise<DeliveryHome> {
    const home = new DeliveryHome(await makeTemporaryFolder(), await startOtlpReceiver(options));
    home.sendTo(home.receiver.url);
    return home;
  }

  get stateDir(): string {
    return path.join(this.codexHome, 'mlflow-codex');
  }

  sendTo(trackingUri: string, experiment: object = { experimentId: '0' }): void {
    writeFileSync(
      path.join(this.codexHome, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri, ...experiment }),
    );
  }

  thread(startMs?: number): ThreadFile {
    return new ThreadFile(this.codexHome, startMs);
  }

  run(options: Partial<RunOptions> = {}): DeliveryRun {
    return new DeliveryRun({
      env: {},
      homeDir: this.codexHome,
      userName: 'ada',
      codexHome: this.codexHome,
      stateDir: this.stateDir,
      deadlineMs: Date.now() + 15_000,
      // A busy machine takes a second for an answer now and then: the turn would be sent twice.
      requestTimeoutMs: 5000,
      abandonedMs: 5 * 60_000,
      retryPauseMs: [0, 5],
      ...options,
    });
  }

  /** What the hook's process does, in this one. */
  async hook(payloadText: string, options: Partial<RunOptions> = {}): Promise<HookOutcome> {
    const parsed = parseNotifyPayload(payloadText);
    if (parsed.kind !== 'turn') throw new Error(`not a turn: ${parsed.kind}`);
    const run = this.run(options);
    try {
      const outcome = parsed.payload.isSessionEnd
        ? await deliverSessionEnd(run, parsed.payload)
        : await deliverAnnounced(run, parsed.payload);
      await catchUp(run, parsed.payload.threadId);
      return outcome;
    } finally {
      run.close();
    }
  }

  /** The turns that arrived, by `codex.turn.id`, in the order of arrival; a turn sent twice is there twice. */
  arrived(): string[] {
    return this.receiver.spans().flatMap((span) => {
      const turnId = span.attributes['codex.turn.id'];
      return typeof turnId === 'string' ? [turnId] : [];
    });
  }

  /** Lets the server answer everything with a status from now on. */
  answer(status: number, headers: Record<string, string> = {}, body = ''): void {
    this.receiver.answerWith({ status, headers, body });
  }

  state(threadId: string): ThreadState {
    const parsed = parseThreadState(
      readFileSync(path.join(this.stateDir, 'threads', `${threadId}.json`), 'utf8'),
      threadId,
    );
    if (parsed.kind !== 'state') throw new Error(`the state is ${parsed.kind}`);
    return parsed.state;
  }

  /** What the state says of turns one by one. */
  turns(threadId: string, status: TurnStatus): TurnEntry[] {
    return this.state(threadId).turns.filter((turn) => turn.status === status);
  }

  hasState(threadId: string): boolean {
    return existsSync(path.join(this.stateDir, 'threads', `${threadId}.json`));
  }

  hasStateDir(): boolean {
    return existsSync(this.stateDir);
  }

  async close(): Promise<void> {
    await this.receiver.close();
    // A process that was left behind may be writing its last file.
    removeFolder(this.codexHome);
  }
}
