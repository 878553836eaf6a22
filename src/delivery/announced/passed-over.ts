import type { DeliveryRun } from '../run/delivery-run.js';
import type { HookOutcome } from './hook-outcome.js';

/**
 * The outcome of a hook, with a word where the project's tracing config was passed over for want of
 * trust: what was sent then went to another place than the project names.
 */
export async function withPassedOver(
  run: DeliveryRun,
  cwd: string,
  outcome: HookOutcome,
): Promise<HookOutcome> {
  const route = await run.route(cwd);
  if (route.kind !== 'deliver') return outcome;
  const passedOver = route.settings.warnings.find((warning) => warning.code === 'project-not-trusted');
  if (!passedOver) return outcome;
  const word = `${passedOver.args.file} is passed over: the project is not trusted`;
  return { ...outcome, detail: outcome.detail === undefined ? word : `${outcome.detail}; ${word}` };
}
