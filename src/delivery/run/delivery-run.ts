import { resolveDestination } from '../../mlflow/destination.js';
import { forgetExperimentIds } from '../../mlflow/experiment-lookup.js';
import type { Destination } from '../../mlflow/server.js';
import type { ExportOutcome } from '../../otlp/export-outcome.js';
import type { Sender } from '../../otlp/sender.js';
import { compact } from '../../platform/json.js';
import {
  isSamePlace,
  placeInEnvironment,
  placeOf,
  type Whereabouts,
  whereaboutsOf,
} from '../../settings/place-of-turns.js';
import { resolveSettings, type SettingsResult } from '../../settings/resolve-settings.js';
import type { RunContext } from '../../settings/run-context.js';
import { openSender } from '../sending/open-sender.js';
import { RETRY_PAUSE_MS, RetryBudget, RetryingSender } from '../sending/retrying-sender.js';
import type { Route } from '../sending/route.js';
import { destinationKey, heldUntil, holdServer, serverKey } from '../store/throttle.js';
import type { Delivery } from './delivery-port.js';
import type { PassState } from './pass-state.js';
import type { TurnReport } from './turn-report.js';

/** What a run of the hook or of `sync` is given. */
export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
  readonly userName: string;
  readonly codexHome: string;
  readonly stateDir: string;
  /** When the run must be over, in ms since the epoch; what is left then stays pending. */
  readonly deadlineMs: number;
  /** For one request. */
  readonly requestTimeoutMs: number;
  /** How long a recording that nobody has open must have been silent for its open turn to count as over. */
  readonly abandonedMs: number;
  /** What the pause before a second request is drawn from; 1 to 3 s where nothing is said. */
  readonly retryPauseMs?: readonly [min: number, max: number];
  /** Requests to a server that takes no turns; 2 where nothing is said. */
  readonly maxRequests?: number;
  /** Of turns that nobody announced, or whose announcement had none. */
  readonly runContext?: RunContext | undefined;
  /** Turns go to where this environment says, also those that were had in another one: a person has asked for it. */
  readonly anyPlace?: boolean;
  /** Ends the run before its time; what is under way is finished. */
  readonly signal?: AbortSignal;
  /** How the turns of a pass are sent; one by one where nothing is said. */
  readonly deliveryOf?: (run: DeliveryRun, state: PassState) => Delivery;
  /** Told of every turn that was tried. */
  readonly onTurn?: (report: TurnReport) => void;
}

/** With less than this a request would only be given up, after the server has taken it perhaps. */
const MIN_REQUEST_MS = 500;

/**
 * What one run shares between threads: routes by folder, connections by server, and which servers
 * have not answered, so that one that is down is tried once a run and not once a turn.
 */
export class DeliveryRun {
  readonly #reports: TurnReport[] = [];
  readonly #settings = new Map<string, Promise<SettingsResult>>();
  readonly #routes = new Map<string, Promise<Route>>();
  readonly #senders = new Map<string, Sender>();
  readonly #budgets = new Map<string, RetryBudget>();
  readonly #down = new Map<string, { reason: string; blocked: boolean }>();
  #retryInMs: number | undefined;
  #wantsLive = false;

  /** What the run's environment says of where turns go: see `placeInEnvironment`. */
  readonly environment: string;

  constructor(readonly options: RunOptions) {
    this.environment = placeInEnvironment(options.env);
  }

  /**
   * After how many ms, at the earliest, another run may send what this one could not: a server was there
   * but slow or overloaded, or asked to be left alone, or the time was too short. Undefined where
   * nothing tells that it could.
   */
  get retryInMs(): number | undefined {
    return this.#retryInMs;
  }

  /** A folder's settings want turns to be shown while they go on, and its server can show them. */
  get wantsLive(): boolean {
    return this.#wantsLive;
  }

  /** Every turn that was tried so far. */
  get reports(): readonly TurnReport[] {
    return this.#reports;
  }

  /** Takes down that a turn was tried, and tells who is to be told. */
  report(report: TurnReport): void {
    this.#reports.push(report);
    this.options.onTurn?.(report);
  }

  /** Milliseconds until the run must be over. */
  remainingMs(): number {
    return this.options.deadlineMs - Date.now();
  }

  /** Time for one request; nothing where there is not enough for any. */
  requestMs(): number {
    if (this.options.signal?.aborted) return 0;
    const left = this.remainingMs() - 200;
    if (left >= MIN_REQUEST_MS) return Math.min(this.options.requestTimeoutMs, left);
    this.#noteRetry(0);
    return 0;
  }

