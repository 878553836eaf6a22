import path from 'node:path';
import type { TraceLocation } from '../mlflow/databricks/target.js';
import { tokensDir } from '../mlflow/databricks/token-cache.js';
import { Workspace, type WorkspaceDestination } from '../mlflow/databricks/workspace.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import type { Sender, SendOptions } from '../otlp/sender.js';
import { asText, compact } from '../platform/json.js';
import { sha256 } from '../platform/sha256.js';
import { MLFLOW_SPAN_TYPE, MLFLOW_TRACE_TAG_PREFIX } from '../spans/mlflow-attributes.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { buildTraceFile, sendTraceInfo, uploadTraceFile } from './experiment-wire.js';
import { LocationFinder } from './find-location.js';
import { withCosts } from './trace/costs.js';
import { buildTraceInfo } from './trace/trace-info.js';
import { type RootExtras, type TraceRecord, TraceRecords } from './trace/trace-record.js';
import { type OpenSpanSender, sendSpans, sendUnityCatalogInfo } from './unity-catalog-wire.js';

/** What a sender needs of its surroundings. */
export interface DatabricksOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Our state folder; what a workspace has accepted is remembered below it. */
  readonly stateDir: string;
  readonly openSpanSender: OpenSpanSender;
  /** Keeps other processes off a trace while one sends it; undefined while another has it. */
  readonly lock: (key: string) => Promise<{ release: () => Promise<void> } | undefined>;
}

/** Everything one send works on. */
interface Sending {
  readonly specs: readonly SpanSpec[];
  readonly serviceVersion: string | undefined;
  /** The spans of the whole trace; none where its root is not over. */
  readonly gather: (threads: readonly string[]) => Promise<readonly SpanSpec[]>;
  readonly key: string;
  readonly left: () => number;
}

const POLL_MS = 50;

/**
 * Sends turns to a Databricks workspace. An experiment takes a trace whole, as an info and one file,
 * which is put again when a subagent's turn comes later; tables in Unity Catalog take spans like OTLP
 * and an info for the root. Steps that had their 2xx are remembered and not repeated.
 */
export class DatabricksSender implements Sender {
  /** A trace is put there whole, as one file. */
  readonly takesParts = false;
  readonly #workspace: Workspace;
  readonly #locations: LocationFinder;
  readonly #records: TraceRecords;
  readonly #options: DatabricksOptions;

  constructor(destination: WorkspaceDestination, options: DatabricksOptions) {
    const folder = path.join(options.stateDir, 'databricks');
    this.#options = options;
    this.#workspace = new Workspace(destination, options.env, tokensDir(options.stateDir));
    this.#locations = new LocationFinder(this.#workspace, path.join(folder, 'experiments'));
    this.#records = new TraceRecords(path.join(folder, 'traces'));
    this.#records.dropOld(Date.now());
  }

  async send(
    specs: readonly SpanSpec[],
    serviceVersion: string | undefined,
    { timeoutMs, wholeTrace }: SendOptions,
  ): Promise<ExportOutcome> {
    const untilMs = Date.now() + timeoutMs;
    const left = () => Math.max(1, untilMs - Date.now());
    try {
      const location = await this.#locations.find(left());
      if (location.kind !== 'location') return location;
      const key = this.#keyOf(specs, location.value);
      const lock = await this.#lockedUntil(key, untilMs);
      if (!lock) return waiting('another process has the trace in hand');
      try {
        const gather = async (threads: readonly string[]) =>
          wholeTrace ? withCosts((await wholeTrace(threads))?.specs ?? []) : [];
        const sending = { specs: withCosts(specs), serviceVersion, gather, key, left };
        const outcome = await this.#sendTo(location.value, sending);
        if (outcome.kind === 'pending' && outcome.reason === '404') this.#locations.forget();
        return outcome;
      } finally {
        await lock.release();
      }
    } catch (error) {
      const code = (error as { code?: unknown } | undefined)?.code;
      return { kind: 'pending', reason: typeof code === 'string' ? code : 'internal error', blocked: false };
    }
  }

  compresses(): boolean {
    return false;
  }

  close(): void {
    this.#workspace.close();
  }

