import { describe, expect, test } from '@jest/globals';
import { type Recording, recordingsOf } from '../turn/recordings.js';
import { type Noted, notedTraces } from './notation.js';

/** What a version of Codex, with the model it was recorded with, calls things. */
export interface Version {
  /** `0.60.1`; compare with `since`. */
  version: string;
  isCodeMode: boolean;
  /** The model of the recordings. */
  model: string;
  /** The second model of scenarios that change it. */
  other: string;
  since(version: string): boolean;
}

/**
 * Compares a scenario's traces, as every version recorded them, with one table in which what differs
 * between versions is said.
 * @param expected the traces, oldest first
 */
export function everyVersion(
  scenario: string,
  expected: (version: Version, recording: Recording) => Noted[],
): void {
  const recordings = recordingsOf(scenario);
  describe(scenario, () => {
    test('has been recorded', () => expect(recordings).not.toEqual([]));
    test.each(recordings.map((recording) => [recording.name, recording] as const))(
      '%s',
      async (_, recording) => {
        expect(await notedTraces(recording)).toEqual(expected(versionOf(recording), recording));
      },
    );
  });
}

/** A turn of the user's. */
export function turn(prompt: string | string[], answer: string, below: Noted[]): Noted {
  const prompts = typeof prompt === 'string' ? [prompt] : prompt;
  return { agent: 'codex', outcome: 'completed', prompts, answer, below };
}

/** A command through the shell tool of the version, which in code mode is called by a script. */
export function shell(version: Version, command: string, output: string, exit = 0): Noted {
  const failed = exit === 0 ? {} : { error: `exit code ${exit}` };
  const ran = { exit, ...failed };
  const shown = {
    ...(output === '' ? {} : { output: expect.stringContaining(output) }),
    exit_code: exit,
  };
  if (version.isCodeMode) {
    return script(JSON.stringify(command), JSON.stringify(output).slice(1, -1), [
      innerCommand(command, output, exit),
    ]);
  }
  // Before the pty tool a command was an argument of `shell_command`.
  return version.since('0.101.0')
    ? { tool: 'exec_command', in: { cmd: command }, out: shown, ...ran }
    : { tool: 'shell_command', in: { cmd: command }, out: shown, ...ran };
}

/** The name of the tool that `shell` calls. */
export function shellTool(version: Version): string {
  if (version.isCodeMode) return 'exec';
  return version.since('0.101.0') ? 'exec_command' : 'shell_command';
}

/** A command that a script of code mode ran. */
export function innerCommand(command: string, output: string, exit = 0): Noted {
  return {
    tool: 'exec_command',
    in: { cmd: command },
    out: {
      ...(output === '' ? {} : { output: expect.stringContaining(output) }),
      exit_code: exit,
    },
    exit,
    ...(exit === 0 ? {} : { error: `exit code ${exit}` }),
  };
}

/**
 * An `exec` call of code mode.
 * @param below what its script ran
 * @param end how it ended, in Codex's word; empty where it gave none
 */
export function script(source: string, output: string | undefined, below: Noted[], end = 'completed'): Noted {
  return {
    tool: 'exec',
    in: { input: expect.stringContaining(source) },
    out: {
      ...(output === undefined ? {} : { output: expect.stringContaining(output) }),
      ...(end === '' ? {} : { script: end }),
    },
    ...(below.length > 0 ? { below } : {}),
  };
}

function versionOf({ version, mode }: Recording): Version {
  const isNewest = version.localeCompare('0.169.0', 'en', { numeric: true }) >= 0;
  return {
    version,
    isCodeMode: mode === 'code-mode',
    model: mode === 'code-mode' ? 'gpt-6.1-sol' : isNewest ? 'gpt-5.5' : 'gpt-5.1-codex',
    other: mode === 'code-mode' ? 'gpt-6-luna' : isNewest ? 'gpt-5.6-luna' : 'gpt-5.1',
    since: (other) => version.localeCompare(other, 'en', { numeric: true }) >= 0,
  };
}
