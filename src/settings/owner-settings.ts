import { compact } from '../platform/json.js';
import type { TracingConfig } from './files/tracing-config.js';

/**
 * What only the system's and the user's file may say: a cloned repository must not add headers, read
 * files of the machine's, or leave turns out.
 */
export interface OwnerSettings {
  /** Sent with every request to the server, beside ours. Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** On the resource of every span. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** A file with a bearer token; MLflow's variables and credentials win. */
  readonly tokenFile?: string;
  /** PEM files, as MLflow's variables name them; the variables win. */
  readonly serverCertPath?: string;
  readonly clientCertPath?: string;
  /** The share of traces that are sent, from 0 to 1. */
  readonly sampleRatio: number;
  /** Folders of which nothing is sent; `~` and `*`. */
  readonly exclude: readonly string[];
}

/** The keys that count in no project's file. */
export const OWNER_KEYS = [
  'headers',
  'resourceAttributes',
  'tokenFile',
  'serverCertPath',
  'clientCertPath',
  'sampleRatio',
  'exclude',
] as const satisfies readonly (keyof TracingConfig)[];

/** @param layers the strongest first; lists and objects add up, single values are the first one's */
export function mergeOwnerSettings(layers: readonly TracingConfig[]): OwnerSettings {
  const first = <K extends keyof TracingConfig>(key: K) =>
    layers.find((config) => config[key] !== undefined)?.[key];
  const all = (key: 'headers' | 'resourceAttributes'): Record<string, string> =>
    Object.assign({}, ...layers.map((config) => config[key] ?? {}).reverse());
  return compact({
    headers: all('headers'),
    resourceAttributes: all('resourceAttributes'),
    tokenFile: first('tokenFile'),
    serverCertPath: first('serverCertPath'),
    clientCertPath: first('clientCertPath'),
    sampleRatio: first('sampleRatio') ?? 1,
    exclude: [...new Set(layers.flatMap((config) => config.exclude ?? []))],
  });
}
