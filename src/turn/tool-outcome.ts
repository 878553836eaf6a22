import type { ToolFailure } from './turn.js';

/** What the text of a tool's output tells of its end. */
export interface TextOutcome {
  readonly exitCode?: number;
  readonly failure?: ToolFailure;
  /** The output without the envelope `{output, metadata}` that Codex up to 0.80 put around it. */
  readonly text: string;
}

/** Codex's own words for a call that did not run or did not finish (0.60 to 0.169). */
const FAILURES: readonly [RegExp, string, string][] = [
  [/^unsupported (custom tool )?call: /, 'unsupported_call', 'unsupported call: Codex has no such tool'],
  [/^apply_patch verification failed/, 'verification_failed', 'apply_patch verification failed'],
  [/^failed to parse function arguments/, 'invalid_arguments', 'failed to parse function arguments'],
  // `Wall time: …` before it: 0.60 and 0.80.
  [/^(Wall time: [\d.]+ seconds\n)?aborted( by user( after [\d.]+s)?)?$/, 'aborted', 'aborted by the user'],
  [/^exec_command failed[^\n]*Rejected\(/, 'declined', 'declined by the user'],
  [/^Script failed\n/, 'script_failed', 'script failed'],
  [
    /^(exec_command|shell|write_stdin|exec|tool call) failed( for [^\n]*)?:/,
    'failed',
    'Codex could not run the tool',
  ],
  [/^(command|patch|exec command) (was )?rejected by (the )?user/i, 'declined', 'declined by the user'],
  [/^command timed out after /, 'timeout', 'timed out'],
];

/**
 * Reads Codex's envelope of an output: its header lines, never the program's own text after
 * `Output:`, which may say anything.
 */
export function readTextOutcome(raw: string): TextOutcome {
  const wrapped = unwrap(raw);
  const text = wrapped?.text ?? raw;
  const exitCode = wrapped?.exitCode ?? headerExitCode(raw);
  for (const [pattern, type, message] of FAILURES) {
    if (pattern.test(text)) return { text, ...exit(exitCode), failure: { type, message } };
  }
  return { text, ...exit(exitCode), ...(exitCode ? { failure: exitFailure(exitCode) } : {}) };
}

/** A command's exit code as a failure; -1 is Codex's word for one that was cut off. */
export function exitFailure(exitCode: number): ToolFailure {
  return exitCode === -1
    ? { type: 'aborted', message: 'cut off before it ended' }
    : { type: 'exit_code', message: `exit code ${exitCode}` };
}

function exit(exitCode: number | undefined): { exitCode?: number } {
  return exitCode === undefined ? {} : { exitCode };
}

function unwrap(raw: string): { text: string; exitCode?: number } | undefined {
  if (!raw.startsWith('{"output":')) return undefined;
  try {
    const json = JSON.parse(raw) as { output?: unknown; metadata?: { exit_code?: unknown } };
    if (typeof json.output !== 'string' || typeof json.metadata !== 'object') return undefined;
    const code = json.metadata?.exit_code;
    return { text: json.output, ...(typeof code === 'number' ? { exitCode: code } : {}) };
  } catch {
    return undefined;
  }
}

function headerExitCode(raw: string): number | undefined {
  const end = raw.search(/^Output:?$/m);
  const header = end < 0 ? '' : raw.slice(0, end);
  const code = header.match(/^(?:Exit code: |Process exited with code )(-?\d+)$/m)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** Whether an `exec` of code mode went on in the background after its output was given. */
export function isYieldedScript(text: string): boolean {
  return text.startsWith('Script running with cell ID ');
}
