import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { readFixedValues, setBySystem } from '../../../src/commands/setup/set-by-system.js';
import { valuesInEffect } from '../../../src/commands/setup/values-in-effect.js';

/** What an administrator has fixed, and what a user's setup says of it. */
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  file = path.join(folder, 'mlflow-tracing.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const MACHINES = { trackingUri: 'https://otel.example.org/', experimentName: 'codex', tags: { team: 'x' } };
const written = { trackingUri: 'http://localhost:5000', experiment: { id: '7' }, traceLocation: undefined };
const fixed = (...required: string[]) => {
  writeFileSync(file, JSON.stringify({ ...MACHINES, required }));
  return readFixedValues(file);
};

test('only required fields are fixed', () => {
  expect(fixed()).toEqual({ fixed: {}, findings: [] });
  expect(fixed('trackingUri', 'tags', 'experimentId')).toEqual({
    fixed: { trackingUri: MACHINES.trackingUri },
    findings: [],
  });
  expect(readFixedValues(path.join(folder, 'none'))).toEqual({ fixed: {}, findings: [] });
});

test('a fixed address wins over the environment and over what is written, which is told', () => {
  const { fixed: values } = fixed('trackingUri', 'experimentName');
  const env = { MLFLOW_TRACKING_URI: 'http://other', MLFLOW_EXPERIMENT_ID: '9' };
  expect(valuesInEffect(written, env, values)).toEqual({
    trackingUri: MACHINES.trackingUri,
    experiment: { name: 'codex' },
    traceLocation: undefined,
  });
  const told = (uri: string, name: string) =>
    setBySystem({ ...written, trackingUri: uri, experiment: { name } }, values, '/home/ada/x.json').map(
      ({ args }) => args,
    );
  const source = '/home/ada/x.json';
  expect(told('http://localhost:5000', 'mine')).toEqual([
    { source, field: 'trackingUri' },
    { source, field: 'experimentName' },
  ]);
  expect(told('https://otel.example.org', 'codex')).toEqual([]);
});

test('a broken file of the machine’s is told, and keeps nobody from setting up', () => {
  writeFileSync(file, '{');
  expect(readFixedValues(file)).toMatchObject({
    fixed: {},
    findings: [{ code: 'tracing-config-broken', level: 'warning', args: { file } }],
  });
});
