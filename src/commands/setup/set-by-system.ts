import { readTextFile } from '../../install/read-text-file.js';
import type { Finding } from '../../platform/problems/finding.js';
import { UserError } from '../../platform/problems/user-error.js';
import { isFixed } from '../../settings/files/config-layer.js';
import { systemTracingFile } from '../../settings/files/system-file.js';
import { parseTracingConfig, type TracingConfig } from '../../settings/files/tracing-config.js';
import { normalTrackingUri } from '../../settings/files/tracking-uri.js';
import type { TracingValues } from './plans/plan-tracing.js';

/** What setup writes that the machine's tracing config may fix for everybody. */
export type FixedValues = Pick<
  TracingConfig,
  'trackingUri' | 'experimentId' | 'experimentName' | 'traceLocation'
>;

/** What the machine's tracing config fixes; a broken one is a finding, since nothing is sent until it is mended. */
export function readFixedValues(file = systemTracingFile()): { fixed: FixedValues; findings: Finding[] } {
  try {
    const text = readTextFile(file);
    if (text === undefined) return { fixed: {}, findings: [] };
    const layer = { file, ...parseTracingConfig(text, file) };
    const keys = ['trackingUri', 'experimentId', 'experimentName', 'traceLocation'] as const;
    const fixed = keys.filter((key) => isFixed(layer, key)).map((key) => [key, layer.config[key]]);
    return { fixed: Object.fromEntries(fixed) as FixedValues, findings: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const args = { file, message: error.message, hint: error.hint ?? '' };
    return { fixed: {}, findings: [{ code: 'tracing-config-broken', level: 'warning', args }] };
  }
}

/**
 * The values that setup writes and that will not count.
 * @param file where they are written
 */
export function setBySystem(written: TracingValues, fixed: FixedValues, file: string): Finding[] {
  const { experiment } = written;
  const own: FixedValues = {
    trackingUri: normalTrackingUri(written.trackingUri),
    ...(experiment === undefined
      ? {}
      : 'id' in experiment
        ? { experimentId: experiment.id }
        : { experimentName: experiment.name }),
  };
  const differs = (key: 'trackingUri' | 'experimentId' | 'experimentName') =>
    fixed[key] !== undefined &&
    own[key] !== undefined &&
    own[key] !== (key === 'trackingUri' ? normalTrackingUri(fixed[key]) : fixed[key]);
  return (['trackingUri', 'experimentId', 'experimentName'] as const)
    .filter(differs)
    .map((field) => ({ code: 'set-by-system', level: 'warning', args: { source: file, field } }));
}
