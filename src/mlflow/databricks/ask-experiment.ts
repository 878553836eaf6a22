import { asArray, asObject, asText } from '../../platform/json.js';
import { isTraceLocation } from '../../settings/files/tracing-config.js';
import type { ExperimentName, TraceLocation } from './target.js';
import type { Workspace, WorkspaceAnswer } from './workspace.js';

/** An experiment as the workspace tells of it. */
export interface WorkspaceExperiment {
  readonly id: string;
  readonly name: string;
  readonly isDeleted: boolean;
  readonly location: TraceLocation;
}

/** What the workspace says of an experiment. */
export type ExperimentAnswer =
  | { readonly kind: 'experiment'; readonly value: WorkspaceExperiment }
  | { readonly kind: 'missing' }
  /** It is bound to something that is no `catalog.schema.prefix`. */
  | { readonly kind: 'unknown binding'; readonly path: string }
  | { readonly kind: 'no answer'; readonly answer: WorkspaceAnswer };

/** Tags of an experiment that is bound to Unity Catalog (`mlflow/utils/mlflow_tags.py`, 3.17). */
const DESTINATION_TAG = 'mlflow.experiment.databricksTraceDestinationPath';
const SPANS_TABLE_TAG = 'mlflow.experiment.databricksTraceSpanStorageTable';

/** Asks for an experiment and where its traces lie. Whatever is not a clear answer is none: nothing is guessed. */
export async function askExperiment(
  workspace: Workspace,
  experiment: ExperimentName,
  timeoutMs: number,
): Promise<ExperimentAnswer> {
  const path =
    'id' in experiment
      ? `get?experiment_id=${encodeURIComponent(experiment.id)}`
      : `get-by-name?experiment_name=${encodeURIComponent(experiment.name)}`;
  const answer = await workspace.ask({
    method: 'GET',
    path: `/api/2.0/mlflow/experiments/${path}`,
    timeoutMs,
  });
  if (answer.kind !== 'answer') return { kind: 'no answer', answer };
  if (answer.status === 404 && answer.body.includes('RESOURCE_DOES_NOT_EXIST')) return { kind: 'missing' };
  const told = answer.status === 200 ? experimentIn(answer.body) : undefined;
  if (told === undefined) return { kind: 'no answer', answer };
  const bound = told.tags.get(DESTINATION_TAG);
  if (bound !== undefined && !isTraceLocation(bound)) return { kind: 'unknown binding', path: bound };
  const location: TraceLocation =
    bound === undefined
      ? { kind: 'experiment', experimentId: told.id }
      : {
          kind: 'unity-catalog',
          prefix: bound,
          spansTable: told.tags.get(SPANS_TABLE_TAG) ?? `${bound}_otel_spans`,
        };
  const { id, name, isDeleted } = told;
  return { kind: 'experiment', value: { id, name, isDeleted, location } };
}

function experimentIn(body: string) {
  try {
    const experiment = asObject(asObject(JSON.parse(body))?.['experiment']);
    const id = asText(experiment?.['experiment_id']);
    if (id === undefined || !/^\d+$/.test(id)) return undefined;
    const tags = asArray(experiment?.['tags']).flatMap((element) => {
      const tag = asObject(element);
      const key = asText(tag?.['key']);
      return key === undefined ? [] : [[key, asText(tag?.['value'])] as const];
    });
    const isDeleted = (experiment?.['lifecycle_stage'] ?? 'active') !== 'active';
    return { id, name: asText(experiment?.['name']) ?? '', isDeleted, tags: new Map(tags) };
  } catch {
    return undefined;
  }
}
