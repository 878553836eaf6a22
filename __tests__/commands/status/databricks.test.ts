import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabricksWorkspace } from '../../support/databricks-workspace.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
let workspace: DatabricksWorkspace;
beforeEach(async () => {
  bench = new Workbench();
  bench.installCodex('0.171.0');
  workspace = await DatabricksWorkspace.start();
  Object.assign(bench.env, { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' });
});
afterEach(async () => {
  bench.remove();
  await workspace.close();
  expect(workspace.violations).toEqual([]);
});

const setup = (...more: string[]) => bench.setup('-y', '--tracking-uri', 'databricks', ...more);

async function status() {
  const { code, stdout } = await bench.run('status');
  expect(stdout).not.toMatch(/undefined|dapi-right|client-secret-1/);
  return { code, stdout };
}

describe('setup', () => {
  it('needs no trace location, writes no credential, and says what it found', async () => {
    const { code, stdout } = await setup('--experiment-id', '456');
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Databricks at ${workspace.url}, signed in with a personal access token (environment)`,
    );
    expect(stdout).toContain('Experiment 456 (/Users/dana/bound) is there');
    expect(stdout).toContain('to Unity Catalog, main.traces.codex');
    expect(JSON.parse(readFileSync(bench.projectTracing, 'utf8'))).toEqual({
      trackingUri: 'databricks',
      experimentId: '456',
    });
  });

  it('takes an experiment by its path', async () => {
    const { stdout } = await setup('--experiment-name', '/Users/dana/codex');
    expect(stdout).toContain(
      'Experiment 123 (/Users/dana/codex) is there; its traces go into the experiment',
    );
  });

  it('is no failure without a workspace to ask', async () => {
    await workspace.close();
    const { code, stdout } = await setup('--experiment-id', '123');
    expect(code).toBe(0);
    expect(stdout).toContain('does not answer');
  });
});

describe('status of a workspace', () => {
  it('says who is signed in where, and where traces lie', async () => {
    await setup('--experiment-id', '123');
    const { code, stdout } = await status();
    expect(stdout).toContain(`Databricks at ${workspace.url}`);
    expect(stdout).toContain('(environment)');
    expect(stdout).toContain('into the experiment');
    expect(code).toBe(0);
  });

  it('names the profile and its file', async () => {
    const file = `${bench.home}/.databrickscfg`;
    bench.put(file, `[team]\nhost = ${workspace.url}\ntoken = dapi-right\n`);
    bench.env = { PATH: bench.env['PATH'] ?? '' };
    await bench.setup('-y', '--tracking-uri', 'databricks://team', '--experiment-id', '123');
    const { code, stdout } = await status();
    expect(stdout).toContain(`([team] of ${file})`);
    expect(code).toBe(0);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a workspace that nobody names',
      () => {
        bench.env = { PATH: bench.env['PATH'] ?? '' };
      },
      /DATABRICKS_HOST is not set.*\.databrickscfg/s,
    ],
    [
      'a profile that is missing',
      () => {
        bench.env = { PATH: bench.env['PATH'] ?? '', DATABRICKS_CONFIG_PROFILE: 'gone' };
      },
      /no profile \[gone\] in .*\.databrickscfg/,
    ],
    [
      'a token that is refused',
      () => {
        bench.env['DATABRICKS_TOKEN'] = 'dapi-else';
      },
      /refuses the token \(HTTP 401; environment\).*Make a new one/s,
    ],
    [
      'no permission',
      () => workspace.fail('experiment', { status: 403 }, { status: 403 }),
      /not to experiment 123 \(HTTP 403\).*CAN EDIT/s,
    ],
    [
      'an experiment that is missing',
      () => workspace.experiments.delete('123'),
      /no experiment 123 at .*MLFLOW_EXPERIMENT_ID/s,
    ],
    [
      'an experiment that is deleted',
      () => workspace.experiments.set('123', { name: 'x', stage: 'deleted', tags: {} }),
      /Experiment 123 .* is deleted/,
    ],
    [
      'a workspace that does not answer as one',
      () => workspace.fail('experiment', { status: 502 }, { status: 502 }),
      /does not answer as a workspace does.*HTTP 502/,
    ],
    [
      'a trace location of another form',
      () => {
        bench.env['MLFLOW_TRACE_LOCATION'] = 'main.traces';
      },
      /not of the form catalog\.schema\.prefix/,
    ],
    [
      'a secret scope',
      () => {
        bench.env['MLFLOW_TRACKING_URI'] = 'databricks://scope:key';
      },
      /secret scope/,
    ],
  ])('ends with 1 and a remedy at %s', async (_, spoil, words) => {
    await setup('--experiment-id', '123');
    spoil();
    const { code, stdout } = await status();
    expect(stdout).toMatch(words);
    expect(stdout).toMatch(/✖|✗|×|error/);
    expect(code).toBe(1);
  });

  it('says that a workspace has no default experiment', async () => {
    await setup();
    const { code, stdout } = await status();
    expect(stdout).toContain('MLFLOW_EXPERIMENT_ID');
    expect(code).toBe(1);
  });

  it('names both where two ways of signing in are set', async () => {
    await setup('--experiment-id', '123');
    Object.assign(bench.env, {
      DATABRICKS_CLIENT_ID: 'client-1',
      DATABRICKS_CLIENT_SECRET: 'client-secret-1',
    });
    const { code, stdout } = await status();
    expect(stdout).toMatch(/pat is used, oauth-m2m is not/);
    expect(code).toBe(0);
  });

  it('warns where a trace location differs from the experiment’s own, and names both', async () => {
    await setup('--experiment-id', '456', '--trace-location', 'main.traces.other');
    const { code, stdout } = await status();
    expect(stdout).toContain('its traces go to Unity Catalog, main.traces.other');
    expect(stdout).toMatch(/main\.traces\.other.*main\.traces\.codex/s);
    expect(code).toBe(0);
  });

  it('warns where a trace location is named for an experiment that keeps its traces in itself', async () => {
    await setup('--experiment-id', '123', '--trace-location', 'main.traces.other');
    const { stdout } = await status();
    expect(stdout).toContain('its traces go to Unity Catalog, main.traces.other');
    expect(stdout).toContain('but experiment 123 keeps its traces in itself: it will not show them');
  });

  it('says nothing of a trace location that is the experiment’s own', async () => {
    await setup('--experiment-id', '456', '--trace-location', 'main.traces.codex');
    expect((await status()).stdout).not.toContain('it will not show them');
  });
});
