// @ts-check
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const fixtures = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../__tests__/fixtures');

/**
 * A recording in a Codex home, and the turn of it that is announced.
 * @typedef {{ file: string, threadId: string, turnId: string, cwd: string }} Recorded
 */

/**
 * Puts a recording of the fixtures into a Codex home.
 * @param {string} name such as `0.171.0-code-mode/approved`
 * @param {string} codexHome
 * @returns {Recorded}
 */
export function recorded(name, codexHome) {
  const folder = path.join(fixtures, 'rollouts', name);
  const file = readdirSync(folder).find((entry) => entry.startsWith('rollout-'));
  if (file === undefined) throw new Error(`no recording in ${folder}`);
  const text = readFileSync(path.join(folder, file), 'utf8');
  const turnId = /"task_started".*?"turn_id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? '';
  return { file: put(path.join(folder, file), codexHome), threadId: threadOf(file), turnId, cwd: codexHome };
}

/** The compressed recording, which Codex makes of old ones. @param {string} codexHome @returns {Recorded} */
export function compressed(codexHome) {
  const [file = ''] = readdirSync(path.join(fixtures, 'compressed'));
  const place = put(path.join(fixtures, 'compressed', file), codexHome);
  return { file: place, threadId: threadOf(file), turnId: '', cwd: codexHome };
}

/** @param {string} source @param {string} codexHome */
function put(source, codexHome) {
  const day = path.join(codexHome, 'sessions', '2026', '11', '25');
  mkdirSync(day, { recursive: true });
  const file = path.join(day, path.basename(source));
  cpSync(source, file);
  return file;
}

/** @param {string} file */
function threadOf(file) {
  return /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:_[^.]*)?\.jsonl/.exec(file)?.[1] ?? '';
}
