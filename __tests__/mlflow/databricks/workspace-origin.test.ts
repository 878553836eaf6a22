import { expect, test } from '@jest/globals';
import { isLoopback, workspaceOrigin } from '../../../src/mlflow/databricks/workspace-origin.js';

test.each([
  ['dbc.cloud.databricks.com', 'https://dbc.cloud.databricks.com'],
  ['https://dbc.example/?o=7', 'https://dbc.example'],
  ['HTTPS://dbc.example/', 'https://dbc.example'],
  ['http://127.0.0.1:5000', 'http://127.0.0.1:5000'],
  ['http://localhost:5000/x', 'http://localhost:5000'],
])('%s is the workspace %s', (text, origin) => {
  expect(workspaceOrigin(text)).toBe(origin);
});

test.each([
  ['http://dbc.example'],
  ['ftp://dbc.example'],
  ['https://ada@dbc.example'],
  ['https://:secret@dbc.example'],
  ['https://'],
  ['a b'],
])('%s is none', (text) => {
  expect(workspaceOrigin(text)).toBeUndefined();
});

test.each([
  ['http://localhost', true],
  ['http://[::1]:1', true],
  ['http://127.9.8.7', true],
  ['http://128.0.0.1', false],
  ['http://127.example', false],
  ['http://localhost.example', false],
])('%s stays on this machine: %s', (address, stays) => {
  expect(isLoopback(new URL(address))).toBe(stays);
});
