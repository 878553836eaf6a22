import { isCommandName } from './help.js';
import { repositoryUrl } from './platform/files/repository.js';
import { asText } from './platform/json.js';
import { packageVersion } from './platform/process/package-version.js';

/**
 * The address of a new issue about an error that nobody foresaw, filled in: where in our code, which
 * command, which versions. Neither the error's own message nor a path of the user's is in it.
 */
export function issueUrl(error: unknown, command: string): string {
  const body = [
    `mlflow-codex ${packageVersion()}, ${isCommandName(command) ? command : 'no known command'}`,
    `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    '',
    'What you did, and the output of `mlflow-codex status --json` (look through it first):',
  ].join('\n');
  return `${repositoryUrl()}/issues/new?${new URLSearchParams({ title: titleOf(error), body })}`;
}

/** An error's kind, its code, and the place in our own files. */
function titleOf(error: unknown): string {
  const { code, name, stack } = Object(error) as { code?: unknown; name?: unknown; stack?: unknown };
  const place = /^\s+at .*?([\w.-]+:\d+:\d+)\)?$/m.exec(String(stack ?? ''))?.[1];
  const words = ['Internal error:', asText(name) ?? 'no Error', asText(code), place && `at ${place}`];
  return words.filter(Boolean).join(' ');
}
