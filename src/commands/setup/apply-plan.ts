import { setTimeout as sleep } from 'node:timers/promises';
import { ChangedMeanwhile, type FileEdit } from '../../install/file-edit.js';
import { applyEdits } from '../../install/file-edits.js';

/** Setups that run at once, in as many projects, write the same config.toml one after the other. */
const TRIES = 20;
/** Between two tries, at most, in milliseconds: drawn, so that two do not meet again and again. */
const PAUSE_MS = 150;

/**
 * Carries out a plan. Where a file is no longer what the plan was made for, another one is made of what
 * it is now.
 * @param plan makes a plan of the files as they are
 * @returns the plan that was carried out
 * @throws UserError as `applyEdits` does, or as the new plan does
 */
export async function applyPlan<Plan extends { readonly edits: readonly FileEdit[] }>(
  first: Plan,
  plan: () => Plan,
  backups: string,
): Promise<Plan> {
  let current = first;
  for (let left = TRIES; ; left -= 1) {
    try {
      applyEdits(current.edits, backups);
      return current;
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || left === 0) throw error;
    }
    await sleep(Math.random() * PAUSE_MS);
    current = plan();
  }
}
