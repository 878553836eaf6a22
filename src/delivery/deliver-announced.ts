import { findRollout } from '../codex/find-rollout.js';
import { isTitleThread, type NotifyPayload } from '../codex/notify-payload.js';
import { hasTurnEnded, isUsableTurnId, readTurn } from '../codex/read-turns.js';
import type { Destination } from '../config/destination.js';
import type { Settings } from '../config/merge-settings.js';
import { SpanSender } from '../otlp/span-sender.js';
import { buildSpans, identityOf } from '../spans/build-spans.js';
import { sha256 } from './digest.js';
import { ephemeralTurn } from './ephemeral-turn.js';
import type { LogEntry } from './hook-log.js';
import { contentPolicy, prepareTurn } from './prepare-turn.js';

export async function deliverAnnounced(
  payload: NotifyPayload,
  codexHome: string,
  settings: Settings,
  destination: Destination,
): Promise<Pick<LogEntry, 'outcome' | 'detail'>> {
  const path = await findRollout(codexHome, payload.threadId);
  if (!path && isTitleThread(payload)) return { outcome: 'ignored', detail: 'title thread' };
  const options = {
    userId: settings.userId,
    tags: settings.tags,
    ...(payload.client ? { client: payload.client } : {}),
  };
  const policy = contentPolicy(settings);
  const sender = new SpanSender(destination);
  try {
    if (!path) {
      const turn = ephemeralTurn(payload, Date.now());
      const specs = buildSpans(turn, undefined, { root: identityOf(turn) }, options, policy, sha256);
      const result = await sender.send(specs, undefined, { timeoutMs: 10_000 });
      return result.kind === 'sent'
        ? { outcome: 'sent', detail: 'no recording' }
        : { outcome: 'lost', detail: result.kind };
    }
    if (isUsableTurnId(payload.turnId)) {
      const until = Date.now() + 500;
      while (!(await hasTurnEnded(path, payload.turnId)) && Date.now() < until)
        await new Promise((r) => setTimeout(r, 10));
    }
    const last = payload.inputMessages.at(-1);
    const recorded = await readTurn(path, {
      ...(payload.turnId === undefined ? {} : { turnId: payload.turnId }),
      ...(last === undefined ? {} : { prompt: last }),
      ...(payload.lastAssistantMessage === undefined ? {} : { answer: payload.lastAssistantMessage }),
    });
    if (!recorded) return { outcome: 'problem', detail: 'turn not found in the recording' };
    const prepared = await prepareTurn(recorded, codexHome, options, policy);
    const result = await sender.send(prepared.specs, prepared.serviceVersion, { timeoutMs: 10_000 });
    return result.kind === 'sent'
      ? { outcome: 'sent' }
      : { outcome: result.kind, detail: result.kind === 'refused' ? String(result.status) : result.reason };
  } finally {
    sender.close();
  }
}
