import { describe, expect, it } from '@jest/globals';
import { UserError } from '../../src/platform/user-error.js';
import { parseTracingConfig } from '../../src/settings/tracing-config.js';

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
      maxContentBytes: 1024,
      userId: 'ada',
      tags: { team: 'search' },
      traceLocation: 'main.codex.traces',
    };
    expect(parseTracingConfig(JSON.stringify(config), 'f')).toEqual({ config, unknownKeys: [] });
  });

  it('takes an empty object, a byte order mark, and an experiment id written as a number', () => {
    expect(parseTracingConfig('{}', 'f').config).toEqual({});
    expect(parseTracingConfig('\uFEFF{"experimentId": 7}', 'f').config).toEqual({ experimentId: '7' });
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
    ['{"trackingUri": "localhost:5000"}', ':1:17: "trackingUri": The tracking URI has no http://'],
    ['{"trackingUri": "sqlite:///x.db"}', ':1:17: "trackingUri": The tracking URI\'s scheme sqlite:'],
  ])('refuses %j with the place and a remedy', (text, message) => {
    const error = failure(text);
    expect(error.message).toContain(`/p/.codex/mlflow-tracing.json${message}`);
    expect(error.hint).toBeTruthy();
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
