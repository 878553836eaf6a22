import path from 'node:path';
import { askExperiment } from '../mlflow/databricks/ask-experiment.js';
import { type ExperimentName, namedLocation, type TraceLocation } from '../mlflow/databricks/target.js';
import type { Workspace } from '../mlflow/databricks/workspace.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import { sha256 } from '../platform/sha256.js';
import { forgetLocation, keepLocation, keptLocation } from './location-memory.js';
import { stepOutcome } from './step-outcome.js';

/** Where a trace goes, or why that is not known. */
export type LocationResult = { readonly kind: 'location'; readonly value: TraceLocation } | ExportOutcome;

/** Finds where a workspace's experiment keeps its traces: asked once, and remembered for a day. */
export class LocationFinder {
  #found: TraceLocation | undefined;

  /** @param folder where answers are kept */
  constructor(
    readonly workspace: Workspace,
    readonly folder: string,
  ) {}

  /**
   * The location that the user named, else the experiment's own. Where the question fails, nothing is
   * guessed: a bound experiment would get traces that nobody finds.
   */
  async find(timeoutMs: number): Promise<LocationResult> {
    const { traceLocation, experiment } = this.workspace.destination.databricks;
    if (traceLocation !== undefined) return { kind: 'location', value: namedLocation(traceLocation) };
    if (experiment === undefined) return blocked('no experiment is named');
    const file = this.#file(experiment);
    this.#found ??= keptLocation(file, Date.now());
    if (this.#found !== undefined) return { kind: 'location', value: this.#found };
    const asked = await this.#ask(experiment, timeoutMs);
    if (asked.kind === 'location') {
      this.#found = asked.value;
      keepLocation(file, asked.value, Date.now());
    }
    return asked;
  }

  /** The workspace knows the experiment or the table no more. */
  forget(): void {
    const { experiment } = this.workspace.destination.databricks;
    this.#found = undefined;
    if (experiment !== undefined) forgetLocation(this.#file(experiment));
  }

  async #ask(experiment: ExperimentName, timeoutMs: number): Promise<LocationResult> {
    const answer = await askExperiment(this.workspace, experiment, timeoutMs);
    switch (answer.kind) {
      case 'experiment':
        return answer.value.isDeleted
          ? blocked('the experiment is deleted')
          : { kind: 'location', value: answer.value.location };
      case 'missing':
        return blocked('there is no such experiment');
      case 'unknown binding':
        return blocked('the experiment is bound to something that is not catalog.schema.prefix');
      case 'no answer': {
        const outcome = stepOutcome('asking for the experiment', answer.answer, Date.now());
        return outcome.kind === 'sent'
          ? { ...blocked('the answer is not that of a workspace'), blocked: false }
          : outcome;
      }
    }
  }

  #file(experiment: ExperimentName): string {
    const name = 'id' in experiment ? `id ${experiment.id}` : `name ${experiment.name}`;
    return path.join(this.folder, `${sha256(`${this.workspace.host}\n${name}`).slice(0, 32)}.json`);
  }
}

function blocked(reason: string): Extract<ExportOutcome, { kind: 'pending' }> {
  return { kind: 'pending', reason, blocked: true, step: 'asking for the experiment' };
}
