import path from 'node:path';
import { hooksInWords } from '../../install/codex-config/hook-entries.js';
import type { FileEdit } from '../../install/file-edit.js';
import { normalTrackingUri } from '../../settings/files/tracking-uri.js';
import { isOnThisMachine, startServer } from '../../terminal/messages/server-messages.js';
import { plainText } from '../../terminal/plain-text.js';
import type { ServerCheck } from './check-server.js';
import type { NotifyPlan } from './plans/plan-notify.js';
import type { SetupPlan } from './plans/plan-setup.js';
import type { StopHookPlan } from './plans/plan-stop-hook.js';
import type { TracingPlan, TracingValues } from './plans/plan-tracing.js';

const TRACING_MESSAGES: Record<TracingPlan['change'], string> = {
  created: 'created',
  changed: 'changed',
  unchanged: 'left alone',
};

const NOTIFY_MESSAGES: Record<NotifyPlan['change'], string> = {
  registered: 'registered',
  renewed: 'renewed',
  forwarding: 'registered; it calls the notifier that was there first',
  unchanged: 'registered already',
  foreign: 'left to the program that is there',
  removed: 'taken out',
};

/** What becomes of one file. */
export interface Row {
  file: string;
  change: string;
  detail: string;
}

/** One line a file: what becomes of it, and the file's full path. */
export function planLines({ tracing, notify, stopHook }: SetupPlan, values: TracingValues): string[] {
  const rows = [tracingRow(tracing, values), ...notify.map(notifyRow)];
  const hook = stopHook && {
    ...stopHook,
    command: stopHook.record.command,
    what: hooksInWords(stopHook.events),
    isNew: false,
  };
  return rowLines(hook === undefined ? rows : [...rows, hookRow(hook)]);
}

export function rowLines(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(({ change }) => change.length));
  return rows.flatMap(({ file, change, detail }) => [
    `${change.padEnd(width)}  ${plainText(file)}`,
    `${' '.repeat(width)}  ${plainText(detail)}`,
  ]);
}

export function tracingRow({ file, change }: TracingPlan & { file: string }, values: TracingValues): Row {
  return { file, change: TRACING_MESSAGES[change], detail: whereTo(values) };
}

export function notifyRow({ file, edit, change, record }: NotifyPlan): Row {
  return {
    file,
    change: edit === undefined ? 'left alone' : edit.before === undefined ? 'created' : 'changed',
    detail: `notify ${NOTIFY_MESSAGES[change]}${record ? `: ${JSON.stringify(record.argv)}` : ''}`,
  };
}

/** @param hook `what`: its name; `isNew`: of a file that is made for it */
export function hookRow(hook: {
  file: string;
  change: StopHookPlan['change'];
  command: string;
  what: string;
  isNew: boolean;
}): Row {
  const isThere = hook.change === 'unchanged';
  return {
    file: hook.file,
    change: isThere ? 'left alone' : hook.isNew ? 'created' : 'changed',
    detail: `${hook.what} ${isThere ? 'registered already' : hook.change}: ${hook.command}`,
  };
}

function whereTo({ trackingUri, experiment, traceLocation }: TracingValues): string {
  const uri = normalTrackingUri(trackingUri);
  if (traceLocation !== undefined && uri.startsWith('databricks'))
    return `traces go to ${uri}, ${traceLocation}`;
  const named = experiment === undefined ? '' : 'id' in experiment ? experiment.id : `"${experiment.name}"`;
  return `traces go to ${uri}${named === '' ? '' : `, experiment ${named}`}`;
}

/** What is left for a person to do. @param values those that count in this shell */
export function nextSteps({ trackingUri, experiment }: TracingValues, server: ServerCheck): string[] {
  const uri = normalTrackingUri(trackingUri);
  const id = experimentIdOf(server) ?? (experiment && 'id' in experiment ? experiment.id : undefined);
  const isMlflow = uri.startsWith('http') && !uri.endsWith('/v1/traces');
  const steps: string[] = [];
  if (isMlflow && isOnThisMachine(uri) && (server.state === 'up' || server.state === 'down'))
    steps.push(`Start MLflow: ${startServer(uri)}${server.state === 'up' ? '  (it is running)' : ''}`);
  else if (server.state !== 'up' && uri.startsWith('http'))
    steps.push(`See that the server at ${uri} is running`);
  steps.push('Launch codex, and have a turn with it');
  if (isMlflow) {
    steps.push(`See the traces at ${uri}/#/experiments${id === undefined ? '' : `/${id}/traces`}`);
  } else steps.push('See the traces in MLflow');
  return [...steps.map((step, i) => `${i + 1}. ${step}`), 'If none appear: mlflow-codex status'];
}

function experimentIdOf({ findings }: ServerCheck): string | undefined {
  return findings.flatMap((finding) =>
    finding.code === 'experiment-active' || finding.code === 'experiment-created' ? finding.args.id : [],
  )[0];
}

/** What an edit changes, line by line: the changed stretch, with `-` and `+`. */
export function editLines({ path: file, before, after }: FileEdit): string[] {
  const [was, is] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < was.length && was[head] === is[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(was.length, is.length) - head && was.at(-1 - tail) === is.at(-1 - tail)) tail += 1;
  const change = before === undefined ? ' (new)' : after === undefined ? ' (removed)' : `, line ${head + 1}`;
  return [
    `${path.normalize(file)}${change}`,
    ...was.slice(head, was.length - tail).map((line) => `  - ${plainText(line)}`),
    ...is.slice(head, is.length - tail).map((line) => `  + ${plainText(line)}`),
  ];
}

function linesOf(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}
