/**
 * Starts a program that goes on when this process is over, and is not waited for. It is in a session of its
 * own, because signals to the process group of who started us (Codex) reach us as well. Never throws: a
 * program that cannot be started is silent.
 * @param cwd the folder it runs in; ours where none is given
 */
export async function startDetached(program: string, args: readonly string[], cwd?: string): Promise<void> {
  try {
    // Loaded on use: most hooks start no other program, and it is a tenth of their start.
    const { spawn } = await import('node:child_process');
    const child = spawn(program, args, {
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
      cwd,
    });
    child.on('error', () => {});
    child.unref();
  } catch {
    // Node throws at once for some of what cannot be started, such as a NUL in an argument.
  }
}
