import { describe, expect, it } from '@jest/globals';
import { isThisMachine, normalTrackingUri, readTrackingUri } from '../../src/settings/files/tracking-uri.js';

describe('readTrackingUri', () => {
  it('takes http, https and Databricks', () => {
    const addressOf = (text: string) => {
      const uri = readTrackingUri(text);
      return uri.kind === 'http' ? uri.url.href : uri.kind;
    };
    expect(addressOf(' http://localhost:5000/ ')).toBe('http://localhost:5000/');
    expect(addressOf('https://h/mlflow?a=b#part')).toBe('https://h/mlflow?a=b');
    expect(readTrackingUri('databricks://team/')).toEqual({ kind: 'databricks', profile: 'team' });
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

describe('what is refused', () => {
  const EXAMPLES = 'Use http://host:port, https://host, databricks or databricks://profile';

  it.each([
    [' ', 'tracking-uri-empty', 'The tracking URI is empty', EXAMPLES],
    [
      'h:5000/x',
      'tracking-uri-scheme-missing',
      'The tracking URI has no http:// or https://',
      'Write http://h:5000/x or https://h:5000/x',
    ],
    ['a b', 'tracking-uri-scheme-missing', 'The tracking URI has no http:// or https://', EXAMPLES],
    [
      'SQLite:///a.db',
      'tracking-uri-scheme',
      "The tracking URI's scheme sqlite: cannot take traces",
      `Start \`mlflow server\` and name its address. ${EXAMPLES}`,
    ],
    ['http://', 'tracking-uri-invalid', 'The tracking URI is not a valid address', EXAMPLES],
    [
      'http://ada@h',
      'tracking-uri-credentials',
      'The tracking URI holds credentials',
      'Take user name and password out of it and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or put them into ~/.mlflow/credentials',
    ],
    [
      'databricks://scope:key',
      'tracking-uri-secret-scope',
      'The tracking URI names a Databricks secret scope, which mlflow-codex does not read',
      'Use databricks://profile, with a profile of ~/.databrickscfg, or databricks',
    ],
  ])('is told why, and what to write: %j', (text, code, message, hint) => {
    expect(readTrackingUri(text)).toEqual({ kind: 'problem', code, message, hint });
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
