import { UsageError } from '../../../platform/problems/usage-error.js';
import { isExperimentId, isTraceLocation } from '../../../settings/files/tracing-config.js';
import { readTrackingUri } from '../../../settings/files/tracking-uri.js';
import { parseOptions } from '../../../terminal/options.js';
import { SETUP_OPTIONS } from './setup-options.js';

export type Scope = 'project' | 'user' | 'system';

/** An experiment by its id or by its name: never both. */
export type Experiment = { id: string } | { name: string };

/** What the command line says; what it does not say is asked for, or taken from the present files. */
export interface SetupRequest {
  scope?: Scope;
  trackingUri?: string;
  experiment?: Experiment;
  traceLocation?: string;
  forwardExisting: boolean;
  /** Register a Stop hook too, and leave somebody else's notifier alone. */
  stopHook: boolean;
  /** Have turns shown while they go on, and a hook at each prompt see to it. */
  live: boolean;
  /** Approve the hook of our plugin for Codex. */
  trustPlugin: boolean;
  /** Ask nothing. */
  yes: boolean;
  dryRun: boolean;
  json: boolean;
}

/** Reads setup's arguments. @throws UsageError, or parseArgs' own for unknown flags */
export function parseSetupRequest(argv: string[]): SetupRequest {
  const { values } = parseOptions(argv, SETUP_OPTIONS);
  const scopes = (['project', 'user', 'system'] as const).filter((scope) => values[scope]);
  if (scopes.length > 1) throw new UsageError(`--${scopes.join(' and --')} exclude each other`);
  const forUsers = (['forward-existing', 'stop-hook'] as const).find((name) => values[name]);
  if (values.system && forUsers)
    throw new UsageError(`--${forUsers} is nothing for --system: its hooks leave every notifier alone`);
  if (values.live && (values.project || values.system)) throw new UsageError(...LIVE_IS_USERS);
  const { 'tracking-uri': trackingUri, 'trace-location': traceLocation } = values;
  const { 'experiment-id': id, 'experiment-name': name } = values;
  if (id !== undefined && name !== undefined) {
    throw new UsageError('--experiment-id and --experiment-name exclude each other');
  }
  check('--tracking-uri', trackingUri, trackingUriFault);
  check('--experiment-id', id, (text) =>
    isExperimentId(text) ? undefined : (experimentFault(text) ?? NOT_DIGITS),
  );
  check('--experiment-name', name, (text) => (text.trim() ? undefined : { message: 'The name is empty' }));
  check('--trace-location', traceLocation, traceLocationFault);
  return {
    ...(scopes[0] === undefined ? {} : { scope: scopes[0] }),
    ...(trackingUri === undefined ? {} : { trackingUri: trackingUri.trim() }),
    ...(id !== undefined
      ? { experiment: { id } }
      : name !== undefined
        ? { experiment: { name: name.trim() } }
        : {}),
    ...(traceLocation === undefined ? {} : { traceLocation }),
    forwardExisting: values['forward-existing'],
    stopHook: values['stop-hook'],
    live: values.live,
    trustPlugin: values['trust-plugin'],
    yes: values.yes || values['non-interactive'],
    dryRun: values['dry-run'],
    json: values.json,
  };
}

/** A cloned repository may not have a turn's words sent earlier than its user wants. */
export const LIVE_IS_USERS: [message: string, hint: string] = [
  '--live is for --user: a project’s file cannot switch it on',
  'For every user of the machine put "live": true into its mlflow-tracing.json (docs/watch.md)',
];

/** What is wrong with an input, and how to put it right. */
export interface InputFault {
  message: string;
  hint?: string;
}

/** What is wrong with a tracking URI, if anything; never the URI itself, which may hold a password. */
export function trackingUriFault(text: string): InputFault | undefined {
  const uri = readTrackingUri(text);
  return uri.kind === 'problem' ? uri : undefined;
}

const NOT_DIGITS: InputFault = { message: 'The id is not digits', hint: '--experiment-name takes a name' };

/** What is wrong with an answer that is an id or a name, if anything: digits that no id has. */
export function experimentFault(text: string): InputFault | undefined {
  return /^\d+$/.test(text) && !isExperimentId(text)
    ? { message: 'An experiment id has at most 19 digits' }
    : undefined;
}

/** What is wrong with a trace location, if anything. */
function traceLocationFault(text: string): InputFault | undefined {
  return isTraceLocation(text) ? undefined : { message: 'It is not of the form catalog.schema.prefix' };
}

function check(
  flag: string,
  text: string | undefined,
  fault: (text: string) => InputFault | undefined,
): void {
  const found = text === undefined ? undefined : fault(text);
  if (found) throw new UsageError(`${flag}: ${found.message}`, found.hint);
}
