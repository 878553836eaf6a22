import type { FileEdit } from '../../install/file-edit.js';
import { compact } from '../../platform/json.js';
import { normalTrackingUri } from '../../settings/files/tracking-uri.js';
import type { CommandIo } from '../../terminal/io.js';
import type { Prompts } from '../../terminal/prompts.js';
import { renderFindings } from '../../terminal/render-findings.js';
import type { ServerCheck } from './check-server.js';
import type { SetupPlan } from './plans/plan-setup.js';
import type { TracingValues } from './plans/plan-tracing.js';
import { editLines, nextSteps, planLines } from './render-setup.js';

/** What setup has done, or would do. */
export interface SetupResult {
  plan: SetupPlan;
  /** What is written down, and what counts in this shell. */
  written: TracingValues;
  inEffect: TracingValues;
  server: ServerCheck;
  isDone: boolean;
}

/** Where a report goes. */
export interface ReportTo {
  io: CommandIo;
  prompts: Prompts | undefined;
  say: (text: string) => void;
}

/** The edits that a person wants to see: not those of our own record. */
export function shownEdits({ edits }: { edits: readonly FileEdit[] }): FileEdit[] {
  return edits.filter(({ role }) => role !== 'record');
}

/** Tells a person what was done, what the server said, and what is left to do. */
export function reportSetup(result: SetupResult, { io, prompts, say }: ReportTo): void {
  const { plan, written, inEffect, server, isDone } = result;
  say(planLines(plan, written).join('\n'));
  const findings = [...plan.notices, ...server.findings];
  if (findings.length > 0) say(renderFindings(findings, io.colors).join('\n'));
  if (!isDone) {
    if (prompts) prompts.outro('Nothing was written');
    else io.stdout.write('Nothing was written.\n');
    return;
  }
  const steps = nextSteps(inEffect, server);
  if (prompts) {
    prompts.note(steps.join('\n'), 'Next steps');
    const isSure = server.findings.every(({ level }) => level === 'ok');
    prompts.outro(
      isSure ? 'Codex turns become traces from now on' : 'Codex turns are kept until a server takes them',
    );
  } else io.stdout.write(`Next steps\n${steps.map((step) => `  ${step}`).join('\n')}\n`);
}

/** The same for a program. */
export function setupJson({ plan, written, server, isDone }: SetupResult) {
  const { trackingUri, experiment, traceLocation } = written;
  return compact({
    done: isDone,
    scope: plan.scope,
    trackingUri: normalTrackingUri(trackingUri),
    experimentId: experiment && 'id' in experiment ? experiment.id : undefined,
    experimentName: experiment && 'name' in experiment ? experiment.name : undefined,
    traceLocation,
    tracing: { file: plan.tracing.file, change: plan.tracing.change },
    notify: plan.notify.map(({ file, change, record }) => ({
      file,
      change,
      argv: record?.argv,
      forward: record?.forward,
    })),
    stopHook: plan.stopHook && {
      file: plan.stopHook.file,
      change: plan.stopHook.change,
      command: plan.stopHook.record.command,
    },
    // The changed lines alone: the rest of a config.toml is nobody's business.
    edits: shownEdits(plan).map((edit) => ({ path: edit.path, lines: editLines(edit).slice(1) })),
    findings: [...plan.notices, ...server.findings],
  });
}
