import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseTracingConfig } from '../../src/settings/files/tracing-config.js';

interface Property {
  type?: string | string[];
  pattern?: string;
  enum?: string[];
  default?: unknown;
  examples?: unknown[];
}

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const schema = JSON.parse(readFileSync(path.join(root, 'schema/mlflow-tracing.schema.json'), 'utf8'));
const properties = Object.entries(schema.properties as Record<string, Property>).filter(
  ([key]) => key !== '$schema',
);
const parse = (config: unknown) => parseTracingConfig(JSON.stringify(config), 'f');

describe('the JSON Schema that ships with the package', () => {
  it('is in a folder that is published, under the address at which npm’s mirrors serve it', () => {
    const { name, files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(schema.$id).toBe(`https://unpkg.com/${name}/schema/mlflow-tracing.schema.json`);
    expect(files).toContain('schema');
  });

  it('has the keys that the program reads, and no other', () => {
    const unknown = parse(Object.fromEntries([['mine', 1]])).unknownKeys;
    expect(unknown).toEqual(['mine']);
    const everything = {
      trackingUri: 'databricks',
      experimentId: '1',
      experimentName: 'x',
      enabled: true,
      content: 'full',
      redact: true,
      redactPii: true,
      redactPatterns: [],
      maxContentBytes: 1,
      userId: 'x',
      tags: {},
      traceLocation: 'a.b.c',
      headers: {},
      resourceAttributes: {},
      tokenFile: '/x',
      serverCertPath: '/x',
      clientCertPath: '/x',
      sampleRatio: 1,
      exclude: [],
      live: true,
      required: [],
    };
    expect(parse(everything).unknownKeys).toEqual([]);
    expect(properties.map(([key]) => key).sort()).toEqual(Object.keys(everything).sort());
  });

  it.each(properties)('gives examples and defaults of %s that the program takes', (key, property) => {
    const values = [...(property.examples ?? []), ...(property.enum ?? [])];
    if (property.default !== undefined) values.push(property.default);
    for (const value of values) expect(parse({ [key]: value }).config).toEqual({ [key]: value });
  });

  it.each([
    [
      'trackingUri',
      ['http://localhost:5000', 'https://h/p/', 'databricks', 'databricks://p'],
      ['localhost:5000', 'ftp://h', 'https://a:b@h', 'https://a@h/x', 'databricks:p'],
    ],
    ['experimentId', ['0', '123456789012345678'], ['', 'x', '-1', '1.5']],
    ['traceLocation', ['a.b.c', 'my-cat.sch_1.p'], ['a.b', 'a.b.c.d', 'a..c', 'a.b.c d']],
  ])('agrees with the program on %s', (key, good, bad) => {
    const pattern = new RegExp(schema.properties[key].pattern);
    for (const value of good) {
      expect(pattern.test(value)).toBe(true);
      expect(() => parse({ [key]: value })).not.toThrow();
    }
    for (const value of bad) {
      expect(pattern.test(value)).toBe(false);
      expect(() => parse({ [key]: value })).toThrow();
    }
  });
});
