import { stat } from 'node:fs/promises';
import path from 'node:path';
import { unusableRemedy } from '../platform/files/unusable-files.js';
import { UserError } from '../platform/problems/user-error.js';
import { isSafeId } from './notify-payload.js';
import { readFirstLine } from './reading/read-turns.js';
import {
  findRecordings,
  lookForRecordings,
  type Recording,
  threadsBeginningWith,
} from './recordings/find-rollout.js';
import { compareKeys, parseRecordingName } from './recordings/recording-name.js';

const WHERE = 'Recordings lie below <codex home>/sessions; set CODEX_HOME if Codex keeps them elsewhere';
/** Of threads whose ids begin alike, so many are named. */
const NAMED_THREADS = 5;

/** A thread that a person named, with all its files. */
export interface NamedThread {
  readonly threadId: string;
  /** Oldest first; a file that was named itself is among them. */
  readonly recordings: readonly Recording[];
  /** The one that was named, where a file was. */
  readonly file?: Recording;
}

/**
 * The thread that a person named on the command line: by its id, by the beginning of its id that no
 * other thread has, or by one of its files, which may lie anywhere.
 * @throws UserError where there is no such thread, or more than one
 */
export async function namedRecording(name: string, codexHome: string, cwd: string): Promise<NamedThread> {
  const file = path.resolve(cwd, name);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return threadOfFile(file, codexHome);
  if (!isSafeId(name)) throw new UserError(`${file} is not a file`, WHERE);
  const recordings = findRecordings(codexHome, name);
  if (recordings.length > 0) return { threadId: name, recordings };
  const [threadId, ...others] = threadsBeginningWith(codexHome, name);
  if (threadId === undefined) throw await notFound(name, codexHome);
  if (others.length > 0) {
    const all = [threadId, ...others];
    const told = all.slice(0, NAMED_THREADS).join('\n');
    const more = all.length > NAMED_THREADS ? `\n… and ${all.length - NAMED_THREADS} more` : '';
    throw new UserError(`${all.length} threads begin with ${name}`, `Name more of the id:\n${told}${more}`);
  }
  return { threadId, recordings: findRecordings(codexHome, threadId) };
}

/** A folder that cannot be read may hide it. */
async function notFound(name: string, codexHome: string): Promise<UserError> {
  const { hidden } = lookForRecordings(codexHome, name);
  return hidden
    ? new UserError(
        `thread ${name} cannot be looked for: ${hidden.file} cannot be read (${hidden.code})`,
        unusableRemedy(hidden.file, hidden.code),
      )
    : new UserError(`there is no recording of thread ${name} below ${codexHome}`, WHERE);
}

/** A named file stands in the place of the thread's own file of the same key: it may be a copy of it. */
async function threadOfFile(file: string, codexHome: string): Promise<NamedThread> {
  const named = parseRecordingName(file);
  const threadId = named?.threadId ?? (await readFirstLine(file))?.threadId;
  if (!threadId)
    throw new UserError(`${file} is not a recording of Codex: its first line is no session_meta`, WHERE);
  const known = findRecordings(codexHome, threadId);
  const key = named?.key ?? (await keyOfCopy(file, known)) ?? threadId;
  const others = known.filter((recording) => recording.key !== key);
  const own = { key, path: file };
  const recordings = [...others, own].sort((a, b) => compareKeys(threadId, a.key, b.key));
  return { threadId, recordings, file: own };
}

/** A copy under another name is told by its first line, which no other file has. */
async function keyOfCopy(file: string, known: readonly Recording[]): Promise<string | undefined> {
  const first = await readFirstLine(file);
  for (const { key, path: candidate } of known) {
    const other = await readFirstLine(candidate);
    if (first !== undefined && other?.timeMs === first.timeMs) return key;
  }
  return undefined;
}
