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

it('the plugin’s hooks tell of every turn, start the bundle without npx, and take no more than half a minute', () => {
  const { hooks } = read('hooks/hooks.json');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Codex replaces it, not we
  const command = 'node "${PLUGIN_ROOT}/dist/main.cjs" stop-hook';
  const entries = [{ hooks: [{ type: 'command', command, timeout: 30 }] }];
  expect(hooks).toEqual({ Stop: entries, SessionEnd: entries });
});

it('the changelog has this version', () => {
  const { version } = read('package.json');
  expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`\n## [${version}] - `);
});

it('every page and form names the repository that the package names', () => {
  const { repository, bugs, homepage } = read('package.json');
  const address = String(repository.url).replace(/^git\+|\.git$/g, '');
  expect([bugs.url, homepage]).toEqual([`${address}/issues`, `${address}#readme`]);
  const forms = ['bug', 'config', 'idea'].map((name) => `.github/ISSUE_TEMPLATE/${name}.yml`);
  const [owner] = new URL(address).pathname.slice(1).split('/');
  for (const file of ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', ...forms]) {
    const text = readFileSync(file, 'utf8');
    const named = text.match(/https:\/\/github\.com\/[\w.-]+\/[\w.-]+/g) ?? [];
    const ours = named.filter((url) => url.startsWith(`https://github.com/${owner}/`));
    expect(ours.filter((url) => url !== address)).toEqual([]);
  }
  const added = readFileSync('README.md', 'utf8').match(/codex plugin marketplace add (\S+)/)?.[1];
  expect(`https://github.com/${added}`).toBe(address);
});
