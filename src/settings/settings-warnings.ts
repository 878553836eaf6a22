import type { Finding } from '../platform/problems/finding.js';
import { type ConfigLayer, isFixed, type ProjectLayer, type Source } from './files/config-layer.js';
import type { TracingConfig } from './files/tracing-config.js';
import { normalTrackingUri } from './files/tracking-uri.js';
import { OWNER_KEYS } from './owner-settings.js';

export function notTrusted({ file, config }: ProjectLayer): Finding {
  const uri = normalTrackingUri(config.trackingUri ?? '');
  return { code: 'project-not-trusted', level: 'warning', args: { file, uri } };
}

export function otherServers(sources: readonly Source[], same: readonly Source[], uri: string): Finding[] {
  return sources.flatMap((source) => {
    const experiment = source.values.experimentId ?? source.values.experimentName;
    if (same.includes(source) || experiment === undefined) return [];
    const args = { file: source.name, experiment, uri: normalTrackingUri(uri) };
    return [{ code: 'experiment-of-another-server', level: 'warning', args }];
  });
}

/** Values that count for nothing, because the system's file has the last word. */
export function overridden(sources: readonly Source[], system: ConfigLayer | undefined): Finding[] {
  const fields = ['trackingUri', 'experimentId', 'experimentName', 'userId', 'traceLocation'] as const;
  return fields
    .filter((field) => isFixed(system, field))
    .flatMap((field) =>
      sources
        .filter(({ values }) => values[field] !== undefined && values[field] !== system?.config[field])
        .map(
          ({ name }): Finding => ({ code: 'set-by-system', level: 'warning', args: { source: name, field } }),
        ),
    );
}

/** Keys that mean nothing, and keys that mean nothing in a file of this place. */
export function fileWarnings(
  layers: ConfigLayer[],
  { project, user }: { project: ConfigLayer | undefined; user: ConfigLayer | undefined },
): Finding[] {
  const unknown = layers.filter(({ unknownKeys }) => unknownKeys.length > 0);
  const misplaced = layers.flatMap((layer) => {
    const others: readonly (keyof TracingConfig)[] =
      layer === project ? [...OWNER_KEYS, 'required'] : layer === user ? ['required'] : [];
    const keys = others.filter((key) => layer.config[key] !== undefined);
    // A cloned repository may not have a turn's words sent earlier than its user wants.
    if (layer === project && layer.config.live === true) keys.push('live');
    return keys.length === 0 ? [] : [{ file: layer.file, keys }];
  });
  return [
    ...unknown.map(
      ({ file, unknownKeys }): Finding => ({
        code: 'unknown-keys',
        level: 'warning',
        args: { file, keys: unknownKeys },
      }),
    ),
    ...misplaced.map((args): Finding => ({ code: 'misplaced-keys', level: 'warning', args })),
  ];
}
