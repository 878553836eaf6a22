import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import {
  type CodexRun,
  codexProgram,
  linesOf,
  makeSandbox,
  runCodex,
  type Sandbox,
  sandboxEnv,
} from '../../scripts/lab/codex.mjs';
import { createExperiment, searchTraces } from '../../scripts/lab/mlflow-rest.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { type ResponsesApi, startResponsesApi } from '../../scripts/lab/responses-api.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { describeWith, mlflowNeeds, useMlflow } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

const bin = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../bin/mlflow-codex.js');
const scenario = findScenario('plain');

let api: ResponsesApi;
let receiver: OtlpReceiver;
beforeAll(async () => {
  api = await startResponsesApi(scenario.script);
});
afterAll(() => api.close());
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

/** A person with Codex of this version on the PATH. */
class Person {
  private constructor(
    readonly dir: string,
    readonly sandbox: Sandbox,
    readonly codex: string,
  ) {}

  static async make(version?: string): Promise<Person> {
    const dir = await makeTemporaryFolder();
    const sandbox = await makeSandbox(dir, { baseUrl: api.baseUrl, model: 'gpt-5.5' });
    return new Person(dir, sandbox, await codexProgram(version));
  }

  get config(): string {
    return path.join(this.sandbox.codexHome, 'config.toml');
  }

  get env(): NodeJS.ProcessEnv {
    const folders = [path.dirname(this.codex), path.dirname(process.execPath), '/usr/bin', '/bin'];
    return sandboxEnv(this.sandbox, { PATH: folders.join(path.delimiter) });
  }

  /** Runs our program as installed. */
  run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [bin, ...argv],
        { cwd: this.sandbox.cwd, env: this.env },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  /** Has one turn with Codex. */
  async turn(env = this.env, codex = this.codex): Promise<CodexRun> {
    const [step] = scenario.steps;
    if (!Array.isArray(step?.args)) throw new Error('the scenario has no plain arguments');
    const run = await runCodex(codex, step.args, { cwd: this.sandbox.cwd, env });
    expect(`${run.code} ${run.stdout}`).toContain('0 Hello from the script.');
    return run;
  }

  hookLog(): Promise<string[]> {
    return linesOf(path.join(this.sandbox.codexHome, 'mlflow-codex', 'hook.log'));
  }

  leave(): void {
    removeFolder(this.dir);
  }
}

let person: Person;
afterEach(() => person.leave());

/** Waits for the hook's n-th line, and for what it says. */
const logged = (n: number) =>
  waitFor(`line ${n} of the hook's log`, async () => {
    const line = (await person.hookLog())[n - 1];
    return line !== undefined && (JSON.parse(line) as { outcome: string; detail?: string });
  });

describe.each([
  ['0.171.0', undefined],
  ['0.120.0', '0.120.0'],
  ['0.60.1', '0.60.1'],
])('what setup writes, in the hands of the real Codex %s', (name, version) => {
  it.each(version === '0.60.1' ? ['--project'] : ['--project', '--user'])(
    '%s: loads, fires our hook, and is gone again after uninstall',
    async (scope) => {
      person = await Person.make(version);
      // Codex 0.80 to 0.129 reads a project's config only where it trusts the project.
      const trust = `[projects.${JSON.stringify(person.sandbox.cwd)}]\ntrust_level = "trusted"\n`;
      await appendFile(person.config, trust);
      const before = await readFile(person.config, 'utf8');
      const setup = await person.run(
        'setup',
        '-y',
        scope,
        '--tracking-uri',
        receiver.url,
        '--experiment-id',
        '0',
      );
      expect(setup).toMatchObject({ code: 0, stderr: '' });
      const isInProject = scope === '--project' && name === '0.120.0';
      expect((await readFile(person.config, 'utf8')).includes('notify-hook')).toBe(!isInProject);
      expect(existsSync(path.join(person.sandbox.cwd, '.codex', 'config.toml'))).toBe(isInProject);

      const { stderr } = await person.turn();
      expect(stderr).not.toMatch(/Ignored unsupported|[Ee]rror loading/);
      expect(await logged(1)).toMatchObject({ outcome: 'sent' });
      expect(receiver.spans().map((span) => span.name)).toContain('invoke_agent codex');

      expect(await person.run('uninstall', '-y', scope)).toMatchObject({ code: 0, stderr: '' });
      expect(await readFile(person.config, 'utf8')).toBe(before);
      await person.turn();
      await sleep(500);
      expect(await person.hookLog()).toHaveLength(1);
    },
  );
});