  #sendTo(location: TraceLocation, sending: Sending): Promise<ExportOutcome> {
    return location.kind === 'experiment'
      ? this.#sendFile(location, sending)
      : this.#sendRows(location, sending);
  }

  /** To an experiment: the whole trace, unless the file that is there holds the turn already. */
  async #sendFile(
    location: Extract<TraceLocation, { kind: 'experiment' }>,
    { specs, gather, key, left }: Sending,
  ): Promise<ExportOutcome> {
    const record = this.#records.read(key);
    if (holds(record, specs)) return { kind: 'sent' };
    const whole = await gather(record.threads ?? []);
    const gathered = whole.map((spec) => withExtras(spec, record.root));
    const all = union(gathered, specs);
    const root = all.find(isRoot);
    if (root === undefined) return waiting('it goes with the turn it belongs to, which is not over yet');
    const trace = buildTraceFile(root, all, location);
    const info = digestOf(trace.info);
    if (record.info !== info) {
      const started = await sendTraceInfo(this.#workspace, trace, left());
      if (started.kind !== 'sent') return started;
      this.#records.write(key, { ...record, info });
    }
    const uploaded = await uploadTraceFile(this.#workspace, trace, left());
    if (uploaded.kind !== 'sent') return uploaded;
    const had = { ...having(record, specs), spanIds: idsOf(all), info, root: extrasOf(root) };
    this.#records.write(key, had);
    return uploaded;
  }

  /** To Unity Catalog: the turn's spans once, and for a root the info. */
  async #sendRows(
    location: Extract<TraceLocation, { kind: 'unity-catalog' }>,
    { specs, serviceVersion, gather, key, left }: Sending,
  ): Promise<ExportOutcome> {
    let record = this.#records.read(key);
    if (!holds(record, specs)) {
      const { openSpanSender } = this.#options;
      const options = { timeoutMs: left(), openSpanSender };
      const taken = await sendSpans(this.#workspace, location, specs, serviceVersion, options);
      if (taken.kind !== 'sent') return taken;
      record = having(record, specs);
      this.#records.write(key, record);
    }
    const root = specs.find(isRoot);
    if (root === undefined || record.info !== undefined) return { kind: 'sent' };
    const all = union(await gather(record.threads ?? []), specs);
    const outcome = await sendUnityCatalogInfo(this.#workspace, location, root, all, left());
    const info = digestOf(buildTraceInfo(root, all, location));
    if (outcome.kind === 'sent') this.#records.write(key, { ...record, info });
    return outcome;
  }

  #keyOf(specs: readonly SpanSpec[], location: TraceLocation): string {
    const where = sha256(`${this.#workspace.host}\n${JSON.stringify(location)}`).slice(0, 16);
    return `${specs[0]?.traceId ?? ''}-${where}`;
  }

  async #lockedUntil(key: string, untilMs: number) {
    for (;;) {
      const lock = await this.#options.lock(`trace-${key}`);
      if (lock || Date.now() >= untilMs) return lock;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** Whether the workspace has all these spans, and what came late of them as it is now. */
function holds({ spanIds, late = [] }: TraceRecord, specs: readonly SpanSpec[]): boolean {
  if (isLate(specs)) return late.includes(digestOf(specs));
  const known = new Set(spanIds);
  return specs.every(({ spanId }) => known.has(spanId));
}

/** The record with these spans in it. */
function having(record: TraceRecord, specs: readonly SpanSpec[]): TraceRecord {
  const spanIds = [...new Set([...record.spanIds, ...idsOf(specs)])];
  const late = isLate(specs) ? [...(record.late ?? []), digestOf(specs)] : record.late;
  const thread = asText(specs[0]?.attributes['codex.thread.id']);
  const threads = [...new Set([...(record.threads ?? []), ...(thread === undefined ? [] : [thread])])];
  return { ...record, spanIds, threads, ...compact({ late }) };
}

function isRoot({ parentSpanId }: SpanSpec): boolean {
  return parentSpanId === undefined;
}

/** What the root's recording does not tell: who announced it, and the tags and the caller of its run. */
function extrasOf({ attributes, links = [] }: SpanSpec): RootExtras {
  const told = Object.entries(attributes).flatMap(([key, value]) =>
    key === 'codex.client' || key.startsWith(MLFLOW_TRACE_TAG_PREFIX) ? [[key, String(value)]] : [],
  );
  return { attributes: Object.fromEntries(told), links };
}

function withExtras(spec: SpanSpec, extras: RootExtras | undefined): SpanSpec {
  if (!isRoot(spec) || extras === undefined) return spec;
  return { ...spec, attributes: { ...spec.attributes, ...extras.attributes }, links: extras.links };
}

/** Parts of a turn that was sent before: a turn's own spans begin with its AGENT. */
function isLate([first]: readonly SpanSpec[]): boolean {
  return first?.attributes[MLFLOW_SPAN_TYPE] !== 'AGENT';
}

/** All spans of the first list, those of the second in place of older ones or behind them. */
function union(all: readonly SpanSpec[], own: readonly SpanSpec[]): SpanSpec[] {
  const newest = new Map([...all, ...own].map((spec) => [spec.spanId, spec]));
  return [...newest.values()];
}

function idsOf(specs: readonly SpanSpec[]): string[] {
  return specs.map(({ spanId }) => spanId);
}

function digestOf(value: object): string {
  return sha256(JSON.stringify(value)).slice(0, 32);
}

function waiting(reason: string): ExportOutcome {
  return { kind: 'pending', reason, blocked: false, isTurns: true };
}
