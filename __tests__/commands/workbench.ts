import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/cli.js';
import { runSetup } from '../../src/commands/setup/setup.js';
import type { RunningProgram } from '../../src/install/running-program.js';
import type { CommandIo } from '../../src/terminal/io.js';

/** What a command printed, and its exit code. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** A home, a project and a PATH of their own in a temporary folder; no command sees anything else. */
export class Workbench {
  readonly base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'bench-')));
  readonly home = path.join(this.base, 'home');
  readonly codexHome = path.join(this.home, '.codex');
  /** Where commands run; a test may go elsewhere. */
  project = path.join(this.home, 'project');
  readonly bin = path.join(this.base, 'bin');
  readonly userConfig = path.join(this.codexHome, 'config.toml');
  readonly userTracing = path.join(this.codexHome, 'mlflow-tracing.json');
  readonly record = path.join(this.codexHome, 'mlflow-codex', 'setup.json');
  readonly backups = path.join(this.codexHome, 'mlflow-codex', 'backups');
  /** What is registered: a small script that only knows its version, and what runs it. */
  readonly program: RunningProgram;
  env: NodeJS.ProcessEnv = {
    PATH: [this.bin, path.join(this.base, 'lib'), '/usr/bin', '/bin'].join(path.delimiter),
  };

  constructor() {
    mkdirSync(this.project, { recursive: true });
    mkdirSync(this.bin);
    const script = path.join(this.base, 'lib', 'mlflow-codex.js');
    this.put(script, 'echo mlflow-codex 0.0.0\n');
    // A shell by the name of node: it starts twenty times as fast.
    const node = path.join(this.base, 'lib', 'node');
    this.put(node, '#!/bin/sh\nexec /bin/sh "$@"\n');
    chmodSync(node, 0o755);
    this.program = { node, script, version: '0.0.0', platform: process.platform };
  }

  get projectConfig(): string {
    return path.join(this.project, '.codex', 'config.toml');
  }

  get projectTracing(): string {
    return path.join(this.project, '.codex', 'mlflow-tracing.json');
  }

  /** Puts a Codex of this version on the PATH. */
  installCodex(version: string): void {
    this.script('codex', `echo codex-cli ${version}`);
  }

  /** Puts a shell script on the PATH. */
  script(name: string, body: string): void {
    this.put(path.join(this.bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(path.join(this.bin, name), 0o755);
  }

  put(file: string, content: unknown): void {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }

  get(file: string): string {
    return readFileSync(file, 'utf8');
  }

  has(file: string): boolean {
    return existsSync(file);
  }

  /** Every file below the home with its text and its mode: what a round trip must give back. */
  snapshot(): Record<string, string> {
    const names = readdirSync(this.home, { recursive: true }).map(String).sort();
    return Object.fromEntries(
      names.map((name) => {
        const file = path.join(this.home, name);
        const stats = statSync(file);
        return [name, `${(stats.mode & 0o777).toString(8)} ${stats.isDirectory() ? '' : this.get(file)}`];
      }),
    );
  }

  /** A text with HOME, PROJECT and BASE in place of this workbench's folders. */
  short(text: string): string {
    return text
      .replaceAll(this.codexHome, 'HOME')
      .replaceAll(this.project, 'PROJECT')
      .replaceAll(this.base, 'BASE');
  }

  /** How a hook of Codex calls this workbench's program. */
  get hookCommand(): string {
    return `${this.program.node} ${this.program.script} stop-hook`;
  }

  /** What setup adds to a config.toml for a hook at this event. */
  hookEntry(event: string): string {
    return `[[hooks.${event}]]\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = ${JSON.stringify(this.hookCommand)}\n`;
  }

  io(more: Partial<CommandIo> = {}): CommandIo & { ran: (code: number) => Ran } {
    const [stdout, stderr] = [collect(), collect()];
    return {
      stdout: stdout.stream,
      stderr: stderr.stream,
      stdin: new PassThrough(),
      env: this.env,
      cwd: this.project,
      homeDir: this.home,
      isTTY: false,
      colors: false,
      ...more,
      ran: (code) => ({ code, stdout: stdout.text(), stderr: stderr.text() }),
    };
  }

  /** Runs a command line as the program does. */
  async run(...argv: string[]): Promise<Ran> {
    const io = this.io();
    return io.ran(await runCli(argv, io));
  }

  /** Runs setup, registering this workbench's script; what it throws is the test's to look at. */
  async setup(...argv: string[]): Promise<Ran> {
    const io = this.io();
    return io.ran(await runSetup(argv, io, this.program));
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

function collect() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (part) => {
    text += part;
  });
  return { stream, text: () => text };
}
