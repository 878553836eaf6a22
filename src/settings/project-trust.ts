import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { readSetupRecord } from '../install/setup-record.js';
import { stateDir } from '../platform/files/folders.js';
import { foldersUpward } from '../platform/files/folders-upward.js';
import { readWithoutWaiting } from '../platform/files/read-without-waiting.js';
import type { TracingConfig } from './files/tracing-config.js';
import { isThisMachine, normalTrackingUri, readTrackingUri } from './files/tracking-uri.js';

/**
 * True where a project's file may decide by itself where conversations go: it names no destination,
 * this machine, or `databricks`, whose host is the user's own setting.
 */
function needsNoTrust(config: TracingConfig): boolean {
  if (config.trackingUri === undefined) return true;
  const uri = readTrackingUri(config.trackingUri);
  return uri.kind === 'databricks' || (uri.kind === 'http' && isThisMachine(uri.url));
}

/**
 * True where a project's file that names another host may be followed: setup wrote this address into
 * it for this user, or Codex trusts the project (`[projects."<path>"] trust_level = "trusted"` in the
 * user's config.toml, for the project's folder or the root of its Git repository, as Codex 0.169
 * looks it up; the nearer entry decides).
 * @param file the tracing config, `<project>/.codex/mlflow-tracing.json`
 */
export async function isTrusted(file: string, config: TracingConfig, codexHome: string): Promise<boolean> {
  if (needsNoTrust(config)) return true;
  const uri = normalTrackingUri(config.trackingUri ?? '');
  const record = readSetupRecord(stateDir(codexHome));
  const real = realPath(file);
  const written = record.tracing.some(
    (entry) => realPath(entry.file) === real && normalTrackingUri(entry.trackingUri) === uri,
  );
  return written || codexTrusts(path.dirname(path.dirname(file)), codexHome);
}

/** Whether Codex trusts a project, or the root of its Git repository. */
export async function codexTrusts(project: string, codexHome: string): Promise<boolean> {
  let projects: unknown;
  try {
    // Loaded here only: a hook of a project on this machine never needs a TOML parser.
    const { parse } = await import('smol-toml');
    const toml = readWithoutWaiting(path.join(codexHome, 'config.toml'))
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    projects = parse(toml, { integersAsBigInt: true })['projects'];
  } catch {
    return false;
  }
  if (typeof projects !== 'object' || projects === null) return false;
  const levels = new Map(Object.entries(projects).map(([key, entry]) => [samePath(key), trustLevel(entry)]));
  for (const folder of [project, realPath(project), ...gitRoots(realPath(project))]) {
    const level = levels.get(samePath(folder));
    if (level !== undefined) return level === 'trusted';
  }
  return false;
}

function trustLevel(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'trust_level' in entry
    ? entry.trust_level
    : undefined;
}

/** The root of the repository around a folder, and for a linked worktree that of the main one. */
function gitRoots(inside: string): string[] {
  for (const folder of foldersUpward(inside)) {
    const git = path.join(folder, '.git');
    try {
      if (statSync(git).isDirectory()) return [folder];
      const main = mainWorktree(git);
      return main === undefined ? [folder] : [folder, main];
    } catch {
      // No repository of this folder's own, or none that can be read.
    }
  }
  return [];
}

function mainWorktree(gitFile: string): string | undefined {
  const named = /^gitdir:\s*(.+?)\s*$/m.exec(readFileSync(gitFile, 'utf8'))?.[1];
  if (named === undefined) return undefined;
  const gitDir = path.resolve(path.dirname(gitFile), named);
  const worktrees = path.dirname(gitDir);
  if (path.basename(worktrees) !== 'worktrees') return undefined;
  // A `.git` file can point anywhere; only a repository that points back has this as its worktree.
  const back = readFileSync(path.join(gitDir, 'gitdir'), 'utf8').trim();
  if (realPath(path.resolve(gitDir, back)) !== realPath(gitFile)) return undefined;
  return realPath(path.dirname(path.dirname(worktrees)));
}

function samePath(file: string): string {
  const plain = file.replace(/(?<=.)[/\\]+$/, '');
  return process.platform === 'win32' ? plain.toLowerCase() : plain;
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
