import type { DeliverRoute } from '../../src/delivery/sending/route.js';
import type { Destination } from '../../src/mlflow/server.js';
import type { ExportOutcome } from '../../src/otlp/export-outcome.js';
import type { Sender, SendOptions } from '../../src/otlp/sender.js';
import { mergeSettings, type Settings } from '../../src/settings/merge-settings.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

/** What a sender was asked for. */
export interface AskedFor {
  readonly specs: readonly SpanSpec[];
  readonly serviceVersion: string | undefined;
  readonly options: SendOptions;
}

/** A sender that answers as a test wants, and notes what it was asked for. */
export class ScriptedSender implements Sender {
  readonly asked: AskedFor[] = [];
  takesParts = true;
  /** What goes compressed unless it must not. */
  compresses: (specs: readonly SpanSpec[]) => boolean = () => false;

  /** @param answers one a request; after the last one everything is taken */
  constructor(readonly answers: readonly ExportOutcome[] = []) {}

  async send(specs: readonly SpanSpec[], serviceVersion: string | undefined, options: SendOptions) {
    this.asked.push({ specs, serviceVersion, options });
    return this.answers[this.asked.length - 1] ?? { kind: 'sent' as const };
  }

  close(): void {}
}

/** Settings of a user who has set nothing but the address. */
export function plainSettings(more: Partial<Settings> = {}): Settings {
  const env = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000' };
  const merged = mergeSettings({ env, project: undefined, user: undefined, userName: 'ada' });
  if (merged.kind !== 'settings') throw new Error(merged.kind);
  return { ...merged.settings, ...more };
}

/** The way of a turn to a sender of a test's own. */
export function routeTo(sender: Sender, settings: Partial<Settings> = {}): DeliverRoute {
  const destination: Destination = {
    url: 'http://127.0.0.1:5000/v1/traces',
    trackingUri: 'http://127.0.0.1:5000',
    experimentId: '0',
    headers: {},
    compression: 'none',
    tls: {},
    server: 'mlflow',
  };
  return { kind: 'deliver', settings: plainSettings(settings), destination, sender };
}
