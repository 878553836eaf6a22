import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findProjectConfig, resolveSettings } from '../../src/settings/resolve-settings.js';

let base: string;
let homeDir: string;
let codexHome: string;
let repo: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'settings-')));
  homeDir = path.join(base, 'home');
  codexHome = path.join(homeDir, '.codex');
  repo = path.join(homeDir, 'repo');
  mkdirSync(path.join(repo, '.codex'), { recursive: true });
  mkdirSync(codexHome);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const write = (file: string, content: unknown) => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
};
const projectFile = () => path.join(repo, '.codex', 'mlflow-tracing.json');
const userFile = () => path.join(codexHome, 'mlflow-tracing.json');
const resolve = (cwd = repo, env: NodeJS.ProcessEnv = {}) =>
  resolveSettings({ env, cwd, codexHome, homeDir, userName: 'ada' });

describe('resolveSettings', () => {
  it('finds the nearest project config upward from the turn’s folder', async () => {
    write(projectFile(), { trackingUri: 'http://localhost:1' });
    const deep = path.join(repo, 'packages/app/src');
    mkdirSync(deep, { recursive: true });
    expect(await resolve(deep)).toMatchObject({ settings: { trackingUri: 'http://localhost:1' } });
    write(path.join(repo, 'packages/app/.codex/mlflow-tracing.json'), { trackingUri: 'http://localhost:2' });
    expect(await resolve(deep)).toMatchObject({ settings: { trackingUri: 'http://localhost:2' } });
    expect(await resolve(path.join(repo, 'gone/away'))).toMatchObject({
      settings: { trackingUri: 'http://localhost:1' },
    });
  });

  it('looks upward by the path’s own names, and where they lead to none by its real path', async () => {
    write(projectFile(), { trackingUri: 'http://localhost:1' });
    mkdirSync(path.join(repo, 'src'));
    symlinkSync(path.join(repo, 'src'), path.join(base, 'shortcut'));
    expect(await resolve(path.join(base, 'shortcut'))).toMatchObject({
      settings: { trackingUri: 'http://localhost:1' },
    });
    write(path.join(base, '.codex/mlflow-tracing.json'), { trackingUri: 'http://localhost:2' });
    expect(await resolve(path.join(base, 'shortcut'))).toMatchObject({
      settings: { trackingUri: 'http://localhost:2' },
    });
  });

  it('passes over a home whose place a file has taken', async () => {
    write(projectFile(), { trackingUri: 'http://localhost:1' });
    rmSync(codexHome, { recursive: true, force: true });
    writeFileSync(codexHome, 'no folder');
    expect(await resolve()).toMatchObject({ settings: { trackingUri: 'http://localhost:1' } });
  });

  it('takes the file in Codex’s home for the user’s, not for a project’s, below the home folder too', async () => {
    write(userFile(), { trackingUri: 'https://mlflow.example' });
    expect(await resolve()).toMatchObject({
      kind: 'settings',
      settings: { trackingUri: 'https://mlflow.example', sources: { trackingUri: userFile() } },
    });
    symlinkSync(codexHome, path.join(base, 'link'));
    expect(findProjectConfig(repo, path.join(base, 'link'))).toBeUndefined();
  });

  it('is untraced without a config', async () => {
    expect(await resolve()).toEqual({ kind: 'untraced', reason: 'no-config', warnings: [] });
  });

  it('reads no file when the environment disables tracing', async () => {
    write(projectFile(), '{');
    expect(await resolve(repo, { MLFLOW_CODEX_DISABLED: '1' })).toEqual({
      kind: 'disabled',
      by: 'environment',
    });
  });

  it('sends nothing anywhere when the project’s or the user’s config is broken', async () => {
    write(userFile(), { trackingUri: 'http://localhost:1' });
    write(projectFile(), '{"trackingUri": ');
    const env = { MLFLOW_TRACKING_URI: 'http://localhost:2' };
    expect(await resolve(repo, env)).toEqual({
      kind: 'broken',
      file: projectFile(),
      message: `${projectFile()}:1:17: not valid JSON: expected a value`,
      hint: expect.stringContaining('mlflow-codex setup'),
    });
    write(projectFile(), { trackingUri: 'http://localhost:3' });
    write(userFile(), '{"content": "metadat"}');
    expect(await resolve(repo, env)).toMatchObject({ kind: 'broken', file: userFile() });
  });

  it('sends nothing when a config is there but no file that can be read', async () => {
    mkdirSync(projectFile());
    expect(await resolve()).toMatchObject({
      kind: 'broken',
      file: projectFile(),
      message: expect.stringContaining('EISDIR'),
    });
    rmSync(projectFile(), { recursive: true });
    symlinkSync('mlflow-tracing.json', projectFile());
    expect(await resolve()).toMatchObject({ kind: 'broken', message: expect.stringContaining('ELOOP') });
  });
});

