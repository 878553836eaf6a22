import { compact } from '../../platform/json.js';
import type { ToolFailure } from '../turn.js';
import { failureTold } from './codex-texts.js';

/** What the text of a tool's output tells of its end. */
export interface TextOutcome {
  readonly exitCode?: number;
  readonly failure?: ToolFailure;
  /** The output without the envelope `{output, metadata}` that Codex up to 0.80 put around it. */
  readonly text: string;
}

/**
 * Reads Codex's envelope of an output: its header lines, never the program's own text after
 * `Output:`, which may say anything.
 * @param tool the name of the tool that was called, where it is known
 */
export function readTextOutcome(raw: string, tool?: string): TextOutcome {
  const wrapped = unwrap(raw);
  const text = wrapped?.text ?? raw;
  const exitCode = wrapped?.exitCode ?? headerExitCode(raw);
  const failure =
    failureTold(text, tool, wrapped !== undefined) ?? (exitCode ? exitFailure(exitCode) : undefined);
  return compact({ text, exitCode, failure });
}

/** A command's exit code as a failure; -1 is Codex's word for one that was cut off. */
export function exitFailure(exitCode: number): ToolFailure {
  return exitCode === -1
    ? { type: 'aborted', message: 'cut off before it ended' }
    : { type: 'exit_code', message: `exit code ${exitCode}` };
}

function unwrap(raw: string): { text: string; exitCode?: number } | undefined {
  if (!raw.startsWith('{"output":')) return undefined;
  try {
    const json = JSON.parse(raw) as { output?: unknown; metadata?: { exit_code?: unknown } };
    if (typeof json.output !== 'string' || typeof json.metadata !== 'object') return undefined;
    const code = json.metadata?.exit_code;
    return compact({ text: json.output, exitCode: typeof code === 'number' ? code : undefined });
  } catch {
    return undefined;
  }
}

/** The header is a few short lines. */
const HEADER_REACH = 1000;
const EXIT_LINES = ['Exit code: ', 'Process exited with code '];

function headerExitCode(raw: string): number | undefined {
  const lines = raw.slice(0, HEADER_REACH).split('\n');
  const end = lines.findIndex((line) => line === 'Output:' || line === 'Output');
  for (const line of lines.slice(0, Math.max(0, end))) {
    const begin = EXIT_LINES.find((known) => line.startsWith(known));
    const code = begin && line.slice(begin.length);
    if (code && /^-?\d+$/.test(code)) return Number(code);
  }
  return undefined;
}

/** Whether an `exec` of code mode went on in the background after its output was given. */
export function isYieldedScript(text: string): boolean {
  return text.startsWith('Script running with cell ID ');
}

/** How long a script of code mode ran that has ended, in ms: Codex tells it in tenths of a second (0.160 to 0.171). */
export function scriptTimeMs(text: string): number | undefined {
  const seconds = text.match(/^Script (?:completed|failed|terminated)\nWall time:? ([\d.]+) seconds\n/)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
