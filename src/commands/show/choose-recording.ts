import { namedRecording } from '../../codex/named-recording.js';
import { newestRollouts, type RecentSession, sessionsOf } from '../../codex/recent-sessions.js';
import { findRecordings, type Recording } from '../../codex/recordings/find-rollout.js';
import type { UnreadableFolder } from '../../codex/recordings/recording-folders.js';
import { unusableRemedy } from '../../platform/files/unusable-files.js';
import { UserError } from '../../platform/problems/user-error.js';
import { ago } from '../../terminal/ago.js';
import type { CommandIo } from '../../terminal/io.js';
import { plainText } from '../../terminal/plain-text.js';
import { openPrompts } from '../../terminal/prompts.js';

/** So many sessions fit a terminal of 24 lines, with the question. */
const MAX_CHOICES = 15;
const PROMPT_CHARACTERS = 60;

/** What `show` was asked for. */
export interface RecordingWish {
  /** A thread, the beginning of its id, or a file. */
  readonly named: string | undefined;
  readonly codexHome: string;
  /** A person may be asked which of the last sessions it is to be. */
  readonly asks: boolean;
}

/** What is to be shown. */
export interface ChosenRecording {
  /** Oldest first. */
  readonly recordings: readonly Recording[];
  readonly last: Recording;
}

/**
 * The files of the thread that a person named; of a named file, that one alone. Where nothing is named, the
 * person chooses one of the last sessions, or where nobody can be asked it is the newest recording.
 * @throws UserError where there is none, or where it is hidden by a folder that cannot be read
 */
export async function chooseRecording(wish: RecordingWish, io: CommandIo): Promise<ChosenRecording> {
  const { named, codexHome } = wish;
  if (named !== undefined) {
    const { recordings, file } = await namedRecording(named, codexHome, io.cwd);
    return chosenOf(file ? [file] : recordings, codexHome);
  }
  const hidden: UnreadableFolder[] = [];
  const files = await newestRollouts(codexHome, (folder) => hidden.push(folder));
  const [newest] = files;
  if (newest === undefined) throw noRecording(codexHome, hidden);
  const sessions = wish.asks ? await sessionsOf(files, MAX_CHOICES) : [];
  const [first, second] = sessions;
  const threadId = first && second ? await ask(sessions, first.threadId, io) : (first ?? newest).threadId;
  return chosenOf(findRecordings(codexHome, threadId), codexHome);
}

function chosenOf(recordings: readonly Recording[], codexHome: string): ChosenRecording {
  const last = recordings.at(-1);
  // Somebody has taken it away since it was listed.
  if (last === undefined) throw noRecording(codexHome, []);
  return { recordings, last };
}

function noRecording(codexHome: string, [hidden]: readonly UnreadableFolder[]): UserError {
  if (hidden)
    return new UserError(
      `${hidden.file} cannot be read (${hidden.code})`,
      unusableRemedy(hidden.file, hidden.code),
    );
  return new UserError(
    `there is no recording below ${codexHome}/sessions`,
    'Run a turn in codex first, or set CODEX_HOME',
  );
}

async function ask(sessions: readonly RecentSession[], initial: string, io: CommandIo): Promise<string> {
  const nowMs = Date.now();
  const choices = sessions.map(({ threadId, modifiedMs, cwd, prompt = '' }) => ({
    value: threadId,
    label: `${ago(modifiedMs, nowMs).padEnd(11)} ${shortened(prompt) || '(no prompt)'}`,
    hint: cwd === undefined ? threadId : `${plainText(cwd)}, ${threadId}`,
  }));
  const prompts = await openPrompts(io);
  return prompts.select('Which session?', choices, initial);
}

function shortened(prompt: string): string {
  const line = plainText(prompt).replace(/\s+/g, ' ').trim();
  return line.length > PROMPT_CHARACTERS ? `${line.slice(0, PROMPT_CHARACTERS - 1)}…` : line;
}
