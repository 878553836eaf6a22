import { envFlag, envText } from '../platform/environment.js';
import type { Finding } from '../platform/finding.js';
import type { TracingConfig } from './tracing-config.js';
import { normalTrackingUri } from './tracking-uri.js';

/** How many bytes of one message are kept where no one says. */
const DEFAULT_MAX_CONTENT_BYTES = 65_536;

/** The fields of `Settings` whose source is told. */
export type SettingsField = Exclude<keyof Settings, 'sources' | 'warnings' | 'machine'>;

/** What counts for one turn: every source merged. */
export interface Settings {
  trackingUri: string;
  /** Empty where only `experimentName` is known: `resolveDestination` looks it up. */
  experimentId: string;
  experimentName?: string;
  /** `metadata`: names, times, tokens and outcomes only. */
  content: 'full' | 'metadata';
  redact: boolean;
  /** Regular expressions beside the built-in ones; each compiles. */
  redactPatterns: string[];
  /** Takes e-mail addresses and the home folder's user name out as well. */
  redactPii: boolean;
  /** Bytes of UTF-8 kept of one message. */
  maxContentBytes: number;
  userId: string;
  tags: Record<string, string>;
  /** `catalog.schema.prefix`, for Databricks. */
  traceLocation?: string;
  /** Where each came from: `environment`, `default` or a file; several files joined by a comma. */
  sources: Record<SettingsField, string>;
  warnings: Finding[];
  /** What redaction needs to know of this machine; a function, so that no secret is ever written down with the settings. */
  machine?: { knownSecrets: () => readonly string[]; homeUser: string };
}

/** What counts, or why nothing does. */
export type SettingsResult =
  | { kind: 'settings'; settings: Settings }
  | { kind: 'untraced'; reason: UntracedReason; warnings: Finding[] }
  | { kind: 'disabled'; by: string }
  | { kind: 'broken'; file: string; message: string; hint?: string };

/**
 * Why a turn is not traced though nothing is wrong: no tracing config counts here; the project's is
 * not trusted and there is no other; there is one, but no source names a tracking URI.
 */
export type UntracedReason = 'no-config' | 'project-not-trusted' | 'no-tracking-uri';

/** A tracing config that was read. */
export interface ConfigLayer {
  file: string;
  config: TracingConfig;
  unknownKeys: string[];
}

/** Everything the merge depends on. */
export interface MergeInput {
  env: NodeJS.ProcessEnv;
  project: (ConfigLayer & { trusted: boolean }) | undefined;
  user: ConfigLayer | undefined;
  /** The operating system's name for the user: `user.id` where no config says another. */
  userName: string;
}

/**
 * Merges environment, project's and user's config, field by field in this order, with two exceptions:
 * an experiment (and a trace location) is not taken from a file that names another tracking URI than
 * the one in effect; and a project's privacy keys (`enabled`, `content`, `redact`, `redactPatterns`,
 * `redactPii`, `maxContentBytes`) can only make the user's stricter, which they do even where the project is not
 * trusted with a destination. Redaction is on unless the user's own file turns it off.
 */
export function mergeSettings({ env, project, user, userName }: MergeInput): SettingsResult {
  if (envFlag(env, 'MLFLOW_CODEX_DISABLED')) return { kind: 'disabled', by: 'environment' };
  const all = [project, user].filter((layer) => layer !== undefined);
  const off = all.find((layer) => layer.config.enabled === false);
  if (off) return { kind: 'disabled', by: off.file };

  const passedOver = project !== undefined && !project.trusted;
  const layers: ConfigLayer[] = passedOver ? all.slice(1) : all;
  const warnings = fileWarnings(all);
  if (passedOver) {
    const uri = normalTrackingUri(project.config.trackingUri ?? '');
    warnings.push({ code: 'project-not-trusted', level: 'warning', args: { file: project.file, uri } });
  }

  const pick = picker(env, layers);
  const uri = pick('trackingUri', 'MLFLOW_TRACKING_URI');
  if (uri === undefined) {
    const reason = passedOver ? 'project-not-trusted' : layers.length > 0 ? 'no-tracking-uri' : 'no-config';
    return { kind: 'untraced', reason, warnings };
  }

  const same = layers.filter((layer) => {
    const named = layer.config.trackingUri;
    return named === undefined || normalTrackingUri(named) === normalTrackingUri(uri.value);
  });
  for (const layer of layers) {
    const { experimentId, experimentName } = layer.config;
    const experiment = experimentId ?? experimentName;
    if (same.includes(layer) || experiment === undefined) continue;
    const args = { file: layer.file, experiment, uri: normalTrackingUri(uri.value) };
    warnings.push({ code: 'experiment-of-another-server', level: 'warning', args });
  }

  const experiment = pickExperiment(env, same);
  const traceLocation = picker(env, same)('traceLocation', 'MLFLOW_TRACE_LOCATION');
  const userId = pick('userId');
  const tags = tagsOf(layers);
  const privacy = privacyOf(project, user);
  warnings.push(...privacy.warnings);
  const settings: Settings = {
    trackingUri: uri.value,
    experimentId: experiment.id,
    ...(experiment.name === undefined ? {} : { experimentName: experiment.name }),
    ...privacy.values,
    userId: userId?.value ?? userName,
    tags: tags.value,
    ...(traceLocation === undefined ? {} : { traceLocation: traceLocation.value }),
    sources: {
      trackingUri: uri.source,
      experimentId: experiment.source,
      experimentName: experiment.source,
      ...privacy.sources,
      userId: userId?.source ?? 'default',
      tags: tags.source,
      traceLocation: traceLocation?.source ?? 'default',
    },
    warnings,
  };
  return { kind: 'settings', settings };
}

