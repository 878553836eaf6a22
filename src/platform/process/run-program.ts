import { execFile } from 'node:child_process';

/** How a program ended: with its output, or without an exit code of its own. */
export type ProgramRun = { kind: 'ran'; code: number; stdout: string } | { kind: 'failed'; reason: string };

/**
 * Runs a program to its end, without a shell (but for Windows' `.cmd` files, which need one). Never throws.
 * @param timeoutMs after which it is killed; what it may have started itself, and what still holds its
 * output open, is not waited for
 * @param platform for tests
 */
export function runProgram(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
  platform: NodeJS.Platform = process.platform,
): Promise<ProgramRun> {
  const [program = '', ...args] = argv;
  const shell = platform === 'win32' && /\.(?:cmd|bat)$/i.test(program);
  const file = shell ? `"${program}"` : program;
  return new Promise((resolve) => {
    try {
      const child = execFile(file, args, { env, shell, windowsHide: true }, (error, stdout) => {
        clearTimeout(timer);
        if (error === null) resolve({ kind: 'ran', code: 0, stdout });
        else if (typeof error.code === 'number') resolve({ kind: 'ran', code: error.code, stdout });
        else resolve({ kind: 'failed', reason: error.code ?? `ended by ${error.signal}` });
      });
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ kind: 'failed', reason: `no end within ${timeoutMs / 1000} s` });
      }, timeoutMs);
      child.stdin?.on('error', () => {});
      child.stdin?.end();
    } catch (error) {
      // A NUL in an argument, for example, is thrown at once.
      resolve({ kind: 'failed', reason: (error as NodeJS.ErrnoException).code ?? 'it cannot be started' });
    }
  });
}
