import { readFileSync, rmSync } from 'node:fs';
import type { TraceLocation } from '../mlflow/databricks/target.js';
import { writeWhole } from '../platform/files/write-whole.js';
import { asNumber, asObject, asText } from '../platform/json.js';

const DAY_MS = 86_400_000;

/**
 * Where an experiment's traces lie, as it was last answered; undefined where nobody has asked for a day.
 * @param file one for each workspace and experiment
 */
export function keptLocation(file: string, nowMs: number): TraceLocation | undefined {
  try {
    const kept = asObject(JSON.parse(readFileSync(file, 'utf8')));
    const atMs = asNumber(kept?.['atMs']) ?? 0;
    return nowMs >= atMs && nowMs - atMs < DAY_MS ? locationIn(kept?.['location']) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an answer for a day; one that cannot be kept is asked for again. */
export function keepLocation(file: string, location: TraceLocation, nowMs: number): void {
  try {
    writeWhole(file, JSON.stringify({ location, atMs: nowMs }));
  } catch {
    // Then the next run asks.
  }
}

/** The experiment or its table was answered missing: the next turn asks again. */
export function forgetLocation(file: string): void {
  try {
    rmSync(file);
  } catch {
    // There is none, or its folder takes no changes.
  }
}

function locationIn(value: unknown): TraceLocation | undefined {
  const location = asObject(value);
  const experimentId = asText(location?.['experimentId']);
  const prefix = asText(location?.['prefix']);
  const spansTable = asText(location?.['spansTable']);
  if (location?.['kind'] === 'experiment' && experimentId !== undefined)
    return { kind: 'experiment', experimentId };
  if (location?.['kind'] === 'unity-catalog' && prefix !== undefined && spansTable !== undefined)
    return { kind: 'unity-catalog', prefix, spansTable };
  return undefined;
}
