import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

it('marketplace, plugin and package are of one name and one version', () => {
  const { name, version } = read('package.json');
  const plugin = read('.codex-plugin/plugin.json');
  const [entry] = read('.agents/plugins/marketplace.json').plugins;
  expect(plugin.version).toBe(version);
  expect(entry).toEqual({ name: plugin.name, source: { source: 'npm', package: name, version } });
});

it('the plugin’s one hook starts the bundle without npx, and takes no more than half a minute', () => {
  const { hooks } = read('hooks/hooks.json');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Codex replaces it, not we
  const command = 'node "${PLUGIN_ROOT}/dist/hook.cjs" stop-hook';
  expect(hooks).toEqual({ Stop: [{ hooks: [{ type: 'command', command, timeout: 30 }] }] });
});
