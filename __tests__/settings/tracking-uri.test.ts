import { describe, expect, it } from '@jest/globals';
import { isThisMachine, normalTrackingUri, readTrackingUri } from '../../src/settings/files/tracking-uri.js';

describe('readTrackingUri', () => {
  it('takes http, https and Databricks', () => {
    expect(readTrackingUri(' http://localhost:5000/ ')).toMatchObject({ kind: 'http' });
    expect(readTrackingUri('https://h/mlflow')).toMatchObject({ kind: 'http' });
    expect(readTrackingUri('databricks')).toEqual({ kind: 'databricks' });
    expect(readTrackingUri('databricks://team')).toEqual({ kind: 'databricks', profile: 'team' });
  });

  it.each([
    ['', 'tracking-uri-empty', 'http://host:port'],
    ['localhost:5000', 'tracking-uri-scheme-missing', 'Write http://localhost:5000'],
    ['mlflow.example.org', 'tracking-uri-scheme-missing', 'Write http://mlflow.example.org'],
    ['127.0.0.1:5000/x', 'tracking-uri-scheme-missing', 'Write http://127.0.0.1:5000/x'],
    ['./mlruns', 'tracking-uri-scheme-missing', ''],
    ['file:///mlruns', 'tracking-uri-scheme', 'mlflow server'],
    ['postgresql://u:secret@h/db', 'tracking-uri-scheme', 'mlflow server'],
    ['http://', 'tracking-uri-invalid', 'http://host:port'],
    ['https://ada:secret@h', 'tracking-uri-credentials', 'MLFLOW_TRACKING_PASSWORD'],
    ['https://secret@h', 'tracking-uri-credentials', 'MLFLOW_TRACKING_PASSWORD'],
    ['ada:secret@h', 'tracking-uri-scheme', ''],
    ['databricks://ada:secret@h', 'tracking-uri-scheme', ''],
  ])('refuses %j', (text, code, hint) => {
    const uri = readTrackingUri(text);
    expect(uri).toMatchObject({ kind: 'problem', code, hint: expect.stringContaining(hint) });
    expect(JSON.stringify(uri)).not.toContain('secret');
  });

  it('refuses a secret scope of Databricks, and says what to name instead', () => {
    expect(readTrackingUri('databricks://scope:key')).toMatchObject({
      code: 'tracking-uri-secret-scope',
      hint: expect.stringContaining('databricks://profile'),
    });
  });
});

describe('isThisMachine', () => {
  it.each([
    ['http://localhost:5000', true],
    ['http://LOCALHOST', true],
    ['http://127.0.0.1:1', true],
    ['http://[::1]:1', true],
    // The URL parser reads these as 127.0.0.1 and so does the connection.
    ['http://127.1', true],
    ['http://localhost.evil.org', false],
    ['http://evil.org#localhost', false],
    ['http://0.0.0.0:5000', false],
    ['http://127.0.0.1.evil.org', false],
  ])('%s: %s', (uri, expected) => {
    expect(isThisMachine(new URL(uri))).toBe(expected);
  });
});

describe('normalTrackingUri', () => {
  it.each([
    ['HTTP://Host:5000//', 'http://host:5000'],
    ['https://h/mlflow/', 'https://h/mlflow'],
    ['https://h:443', 'https://h'],
    ['databricks://p/', 'databricks://p'],
    [' databricks ', 'databricks'],
    ['https://ada:s@cret@h/x', 'https://h/x'],
    [' ftp://ada:s@cret@h/x ', 'ftp://h/x'],
  ])('makes %j %j', (text, expected) => {
    expect(normalTrackingUri(text)).toBe(expected);
  });
});
