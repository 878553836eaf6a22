import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FileEdit } from '../../install/file-edit.js';
import { applyEdits } from '../../install/file-edits.js';
import { runningProgram } from '../../install/running-program.js';
import { removeEmptyFolder } from '../../install/staged-file.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { UsageError } from '../../platform/problems/usage-error.js';
import { findProjectConfig } from '../../settings/resolve-settings.js';
import { Cancelled } from '../../terminal/cancelled.js';
import type { CommandIo } from '../../terminal/io.js';
import { parseOptions } from '../../terminal/options.js';
import { openPrompts } from '../../terminal/prompts.js';
import { renderFindings } from '../../terminal/render-findings.js';
import { readInstalledFiles, readTextFileState } from '../setup/plans/setup-state.js';
import { editLines } from '../setup/render-setup.js';
import { readSystemState } from '../setup/system/plan-system.js';
import { assertRights, type SystemPlaces, systemPlaces } from '../setup/system/system-places.js';
import { planSystemUninstall } from './plan-system-uninstall.js';
import {
  planUninstall,
  readLeniently,
  readOthers,
  type UninstallPlan,
  type UninstallScope,
} from './plan-uninstall.js';
import { UNINSTALL_OPTIONS } from './uninstall-options.js';

/**
 * Takes away what setup did, in one scope or in all; says what it left.
 * @param places where the machine's files lie; others for tests alone
 * @returns the exit code
 */
export async function runUninstall(
  argv: string[],
  io: CommandIo,
  places: SystemPlaces = systemPlaces(),
): Promise<number> {
  const request = parseUninstallRequest(argv);
  const { scope } = request;
  if (scope !== 'system') return takeAway(readUsers(scope, io), request, io);
  const { script } = runningProgram(io.env);
  if (!request.dryRun) assertRights(places, [process.execPath, script, 'uninstall', '--system']);
  const state = readSystemState(places);
  return takeAway(
    { plan: planSystemUninstall(state), backups: state.backups, knownIn: () => 'each user’s Codex home' },
    request,
    io,
  );
}

/** A plan, and where what files were is kept. */
interface Planned {
  plan: UninstallPlan;
  backups: string;
  /** Where what is known of traces stays when all is done, in words; undefined where nothing does. */
  knownIn: () => string | undefined;
}

function readUsers(scope: UninstallScope, io: CommandIo): Planned {
  const home = codexHome(io.env, io.homeDir);
  const files = readInstalledFiles(home, projectFolder(io.cwd, home));
  const others = readOthers(files, (file) =>
    readLeniently((name) => readTextFileState(name, files.backups), file),
  );
  return {
    plan: planUninstall({ scope, files, others }),
    backups: files.backups,
    knownIn: () => (existsSync(stateDir(home)) ? stateDir(home) : undefined),
  };
}

async function takeAway(
  { plan, backups, knownIn }: Planned,
  { dryRun, json, yes }: UninstallRequest,
  io: CommandIo,
): Promise<number> {
  const shown = plan.edits.filter(({ role }) => role !== 'record');
  if (!json) {
    const title = shown.length === 0 ? 'There is nothing to take away.' : 'Changes:';
    io.stdout.write(
      `${[title, ...shown.flatMap(editLines), ...renderFindings(plan.notices, io.colors)].join('\n')}\n`,
    );
  }
  if (!dryRun && plan.edits.length > 0) {
    if (!yes) await confirm(io, json);
    applyEdits(plan.edits, backups);
    for (const folder of plan.folders.sort().reverse()) removeEmptyFolder(folder);
  }
  if (json) io.stdout.write(`${JSON.stringify(toJson(plan, shown, !dryRun), null, 2)}\n`);
  else io.stdout.write(`${closing(dryRun, shown.length, knownIn())}\n`);
  return 0;
}

interface UninstallRequest {
  scope: UninstallScope | 'system';
  yes: boolean;
  dryRun: boolean;
  json: boolean;
}

function parseUninstallRequest(argv: string[]): UninstallRequest {
  const { values } = parseOptions(argv, UNINSTALL_OPTIONS);
  const scopes = (['project', 'user', 'system', 'all'] as const).filter((scope) => values[scope]);
  if (scopes.length > 1) throw new UsageError(`--${scopes.join(' and --')} exclude each other`);
  return {
    scope: scopes[0] ?? 'project',
    yes: values.yes || values['non-interactive'],
    dryRun: values['dry-run'],
    json: values.json,
  };
}

/** The project around a folder: where its tracing config is, else the folder itself. */
function projectFolder(cwd: string, home: string): string {
  const config = findProjectConfig(cwd, home);
  return config === undefined ? cwd : path.dirname(path.dirname(config));
}

async function confirm(io: CommandIo, json: boolean): Promise<void> {
  if (!io.isTTY || json) {
    const why = json ? '--json asks nothing' : 'There is no terminal to ask on';
    throw new UsageError(
      `${why}, and nothing was changed`,
      'mlflow-codex uninstall -y does it without asking',
    );
  }
  const prompts = await openPrompts(io);
  if (!(await prompts.confirm('Take this away?'))) throw new Cancelled();
}

function closing(dryRun: boolean, count: number, knownIn: string | undefined): string {
  if (dryRun) return 'Nothing was written.';
  const done = count === 0 ? '' : 'Done. ';
  return knownIn === undefined
    ? `${done}Kept: traces in MLflow and Codex’s recordings`
    : `${done}Kept: traces in MLflow, Codex’s recordings, and what is known of them in ${knownIn}`;
}

function toJson({ notices }: UninstallPlan, shown: FileEdit[], isDone: boolean) {
  return {
    done: isDone,
    edits: shown.map((edit) => ({
      path: edit.path,
      removed: edit.after === undefined,
      lines: editLines(edit).slice(1),
    })),
    findings: notices,
  };
}
