import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../platform/user-error.js';
import { findRollout, threadIdOfFile } from './find-rollout.js';
import { isSafeId } from './notify-payload.js';
import { readFirstLine } from './read-turns.js';

const WHERE = 'Recordings lie below <codex home>/sessions; set CODEX_HOME if Codex keeps them elsewhere';

/** A recording somebody named on the command line, by thread id or path. */
export async function namedRecording(
  name: string,
  codexHome: string,
  cwd: string,
): Promise<{ threadId: string; path: string }> {
  const file = path.resolve(cwd, name);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    const recording = isSafeId(name) ? await findRollout(codexHome, name) : undefined;
    if (recording) return { threadId: name, path: recording };
    const what = isSafeId(name)
      ? `there is no recording of thread ${name} below ${codexHome}`
      : `${file} is not a file`;
    throw new UserError(what, WHERE);
  }
  const threadId = threadIdOfFile(file) ?? (await readFirstLine(file))?.threadId;
  if (!threadId)
    throw new UserError(`${file} is not a recording of Codex: its first line is no session_meta`, WHERE);
  return { threadId, path: file };
}
