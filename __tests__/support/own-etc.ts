import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe } from '@jest/globals';

/** A mount namespace in which a folder of the test's own stands for the machine's /etc: needs root and Linux. */
export function inOwnEtc(etc: string, command: readonly string[]): string[] {
  return ['unshare', '-m', 'sh', '-c', 'mount --bind "$1" /etc && shift && exec "$@"', 'sh', etc, ...command];
}

/** A program that runs another one with that /etc, for whoever takes a program's path alone. */
export function wrapInOwnEtc(file: string, etc: string, program: string): void {
  const words = inOwnEtc(etc, [program]).map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  writeFileSync(file, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  chmodSync(file, 0o755);
}

function canMount(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/etc'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A block of tests with an /etc of their own; skipped, with a line that says so, where that cannot be. */
export function describeInOwnEtc(name: string, block: () => void): void {
  const isPossible = canMount();
  if (!isPossible) process.stderr.write(`${name}: not tested, that needs root and mount namespaces\n`);
  (isPossible ? describe : describe.skip)(name, block);
}