function fileWarnings(layers: ConfigLayer[]): Finding[] {
  return layers
    .filter((layer) => layer.unknownKeys.length > 0)
    .map(({ file, unknownKeys }) => ({
      code: 'unknown-keys',
      level: 'warning',
      args: { file, keys: unknownKeys },
    }));
}

function picker(env: NodeJS.ProcessEnv, layers: ConfigLayer[]) {
  return (field: 'trackingUri' | 'userId' | 'traceLocation', variable?: string) => {
    const set = variable === undefined ? undefined : envText(env, variable);
    if (set !== undefined) return { value: set, source: 'environment' };
    for (const { file, config } of layers) {
      const value = config[field];
      if (value !== undefined) return { value, source: file };
    }
    return undefined;
  };
}

/** Id and name are one field: the source that gives either gives the experiment; an id needs no look-up. */
function pickExperiment(env: NodeJS.ProcessEnv, layers: ConfigLayer[]) {
  const sources = [
    {
      source: 'environment',
      id: envText(env, 'MLFLOW_EXPERIMENT_ID'),
      name: envText(env, 'MLFLOW_EXPERIMENT_NAME'),
    },
    ...layers.map(({ file, config }) => ({
      source: file,
      id: config.experimentId,
      name: config.experimentName,
    })),
  ];
  const found = sources.find(({ id, name }) => id !== undefined || name !== undefined);
  if (!found) return { source: 'default', id: '0', name: undefined };
  return { source: found.source, id: found.id ?? '', name: found.id === undefined ? found.name : undefined };
}

function tagsOf(layers: ConfigLayer[]) {
  const files = layers.filter(({ config }) => Object.keys(config.tags ?? {}).length > 0);
  return {
    value: Object.assign({}, ...files.map(({ config }) => config.tags).reverse()) as Record<string, string>,
    source: joined(files),
  };
}

function privacyOf(project: ConfigLayer | undefined, user: ConfigLayer | undefined) {
  const warnings: Finding[] = [];
  const strictest = <T extends string | boolean | number>(
    field: 'content' | 'redact' | 'redactPii' | 'maxContentBytes',
    [usersOwn, projects]: [T | undefined, T | undefined],
    fallback: { value: T; binds: boolean },
    strictness: (value: T) => number,
  ): { value: T; source: string } => {
    const floor =
      usersOwn !== undefined && user
        ? { value: usersOwn, source: user.file }
        : { value: fallback.value, source: 'default' };
    if (projects === undefined || !project) return floor;
    const binds = floor.source !== 'default' || fallback.binds;
    if (!binds || strictness(projects) >= strictness(floor.value))
      return { value: projects, source: project.file };
    warnings.push({ code: 'privacy-kept', level: 'warning', args: { file: project.file, field } });
    return floor;
  };
  const content = strictest<'full' | 'metadata'>(
    'content',
    [user?.config.content, project?.config.content],
    { value: 'full', binds: true },
    (value) => (value === 'metadata' ? 1 : 0),
  );
  const redact = strictest<boolean>(
    'redact',
    [user?.config.redact, project?.config.redact],
    { value: true, binds: true },
    Number,
  );
  const redactPii = strictest<boolean>(
    'redactPii',
    [user?.config.redactPii, project?.config.redactPii],
    { value: false, binds: true },
    Number,
  );
  const maxContentBytes = strictest<number>(
    'maxContentBytes',
    [user?.config.maxContentBytes, project?.config.maxContentBytes],
    // Our default is a matter of size, not the user's word: a project may raise it.
    { value: DEFAULT_MAX_CONTENT_BYTES, binds: false },
    (value) => -value,
  );
  const patterns = [project, user].filter((layer) => (layer?.config.redactPatterns ?? []).length > 0);
  return {
    warnings,
    values: {
      content: content.value,
      redact: redact.value,
      redactPatterns: [...new Set(patterns.flatMap((layer) => layer?.config.redactPatterns ?? []))],
      redactPii: redactPii.value,
      maxContentBytes: maxContentBytes.value,
    },
    sources: {
      content: content.source,
      redact: redact.source,
      redactPatterns: joined(patterns.filter((layer) => layer !== undefined)),
      redactPii: redactPii.source,
      maxContentBytes: maxContentBytes.source,
    },
  };
}

function joined(layers: ConfigLayer[]): string {
  return layers.length === 0 ? 'default' : layers.map(({ file }) => file).join(', ');
}