  route(cwd: string): Promise<Route> {
    let route = this.#routes.get(cwd);
    if (!route) {
      route = this.#findRoute(cwd);
      this.#routes.set(cwd, route);
    }
    return route;
  }

  /**
   * Whether a thread's turns go where this run would send them: see `isSamePlace`. Asks no server.
   * @param place what is known of the thread's; undefined where nothing is
   * @param cwd its folder
   */
  async isPlaceOf(place: string | undefined, cwd: string): Promise<boolean> {
    return place === undefined || isSamePlace(place, this.environment, await this.#whereabouts(cwd));
  }

  /** What is to be kept with a thread that this run sends. @param cwd its folder */
  async placeOf(cwd: string): Promise<string> {
    return placeOf(this.environment, await this.#whereabouts(cwd));
  }

  /** Why a server is not to be tried now, if so. */
  obstacle(destination: Destination): { reason: string; blocked: boolean } | undefined {
    const down = this.#down.get(destinationKey(destination)) ?? this.#down.get(serverKey(destination));
    if (down) return down;
    const spent = this.#budgetOf(destination).spent;
    if (spent !== undefined) return { reason: spent, blocked: false };
    const holdMs = heldUntil(this.options.stateDir, destination, Date.now()) - Date.now();
    if (holdMs <= 0) return undefined;
    this.#noteRetry(holdMs);
    return { reason: 'the server asked to wait', blocked: false };
  }

  /** Remembers that a server did not take a turn for reasons that are not the turn's. */
  openCircuit(destination: Destination, outcome: ExportOutcome & { kind: 'pending' }): void {
    const { reason, blocked, transient, retryAfterMs } = outcome;
    if (transient) this.#noteRetry(retryAfterMs ?? 0);
    // What somebody must mend may be the experiment's alone; a server that does not answer, does not for any.
    this.#down.set(blocked ? destinationKey(destination) : serverKey(destination), { reason, blocked });
    if (reason === '404') forgetExperimentIds(this.options.stateDir);
    if (retryAfterMs) holdServer(this.options.stateDir, destination, { retryAfterMs, nowMs: Date.now() });
  }

  #noteRetry(inMs: number): void {
    this.#retryInMs = Math.min(inMs, this.#retryInMs ?? inMs);
  }

  /** Ends its connections. */
  close(): void {
    for (const sender of this.#senders.values()) sender.close();
  }

  async #whereabouts(cwd: string): Promise<Whereabouts | undefined> {
    const found = await this.#settingsOf(cwd);
    return found.kind === 'settings' ? whereaboutsOf(found.settings, this.options.env) : undefined;
  }

  #settingsOf(cwd: string): Promise<SettingsResult> {
    const { env, homeDir, userName, codexHome } = this.options;
    const known = this.#settings.get(cwd) ?? resolveSettings({ env, cwd, codexHome, homeDir, userName });
    this.#settings.set(cwd, known);
    return known;
  }

  async #findRoute(cwd: string): Promise<Route> {
    const { env, homeDir } = this.options;
    const found = await this.#settingsOf(cwd);
    if (found.kind === 'untraced') return { kind: 'skip', outcome: 'untraced', detail: found.reason };
    if (found.kind === 'disabled') return { kind: 'skip', outcome: 'disabled', detail: found.by };
    if (found.kind === 'broken') return { kind: 'problem', detail: found.message };
    const target = await resolveDestination(found.settings, env, homeDir);
    if (target.kind === 'problem') {
      if (target.server === 'slow') this.#noteRetry(0);
      return { kind: 'problem', detail: target.message, ...(target.server && { passes: true }) };
    }
    this.#wantsLive ||= found.settings.live === true && target.destination.server !== 'databricks';
    const key = destinationKey(target.destination);
    const sender = this.#senders.get(key) ?? (await this.#senderOf(target.destination));
    this.#senders.set(key, sender);
    return { kind: 'deliver', settings: found.settings, destination: target.destination, sender };
  }

  async #senderOf(destination: Destination): Promise<Sender> {
    const { retryPauseMs: pauseMs = RETRY_PAUSE_MS, signal } = this.options;
    const remainingMs = () => this.remainingMs();
    const requestMs = () => this.requestMs();
    const limits = compact({ pauseMs, remainingMs, requestMs, signal });
    return new RetryingSender(
      await openSender(destination, this.options),
      this.#budgetOf(destination),
      limits,
    );
  }

  #budgetOf(destination: Destination): RetryBudget {
    const key = serverKey(destination);
    const budget = this.#budgets.get(key) ?? new RetryBudget(this.options.maxRequests);
    this.#budgets.set(key, budget);
    return budget;
  }
}
