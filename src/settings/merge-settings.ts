import { compact } from '../platform/json.js';
import type { Finding } from '../platform/problems/finding.js';
import { envFlag, envText } from '../platform/process/environment.js';
import {
  type ConfigLayer,
  environmentSource,
  fileSource,
  isFixed,
  isOfServer,
  type ProjectLayer,
  type Source,
} from './files/config-layer.js';
import type { TracingConfig } from './files/tracing-config.js';
import { mergeOwnerSettings, OWNER_KEYS, type OwnerSettings } from './owner-settings.js';
import { mergePrivacy, type PrivacySettings } from './privacy-settings.js';
import { fileWarnings, notTrusted, otherServers, overridden } from './settings-warnings.js';

/** The fields of `Settings` whose source is told. */
export type SettingsField = Exclude<
  keyof Settings,
  'sources' | 'warnings' | 'machine' | 'owner' | 'system' | 'live'
>;

/** What counts for one turn: every source merged. */
export interface Settings extends PrivacySettings {
  trackingUri: string;
  /** Empty where only `experimentName` is known: `resolveDestination` looks it up. */
  experimentId: string;
  experimentName?: string;
  userId: string;
  tags: Record<string, string>;
  /** `catalog.schema.prefix`, for Databricks. */
  traceLocation?: string;
  /** Whether turns are shown while they go on; undefined where nothing says so, which means no. */
  live?: boolean;
  /** What only the system's and the user's file may say. */
  owner: OwnerSettings;
  /** The system's file, where there is one: what it fixes for everybody. */
  system?: { file: string; required: readonly string[]; floor: readonly string[] };
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
 * not trusted and there is no other; there is one, but no source names a tracking URI; `exclude` names
 * the folder.
 */
export type UntracedReason = 'no-config' | 'project-not-trusted' | 'no-tracking-uri' | 'excluded';

/** Everything the merge depends on. */
export interface MergeInput {
  env: NodeJS.ProcessEnv;
  project: ProjectLayer | undefined;
  user: ConfigLayer | undefined;
  system?: ConfigLayer | undefined;
  /** The operating system's name for the user: `user.id` where no config says another. */
  userName: string;
}

/**
 * Merges environment, project's, user's and system's config, field by field in this order, with these
 * exceptions: fields that the system's file lists in `required` are overridden by nothing; an experiment
 * (and a trace location) is not taken from a source that names another tracking URI than the one in
 * effect; and the privacy keys (`enabled`, `content`, `redact`, `redactPatterns`, `redactPii`, `maxContentBytes`) are
 * the strictest of the files', a project's even where it is not trusted with a destination.
 */
export function mergeSettings({ env, project, user, system, userName }: MergeInput): SettingsResult {
  if (envFlag(env, 'MLFLOW_CODEX_DISABLED')) return { kind: 'disabled', by: 'environment' };
  const files = [project, user, system].filter((layer) => layer !== undefined);
  const off = files.find(
    (layer) => layer.config.enabled === false && (layer === system || !isFixed(system, 'enabled')),
  );
  if (off) return { kind: 'disabled', by: off.file };

  const passedOver = project !== undefined && !project.trusted;
  const layers = passedOver ? files.slice(1) : files;
  const warnings = fileWarnings(files, { project, user });
  if (passedOver) warnings.push(notTrusted(project));

  const sources: Source[] = [environmentSource(env), ...layers.map(fileSource)];
  const uri = first(sources, 'trackingUri', system);
  if (uri === undefined) {
    const reason = passedOver ? 'project-not-trusted' : layers.length > 0 ? 'no-tracking-uri' : 'no-config';
    return { kind: 'untraced', reason, warnings };
  }
  const same = sources.filter(({ values }) => isOfServer(values, uri.value));
  warnings.push(...otherServers(sources, same, uri.value), ...overridden(sources, system));

  const experiment = pickExperiment(same, system);
  const traceLocation = first(same, 'traceLocation', system);
  const userId = first(sources, 'userId', system);
  const tags = tagsOf(layers, system);
  const privacy = mergePrivacy(system, user, project);
  warnings.push(...privacy.warnings);
  const owners = [user, system].filter((layer) => layer !== undefined);
  const owner = withRequiredFirst(owners, system).map((config) => forServer(config, uri.value));
  const settings: Settings = compact({
    trackingUri: uri.value,
    experimentId: experiment.id,
    experimentName: experiment.name,
    ...privacy.values,
    userId: userId?.value ?? userName,
    tags: tags.value,
    traceLocation: traceLocation?.value,
    live: isLive({ env, project, user, system }),
    owner: mergeOwnerSettings(owner),
    system: system && systemRules(system),
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
  });
  return { kind: 'settings', settings };
}

function first(
  sources: readonly Source[],
  field: 'trackingUri' | 'userId' | 'traceLocation',
  system: ConfigLayer | undefined,
): { value: string; source: string } | undefined {
  for (const { name, values } of isFixed(system, field) ? [fileSource(system)] : sources) {
    const value = values[field];
    if (value !== undefined) return { value, source: name };
  }
  return undefined;
}

/** The environment's word, then the user's and the system's; a project's file may only switch it off. */
function isLive({ env, project, user, system }: Omit<MergeInput, 'userName'>): boolean | undefined {
  const ofSystem = system?.config.live;
  if (isFixed(system, 'live')) return ofSystem;
  if (envText(env, 'MLFLOW_CODEX_LIVE') !== undefined) return envFlag(env, 'MLFLOW_CODEX_LIVE');
  if (project?.config.live === false) return false;
  return user?.config.live ?? ofSystem;
}

function systemRules({ file, config }: ConfigLayer): NonNullable<Settings['system']> {
  const floor = (['content', 'redact', 'redactPatterns', 'redactPii', 'maxContentBytes'] as const).filter(
    (key) => config[key] !== undefined,
  );
  return { file, floor, required: config.required ?? [] };
}

/** Id and name are one field: the source that gives either gives the experiment; an id needs no look-up. */
function pickExperiment(sources: readonly Source[], system: ConfigLayer | undefined) {
  const isSet = isFixed(system, 'experimentId') || isFixed(system, 'experimentName');
  const found = (isSet && system ? [fileSource(system)] : sources).find(
    ({ values }) => values.experimentId !== undefined || values.experimentName !== undefined,
  );
  if (!found) return { source: 'default', id: '0', name: undefined };
  const { experimentId, experimentName } = found.values;
  return {
    source: found.name,
    id: experimentId ?? '',
    name: experimentId === undefined ? experimentName : undefined,
  };
}

/** Tags add up; of one name the strongest source's counts. */
function tagsOf(layers: ConfigLayer[], system: ConfigLayer | undefined) {
  const files = layers.filter(({ config }) => Object.keys(config.tags ?? {}).length > 0);
  const inOrder = isFixed(system, 'tags') ? [system, ...files] : files;
  return {
    value: Object.assign({}, ...inOrder.map(({ config }) => config.tags).reverse()) as Record<string, string>,
    source: files.map(({ file }) => file).join(', ') || 'default',
  };
}

/** Credentials and certificates are for the server that is named beside them, and for no other. */
function forServer(config: TracingConfig, uri: string): TracingConfig {
  if (isOfServer(config, uri)) return config;
  const { headers: _h, tokenFile: _t, serverCertPath: _s, clientCertPath: _c, ...rest } = config;
  return rest;
}

/** The layers' owner keys, those that the system requires before all. */
function withRequiredFirst(layers: readonly ConfigLayer[], system: ConfigLayer | undefined): TracingConfig[] {
  const fixed = OWNER_KEYS.filter((key) => isFixed(system, key)).map((key) => [key, system?.config[key]]);
  const required = { ...Object.fromEntries(fixed), trackingUri: system?.config.trackingUri } as TracingConfig;
  return [required, ...layers.map(({ config }) => config)];
}