describe('a project’s file that sends to another host', () => {
  const uri = 'https://mlflow.example';
  const trust = (folder: string, level = 'trusted') =>
    write(
      path.join(codexHome, 'config.toml'),
      `[projects.${JSON.stringify(folder)}]\ntrust_level = "${level}"\n`,
    );
  const traced = async (cwd = repo) => (await resolve(cwd)).kind === 'settings';
  beforeEach(() => write(projectFile(), { trackingUri: uri }));

  it('is passed over', async () => {
    expect(await resolve()).toMatchObject({ kind: 'untraced', reason: 'project-not-trusted' });
  });

  it.each([
    'http://localhost:5000',
    'http://127.0.0.1:5000',
    'http://[::1]:5000',
    'databricks',
    'databricks://p',
  ])('counts where it names %s instead', async (own) => {
    write(projectFile(), { trackingUri: own });
    expect(await traced()).toBe(true);
  });

  it('counts where Codex trusts the project', async () => {
    trust(repo);
    expect(await traced()).toBe(true);
    trust(`${repo}/`);
    expect(await traced()).toBe(true);
    // A word that Codex does not know, or will know one day, is no trust.
    for (const level of ['untrusted', 'maybe', 'Trusted', '']) {
      trust(repo, level);
      expect([level, await traced()]).toEqual([level, false]);
    }
    trust(path.join(homeDir, 'other'));
    expect(await traced()).toBe(false);
  });

  it('counts where Codex’s config holds an integer beyond 2^53, or a byte order mark', async () => {
    const trusted = `[projects.${JSON.stringify(repo)}]\ntrust_level = "trusted"\n`;
    write(path.join(codexHome, 'config.toml'), `\uFEFFbig = 9223372036854775807\n${trusted}`);
    expect(await traced()).toBe(true);
  });

  it('is passed over where the entry of a project is no table, or has no word of trust', async () => {
    for (const entry of ['"trusted"', '{ trust = "trusted" }', '7']) {
      write(path.join(codexHome, 'config.toml'), `[projects]\n${JSON.stringify(repo)} = ${entry}\n`);
      expect(await traced()).toBe(false);
    }
    write(path.join(codexHome, 'config.toml'), 'projects = "trusted"\n');
    expect(await traced()).toBe(false);
  });

  it('counts in a folder of a trusted Git repository, not below any other trusted folder', async () => {
    trust(homeDir);
    expect(await traced()).toBe(false);
    mkdirSync(path.join(homeDir, '.git'));
    expect(await traced()).toBe(true);
    mkdirSync(path.join(repo, '.git'));
    expect(await traced()).toBe(false);
  });

  it('counts in a worktree of a trusted repository, if the repository knows it', async () => {
    const main = path.join(homeDir, 'main');
    const gitDir = path.join(main, '.git/worktrees/repo');
    write(path.join(repo, '.git'), `gitdir: ${gitDir}\n`);
    trust(main);
    expect(await traced()).toBe(false);
    write(path.join(gitDir, 'gitdir'), `${path.join(homeDir, 'another/.git')}\n`);
    expect(await traced()).toBe(false);
    write(path.join(gitDir, 'gitdir'), `${path.join(repo, '.git')}\n`);
    expect(await traced()).toBe(true);
  });

  it('is passed over where Codex’s config cannot be read', async () => {
    write(path.join(codexHome, 'config.toml'), `[projects.${JSON.stringify(repo)}]\ntrust_level = "trusted`);
    expect(await traced()).toBe(false);
  });

  it('counts while it names the address that setup wrote, by whatever way it is reached', async () => {
    const entry = {
      scope: 'project',
      file: projectFile(),
      trackingUri: uri,
      created: true,
      createdFolder: true,
      before: {},
    };
    write(path.join(codexHome, 'mlflow-codex/setup.json'), { version: 1, tracing: [entry], notify: [] });
    expect(await traced()).toBe(true);
    symlinkSync(repo, path.join(base, 'link'));
    expect(await traced(path.join(base, 'link'))).toBe(true);
    write(projectFile(), { trackingUri: `${uri}/`, tags: { team: 'x' } });
    expect(await traced()).toBe(true);
    write(projectFile(), { trackingUri: 'https://elsewhere.example' });
    expect(await traced()).toBe(false);
  });
});
