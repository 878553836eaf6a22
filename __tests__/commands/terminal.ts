import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** A terminal in Python's standard library: what comes on stdin is typed, what is shown goes to stdout. */
const DRIVER = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 160, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
watched = [terminal, 0]
while terminal in watched:
    for source in select.select(watched, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b''
        if not data:
            watched.remove(source)
        else:
            os.write(1 if source == terminal else terminal, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Keys as a terminal sends them. */
export const KEYS = {
  enter: '\r',
  down: '\u001b[B',
  up: '\u001b[A',
  ctrlC: '\u0003',
  escape: '\u001b',
  backspace: '\u007f',
};

/** A program in a pseudo-terminal of its own. */
export interface Terminal {
  /** Waits until this has been shown since the last wait. Fails with what was shown instead. */
  waitFor(text: string): Promise<void>;
  type(keys: string): void;
  /** The exit code, once the program has ended. */
  ended: Promise<number | null>;
  /** Everything shown so far, without control sequences. */
  shown(): string;
}

const open = new Set<() => void>();

/** Ends what still runs: for `afterEach`, so that a failed test leaves no program behind. */
export function closeTerminals(): void {
  for (const close of open) close();
  open.clear();
}

/** Starts a program in a pseudo-terminal (Python 3.9 or later makes it). */
export function openTerminal(
  python: string,
  argv: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Terminal {
  const child = spawn(python, ['-c', DRIVER, ...argv], { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  open.add(() => child.kill());
  let raw = '';
  let seen = 0;
  let look = () => {};
  child.stdout.on('data', (part) => {
    raw += part;
    look();
  });
  const shown = () => stripVTControlCharacters(raw);
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      resolve(code);
      look();
    });
  });
  return {
    shown,
    ended,
    type: (keys) => void child.stdin.write(keys),
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error(`"${text}" was not shown, but:\n${shown().slice(seen)}`));
        const timer = setTimeout(fail, 15_000);
        look = () => {
          const at = shown().indexOf(text, seen);
          if (at < 0 && child.exitCode === null) return;
          clearTimeout(timer);
          look = () => {};
          if (at < 0) return fail();
          seen = at + text.length;
          resolve();
        };
        look();
      }),
  };
}
