import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readHooksSwitch, readManagedHooks } from '../src/install/codex-config/managed-hooks.js';
import { parseTracingConfig } from '../src/settings/files/tracing-config.js';

/** What docs/platform.md gives administrators to copy is what the program reads. */
const guide = readFileSync('docs/platform.md', 'utf8');
const blockOf = (language: string) => {
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  return block?.replace(/^ {3}/gm, '') ?? '';
};

describe('the guide for administrators', () => {
  test('has a tracing config without a key that means nothing', () => {
    const { config, unknownKeys } = parseTracingConfig(blockOf('json'), 'guide.json');
    expect(unknownKeys).toEqual([]);
    expect(config.required).toEqual(['trackingUri', 'enabled']);
  });

  test('has a requirements.toml with our hooks, fixed to on', () => {
    const text = blockOf('toml');
    const command = '/usr/local/bin/node /usr/local/bin/mlflow-codex stop-hook';
    expect(readHooksSwitch(text, 'guide.toml')).toBe(true);
    expect([...readManagedHooks(text, 'guide.toml')]).toEqual([
      ['Stop', command],
      ['SessionEnd', command],
    ]);
  });
});
