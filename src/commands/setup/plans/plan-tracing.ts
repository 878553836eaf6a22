import type { FileEdit } from '../../../install/file-edit.js';
import { editJson } from '../../../install/json-edit.js';
import type { TracingRecord } from '../../../install/setup-record.js';
import { sha256 } from '../../../platform/sha256.js';
import { parseTracingConfig } from '../../../settings/files/tracing-config.js';
import type { Experiment, Scope } from './setup-request.js';
import type { TextFile } from './setup-state.js';

/** What an older setup wrote as `$schema`. */
export const OLD_SCHEMA_URL = 'https://unpkg.com/@mlflow/codex/schema/mlflow-tracing.schema.json';

/** What a tracing config is to say; `undefined` leaves its experiment out (Databricks needs none). */
export interface TracingValues {
  trackingUri: string;
  experiment: Experiment | undefined;
  traceLocation: string | undefined;
  /** Turns are to be shown while they go on; undefined leaves it as it is. */
  live?: true;
}

/** What becomes of a tracing config. */
export interface TracingPlan {
  change: 'created' | 'changed' | 'unchanged';
  edit: FileEdit | undefined;
  record: TracingRecord;
}

/** The keys that setup writes; all others are the user's own. */
export const SETUP_KEYS = [
  '$schema',
  'trackingUri',
  'experimentId',
  'experimentName',
  'traceLocation',
  'live',
] as const;

/**
 * Plans a tracing config: made anew, or changed in the keys that differ, all else kept byte for byte.
 * @param known what an earlier setup recorded of it
 * @throws UserError where the present file is broken: file, line, column
 */
export function planTracing(
  file: TextFile,
  scope: Scope,
  values: TracingValues,
  known: TracingRecord | undefined,
): TracingPlan {
  const wanted: Record<string, string | true | undefined> = {
    trackingUri: values.trackingUri,
    experimentId: idOf(values.experiment),
    experimentName: nameOf(values.experiment),
    traceLocation: values.traceLocation,
    ...(values.live && { live: values.live }),
  };
  const base = { scope, file: file.path, trackingUri: values.trackingUri };
  if (file.text === undefined) {
    const after = `${JSON.stringify(wanted, null, 2)}\n`;
    const record = {
      ...base,
      created: true,
      createdFolder: file.folderMissing,
      before: {},
      wrote: sha256(after),
    };
    return { change: 'created', edit: tracingEdit(file, after, 'none'), record };
  }
  const present = parseTracingConfig(file.text, file.path).config as Record<string, unknown>;
  const changes = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => present[key] !== value));
  const start: Omit<TracingRecord, keyof typeof base> = known ?? {
    created: false,
    createdFolder: false,
    before: {},
  };
  if (Object.keys(changes).length === 0) {
    return { change: 'unchanged', edit: undefined, record: { ...start, ...base } };
  }
  const json = JSON.parse(file.text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
  const after = editJson(file.text, changes);
  const before = Object.fromEntries(Object.keys(changes).map((key) => [key, json[key] ?? null]));
  const { beforeText: _, ...kept } = start;
  const beforeText = textBefore(file.text, known);
  const record: TracingRecord = {
    ...kept,
    ...base,
    before: start.created ? {} : { ...before, ...start.before },
    ...(beforeText === undefined ? {} : { beforeText }),
    wrote: sha256(after),
  };
  const backup = known !== undefined && (known.created || file.backup !== undefined) ? 'none' : 'make';
  return { change: 'changed', edit: tracingEdit(file, after, backup), record };
}

/** What uninstall may put back whole: not where a person has written between two runs of setup. */
function textBefore(text: string, known: TracingRecord | undefined): string | undefined {
  if (known?.wrote === undefined) return text;
  return sha256(text) === known.wrote ? known.beforeText : undefined;
}

function tracingEdit(file: TextFile, after: string, backup: FileEdit['backup']): FileEdit {
  return { path: file.path, role: 'tracing-config', before: file.text, after, backup };
}

function idOf(experiment: Experiment | undefined): string | undefined {
  return experiment && 'id' in experiment ? experiment.id : undefined;
}

function nameOf(experiment: Experiment | undefined): string | undefined {
  return experiment && 'name' in experiment ? experiment.name : undefined;
}