describe('a notifier that was there first', () => {
  it('is called with the same payload by our hook, and by Codex again after uninstall', async () => {
    person = await Person.make();
    const bell = path.join(person.dir, 'bell');
    const heard = path.join(person.dir, 'heard');
    await writeFile(bell, `#!/bin/sh\nprintf '%s\\n' "$1 $2" >> ${heard}\n`);
    await chmod(bell, 0o755);
    const own = `notify = [\n  "${bell}", # ding\n  "ding",\n]\n`;
    await writeFile(person.config, own + (await readFile(person.config, 'utf8')));
    const before = await readFile(person.config, 'utf8');
    const setup = (...more: string[]) =>
      person.run('setup', '-y', '--tracking-uri', receiver.url, '--experiment-id', '0', ...more);

    const refused = await setup();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('--forward-existing');
    expect(await readFile(person.config, 'utf8')).toBe(before);

    expect((await setup('--forward-existing')).code).toBe(0);
    await person.turn();
    expect(await logged(1)).toMatchObject({ outcome: 'sent' });
    const [line] = await waitFor('the bell', async () => {
      const lines = await linesOf(heard);
      return lines.length > 0 && lines;
    });
    expect(line).toMatch(/^ding \{.*"type":"agent-turn-complete".*\}$/);

    await person.run('uninstall', '-y');
    expect(await readFile(person.config, 'utf8')).toBe(before);
    await person.turn();
    await waitFor('the bell again', async () => (await linesOf(heard)).length === 2);
    expect(await person.hookLog()).toHaveLength(1);
  });
});

test('a Codex that was started without the shell’s PATH finds the hook that setup registered', async () => {
  person = await Person.make();
  await person.run('setup', '-y', '--user', '--tracking-uri', receiver.url);
  // What npm installs as codex is a script that finds node on the PATH.
  const codex = path.join(person.dir, 'codex');
  await writeFile(codex, `#!/bin/sh\nexec ${process.execPath} ${person.codex} "$@"\n`);
  await chmod(codex, 0o755);
  await person.turn({ ...person.env, PATH: '/usr/sbin:/sbin' }, codex);
  expect(await logged(1)).toMatchObject({ outcome: 'sent' });
});

describe('a notify that this Codex ignores', () => {
  it('is why Codex warns; status finds it, and setup mends it', async () => {
    person = await Person.make();
    const file = path.join(person.sandbox.cwd, '.codex', 'config.toml');
    await mkdir(path.dirname(file));
    await writeFile(file, `notify = ${JSON.stringify([process.execPath, bin, 'notify-hook'])}\n`);
    await appendFile(
      person.config,
      `[projects.${JSON.stringify(person.sandbox.cwd)}]\ntrust_level = "trusted"\n`,
    );
    expect((await person.turn()).stderr).toContain('Ignored unsupported');
    const found = await person.run('status', '--offline');
    expect(found.code).toBe(1);
    expect(found.stdout).toContain(`ignores notify in a project’s config: ${file}:1`);

    await person.run('setup', '-y', '--tracking-uri', receiver.url);
    expect((await person.turn()).stderr).not.toContain('Ignored unsupported');
    expect(await logged(1)).toMatchObject({ outcome: 'sent' });
    expect((await person.run('status', '--offline')).code).toBe(0);
  });
});

describeWith(mlflowNeeds(), 'setup and status with the real MLflow', () => {
  const mlflow = useMlflow();
  const state = async () => {
    const { code, stdout } = await person.run('status', '--json');
    const { server } = JSON.parse(stdout) as { server: { code: string; level: string }[] };
    return { code, server: server.map((finding) => finding.code) };
  };

  it('makes the experiment, has a turn traced, finds nothing broken, and leaves no trace of its own', async () => {
    person = await Person.make();
    const setup = await person.run(
      'setup',
      '-y',
      '--tracking-uri',
      mlflow(),
      '--experiment-name',
      'my codex',
    );
    expect(setup.stdout).toContain('(my codex) was made');
    const id = /Experiment (\d+)/.exec(setup.stdout)?.[1] ?? '';
    expect(await state()).toEqual({ code: 0, server: ['server-up', 'experiment-active', 'otlp-allowed'] });
    expect(await searchTraces(mlflow(), id)).toEqual([]);
    await person.turn();
    expect(await logged(1)).toMatchObject({ outcome: 'sent' });
    expect(await searchTraces(mlflow(), id)).toHaveLength(1);
    expect((await person.run('status')).stdout).toMatch(/ago: sent in \d+ ms/);
  });

  it('finds a missing and a deleted experiment', async () => {
    person = await Person.make();
    await person.run('setup', '-y', '--tracking-uri', mlflow(), '--experiment-id', '987654321');
    expect(await state()).toEqual({ code: 1, server: ['server-up', 'experiment-missing'] });
    const id = await createExperiment(mlflow(), 'soon gone');
    await fetch(`${mlflow()}/api/2.0/mlflow/experiments/delete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_id: id }),
    });
    await person.run('setup', '-y', '--experiment-id', id);
    expect(await state()).toEqual({ code: 1, server: ['server-up', 'experiment-deleted'] });
  });
});
