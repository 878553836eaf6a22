import { describe, expect, it } from '@jest/globals';
import { UserError } from '../../src/platform/problems/user-error.js';
import { parseTracingConfig } from '../../src/settings/files/tracing-config.js';

function failure(text: string): UserError {
  try {
    parseTracingConfig(text, '/p/.codex/mlflow-tracing.json');
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('parseTracingConfig', () => {
  it('reads every field', () => {
    const config = {
      trackingUri: 'http://localhost:5000',
      experimentId: '0',
      experimentName: 'codex',
      enabled: true,
      content: 'metadata',
      redact: false,
      redactPatterns: ['ticket-\\d+'],
      redactPii: true,
      maxContentBytes: 1,
      userId: 'ada',
      tags: { team: 'search' },
      traceLocation: 'main.codex.traces',
      headers: { 'x-team': 'ä' },
      resourceAttributes: { 'deployment.environment.name': 'ci' },
      tokenFile: '~/token',
      serverCertPath: '/ca.pem',
      clientCertPath: 'C:\\client.pem',
      sampleRatio: 1,
      exclude: ['~', '/srv/*'],
      required: ['trackingUri', 'exclude'],
    };
    expect(parseTracingConfig(JSON.stringify(config), 'f')).toEqual({ config, unknownKeys: [] });
  });

  it('takes an empty object, a byte order mark, and an experiment id written as a number', () => {
    expect(parseTracingConfig('{}', 'f').config).toEqual({});
    expect(parseTracingConfig('\uFEFF{"experimentId": 7}', 'f').config).toEqual({ experimentId: '7' });
  });

  it('takes the address without blanks around it, and the names of headers in small letters', () => {
    const text = '{"trackingUri": " http://h ", "headers": {"X-Team": "a"}, "sampleRatio": 0}';
    expect(parseTracingConfig(text, 'f').config).toEqual({
      trackingUri: 'http://h',
      headers: { 'x-team': 'a' },
      sampleRatio: 0,
    });
  });

  it('names unknown keys but for $schema, and keeps the rest', () => {
    const text = '{"$schema": "x", "experimentID": "1", "toString": 1, "experimentId": "2"}';
    expect(parseTracingConfig(text, 'f')).toEqual({
      config: { experimentId: '2' },
      unknownKeys: ['experimentID', 'toString'],
    });
  });

  it('does not let a key reach an object’s prototype', () => {
    const { config } = parseTracingConfig(
      '{"__proto__": {"trackingUri": "https://evil"}, "tags": {"__proto__": "x"}}',
      'f',
    );
    expect(config.trackingUri).toBeUndefined();
    expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(config.tags)).toBe(Object.prototype);
  });

  it.each([
    ['{\n  "trackingUri": "http://h",\n}', ':3:1: not valid JSON: expected a key in double quotes'],
    ['', ':1:1: not valid JSON: expected a value'],
    ['[]', ':1:1: must be a JSON object'],
    ['{"experimentId": "a"}', ':1:18: "experimentId" must be digits'],
    ['{"experimentId": 12345678901234567890}', ':1:18: "experimentId" must be digits'],
    ['{"experimentId": -1}', ':1:18: "experimentId" must be digits'],
    ['{"experimentName": ""}', ':1:20: "experimentName" must be text'],
    ['{"enabled": "yes"}', ':1:13: "enabled" must be true or false'],
    ['{"content": "none"}', ':1:13: "content" must be "full" or "metadata"'],
    ['{"redact": 1}', ':1:12: "redact" must be true or false'],
    ['{"redactPatterns": "x"}', ':1:20: "redactPatterns" must be a list'],
    ['{"redactPatterns": ["ok",\n "("]}', ':2:2: "redactPatterns.1" must be a regular expression'],
    ['{"redactPatterns": [1]}', ':1:21: "redactPatterns.0" must be'],
    ['{"maxContentBytes": 0}', ':1:21: "maxContentBytes" must be a whole number'],
    ['{"maxContentBytes": "1"}', ':1:21: "maxContentBytes" must be a whole number'],
    ['{"userId": 1}', ':1:12: "userId" must be text'],
    ['{"tags": {\n"team": 1}}', ':2:9: "tags.team" must be text'],
    ['{"tags": []}', ':1:10: "tags" must be an object'],
    ['{"traceLocation": "a.b"}', ':1:19: "traceLocation" must be "catalog.schema.prefix"'],
    ['{"userId": " "}', ':1:12: "userId" must be text'],
    ['{"tags": null}', ':1:10: "tags" must be an object'],
    ['{"redactPii": "no"}', ':1:15: "redactPii" must be true or false'],
    ['{"traceLocation": "a.b.c.d"}', ':1:19: "traceLocation" must be "catalog.schema.prefix"'],
    ['{"headers": {"a b": "x"}}', ':1:21: "headers.a b" is not the name of a header'],
    [
      '{"headers": {"Authorization": "x"}}',
      ':1:31: "headers.Authorization" is a header that mlflow-codex sets',
    ],
    ['{"headers": {"x-mlflow-workspace": "x"}}', ':1:36: "headers.x-mlflow-workspace" is a header that'],
    ['{"headers": {"a": "x\\r\\ny"}}', ':1:19: "headers.a" holds a character that no header can carry'],
    ['{"headers": {"a": "\u0142"}}', ':1:19: "headers.a" holds a character that no header can carry'],
    [
      '{"resourceAttributes": {"service.name": "x"}}',
      ':1:41: "resourceAttributes.service.name" is an attribute',
    ],
    ['{"resourceAttributes": {"telemetry.sdk": "x"}}', ':1:42: "resourceAttributes.telemetry.sdk" is an'],
    ['{"tokenFile": "token"}', ':1:15: "tokenFile" must be an absolute path'],
    ['{"tokenFile": "~ada/token"}', ':1:15: "tokenFile" must be an absolute path'],
    ['{"sampleRatio": 1.1}', ':1:17: "sampleRatio" must be a number from 0 to 1'],
    ['{"sampleRatio": -0.1}', ':1:17: "sampleRatio" must be a number from 0 to 1'],
    ['{"sampleRatio": "1"}', ':1:17: "sampleRatio" must be a number from 0 to 1'],
    ['{"exclude": "/a"}', ':1:13: "exclude" must be a list of folders'],
    ['{"exclude": ["/a", "b"]}', ':1:20: "exclude.1" must be an absolute path'],
    ['{"required": "trackingUri"}', ':1:14: "required" must be a list of keys'],
    ['{"required": ["userId", "user"]}', ':1:25: "required.1" is none of the keys'],
    ['{"required": ["required"]}', ':1:15: "required.0" is none of the keys'],
    ['{"required": [1]}', ':1:15: "required.0" is none of the keys'],
    ['{"trackingUri": "localhost:5000"}', ':1:17: "trackingUri": The tracking URI has no http://'],
    ['{"trackingUri": "sqlite:///x.db"}', ':1:17: "trackingUri": The tracking URI\'s scheme sqlite:'],
  ])('refuses %j with the place and a remedy', (text, message) => {
    const error = failure(text);
    expect(error.message).toContain(`/p/.codex/mlflow-tracing.json${message}`);
    const isOfTheAddress = message.includes('"trackingUri":');
    expect(error.hint).toContain(isOfTheAddress ? 'http://' : 'Correct /p/.codex/mlflow-tracing.json, or');
  });

  it('never repeats a credential', () => {
    for (const text of [
      '{"trackingUri": "https://ada:hunter2@h"}',
      '{"trackingUri": "https://ada:hunter2@h" x',
    ]) {
      const error = failure(text);
      expect(`${error.message} ${error.hint}`).not.toMatch(/hunter2|ada/);
    }
    expect(failure('{"trackingUri": "https://ada:hunter2@h"}').hint).toContain('MLFLOW_TRACKING_USERNAME');
  });
});
