import { hooksInWords } from '../../../install/codex-config/hook-entries.js';
import { compact } from '../../../platform/json.js';
import type { Finding } from '../../../platform/problems/finding.js';
import { normalTrackingUri } from '../../../settings/files/tracking-uri.js';
import { renderFindings } from '../../../terminal/render-findings.js';
import type { ServerCheck } from '../check-server.js';
import type { TracingValues } from '../plans/plan-tracing.js';
import { editLines, hookRow, notifyRow, type Row, rowLines, tracingRow } from '../render-setup.js';
import { type ReportTo, shownEdits } from '../report-setup.js';
import type { SystemPlan } from './plan-system.js';

/** What `setup --system` has done, or would do. */
export interface SystemResult {
  plan: SystemPlan;
  /** What is written down, and what counts in this shell. */
  written: TracingValues;
  inEffect: TracingValues;
  server: ServerCheck;
  isDone: boolean;
}

/** Tells an administrator what was done, what the server said, and what is left to do. */
export function reportSystem(
  { plan, written, server, isDone }: SystemResult,
  { io, prompts, say }: ReportTo,
) {
  say(rowLines(rows(plan, written)).join('\n'));
  const findings: Finding[] = [...plan.notices, ...server.findings];
  if (findings.length > 0) say(renderFindings(findings, io.colors).join('\n'));
  if (!isDone) {
    if (prompts) prompts.outro('Nothing was written');
    else io.stdout.write('Nothing was written.\n');
    return;
  }
  const steps = [
    `1. Say in ${plan.tracing.file} what nobody may loosen: "required", "redact", "content" (docs/platform.md)`,
    '2. As a user of this machine: mlflow-codex status',
    '3. These files are text: copy them to other machines that have the program in the same place',
  ];
  if (prompts) {
    prompts.note(steps.join('\n'), 'Next steps');
    prompts.outro('Every user’s Codex turns become traces from now on');
  } else io.stdout.write(`Next steps\n${steps.map((step) => `  ${step}`).join('\n')}\n`);
}

function rows({ tracing, notify, hooks }: SystemPlan, written: TracingValues): Row[] {
  const hook = hooks && {
    ...hooks,
    what: hooksInWords(hooks.events),
    isNew: hooks.edit?.before === undefined,
  };
  return [tracingRow(tracing, written), ...(hook ? [hookRow(hook)] : []), notifyRow(notify)];
}

/** The same for a program. */
export function systemJson({ plan, written, server, isDone }: SystemResult) {
  const { trackingUri, experiment, traceLocation } = written;
  const { tracing, notify, hooks } = plan;
  return compact({
    done: isDone,
    scope: 'system',
    trackingUri: normalTrackingUri(trackingUri),
    experimentId: experiment && 'id' in experiment ? experiment.id : undefined,
    experimentName: experiment && 'name' in experiment ? experiment.name : undefined,
    traceLocation,
    tracing: { file: tracing.file, change: tracing.change },
    notify: [compact({ file: notify.file, change: notify.change, argv: notify.record?.argv })],
    managedHooks: hooks && {
      file: hooks.file,
      change: hooks.change,
      command: hooks.command,
      events: hooks.events,
    },
    edits: shownEdits(plan).map((edit) => ({ path: edit.path, lines: editLines(edit).slice(1) })),
    findings: [...plan.notices, ...server.findings],
  });
}
