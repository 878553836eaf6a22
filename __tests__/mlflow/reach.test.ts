import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { reachOf, reachOfOther } from '../../src/mlflow/reach.js';
import { CERTIFICATE } from '../support/test-certificate.js';

const store = new URL('https://store.example/x');
const workspace = new URL('https://workspace.example');

test('each host’s proxy is judged by its own name', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'workspace.example' };
  expect(reachOf(workspace, env)).toEqual({ kind: 'value', value: { tls: {} } });
  expect(reachOfOther(store, env)).toEqual({ kind: 'value', value: { tls: {}, proxy: 'http://proxy:3128' } });
});

test('a host that is not the tracking server sees its authorities and never the client’s certificate', async () => {
  const file = path.join(await makeTemporaryFolder(), 'both.pem');
  writeFileSync(file, CERTIFICATE);
  const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: file, MLFLOW_TRACKING_CLIENT_CERT_PATH: file };
  const ca = Buffer.from(CERTIFICATE);
  expect(reachOf(workspace, env)).toMatchObject({ value: { tls: { ca, cert: ca, key: ca } } });
  expect(reachOfOther(store, env)).toEqual({ kind: 'value', value: { tls: { ca } } });
});
