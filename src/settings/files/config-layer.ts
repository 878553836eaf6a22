import { compact } from '../../platform/json.js';
import { envText } from '../../platform/process/environment.js';
import type { TracingConfig } from './tracing-config.js';
import { normalTrackingUri } from './tracking-uri.js';

/** A tracing config that was read. */
export interface ConfigLayer {
  file: string;
  config: TracingConfig;
  unknownKeys: string[];
}

/** A project's file, and whether it may decide where conversations go. */
export type ProjectLayer = ConfigLayer & { trusted: boolean };

/** Where a value can come from. */
export interface Source {
  /** `environment`, or the file. */
  readonly name: string;
  readonly values: Pick<
    TracingConfig,
    'trackingUri' | 'experimentId' | 'experimentName' | 'userId' | 'traceLocation'
  >;
}

export function environmentSource(env: NodeJS.ProcessEnv): Source {
  return {
    name: 'environment',
    values: compact({
      trackingUri: envText(env, 'MLFLOW_TRACKING_URI'),
      experimentId: envText(env, 'MLFLOW_EXPERIMENT_ID'),
      experimentName: envText(env, 'MLFLOW_EXPERIMENT_NAME'),
      traceLocation: envText(env, 'MLFLOW_TRACE_LOCATION'),
    }),
  };
}

export function fileSource({ file, config }: ConfigLayer): Source {
  return { name: file, values: config };
}

/** Whether the system's file says a field, and that nothing overrides it. */
export function isFixed(system: ConfigLayer | undefined, field: keyof TracingConfig): system is ConfigLayer {
  return system?.config.required?.includes(field) === true && system.config[field] !== undefined;
}

/** Whether a source belongs to the server in effect: it names that one, or none. */
export function isOfServer(values: Source['values'], uri: string): boolean {
  if (values.trackingUri === undefined || values.trackingUri === uri) return true;
  return normalTrackingUri(values.trackingUri) === normalTrackingUri(uri);
}
