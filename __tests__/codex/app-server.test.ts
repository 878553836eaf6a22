import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { type AskAppServer, withAppServer } from '../../src/codex/app-server.js';
import { approveHooks, hookTrust } from '../../src/codex/hook-trust.js';
import { removeFolder } from '../support/remove-folder.js';

/** A program that speaks as `codex app-server` does, and writes down what it is told. */
let folder: string;
let codex: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  codex = path.join(folder, 'codex');
});
afterEach(() => removeFolder(folder));

/** @param answer the body of a function of `message` that returns the lines to say */
function serve(answer: string): void {
  const program = `#!${process.execPath}
    const fs = require('node:fs');
    const say = (line) => process.stdout.write((typeof line === 'string' ? line : JSON.stringify(line)) + '\\n');
    fs.writeFileSync('pid', String(process.pid));
    require('node:readline').createInterface({ input: process.stdin }).on('line', (text) => {
      fs.appendFileSync('told', text + '\\n');
      const message = JSON.parse(text);
      const { id, method, params } = message;
      const answer = () => { ${answer} };
      if (method === 'initialize') say({ id, result: {} });
      else for (const line of answer() ?? []) say(line);
    });`;
  writeFileSync(codex, program);
  chmodSync(codex, 0o755);
}

const ask = <T>(work: (ask: AskAppServer) => Promise<T>) =>
  withAppServer(codex, { cwd: folder, env: process.env }, work);
const told = () =>
  readFileSync(path.join(folder, 'told'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));

describe('the app server', () => {
  test('is greeted, and asked in the order of the questions', async () => {
    serve('return [{ id, result: { method, args: process.argv.slice(2), ...params } }]');
    const work = async (put: AskAppServer) => [await put('one', { a: 1 }), await put('two', {})];
    expect(await ask(work)).toEqual([
      { method: 'one', args: ['app-server'], a: 1 },
      { method: 'two', args: ['app-server'] },
    ]);
    expect(told()).toEqual([
      {
        id: 1,
        method: 'initialize',
        params: { clientInfo: { name: 'mlflow-codex', title: 'mlflow-codex', version: '1' } },
      },
      { method: 'initialized' },
      { id: 2, method: 'one', params: { a: 1 } },
      { id: 3, method: 'two', params: {} },
    ]);
  });

  test('may say other things meanwhile, and answer in another order', async () => {
    serve(`if (method === 'last') return ['no JSON', '7', { method: 'note' }, { id: 9, result: { no: 1 } },
      { id, result: { of: 'last' } }, { id: id - 1, result: { of: 'first' } }]`);
    const both = await ask((put) => Promise.all([put('first', {}), put('last', {})]));
    expect(both).toEqual([{ of: 'first' }, { of: 'last' }]);
  });

  test.each([
    ['refuses', 'return [{ id, error: { code: -32601 }, result: { a: 1 } }]'],
    ['goes away without an answer', 'process.exit(0)'],
  ])('that %s has told nothing', async (_, answer) => {
    serve(answer);
    expect(await ask((put) => put('one', {}))).toBeUndefined();
  });

  test('that is not there has told nothing', async () => {
    expect(await ask((put) => put('one', {}))).toBeUndefined();
  });

  test.each([
    ['', ''],
    [', also one that goes on when nobody asks it any more', 'setInterval(() => {}, 1000);'],
  ])('is gone when the work is done%s', async (_, more) => {
    serve(`${more} return [{ id, result: {} }]`);
    await ask((put) => put('one', {}));
    const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    await waitFor('its end', () => !isRunning(pid));
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the hooks of a plugin', () => {
  const hook = (more: object) => ({ pluginId: 'p@m', key: 'k', currentHash: 'h', ...more });
  const trust = (...hooks: object[]) => {
    serve(`return [{ id, result: { data: [{ hooks: ${JSON.stringify(hooks)} }, { hooks: [] }] } }]`);
    return hookTrust({ codex: { file: codex }, cwd: folder, env: process.env }, 'p@m');
  };

  test.each([
    ['trusted where Codex trusts all of them', 'trusted', [{ trustStatus: 'trusted' }]],
    ['trusted where an administrator brings them', 'trusted', [{ isManaged: true, trustStatus: 'x' }]],
    ['untrusted where one is', 'untrusted', [{ trustStatus: 'trusted' }, { trustStatus: 'modified' }]],
    ['unknown where only others have some', undefined, [{ pluginId: 'q@m', trustStatus: 'trusted' }]],
    ['unknown where one has no key', undefined, [{ key: 1, trustStatus: 'trusted' }]],
    ['unknown where one has no hash', undefined, [{ currentHash: 1, trustStatus: 'trusted' }]],
    ['unknown where there are none', undefined, []],
  ] as const)('are %s', async (_, expected, hooks) => {
    expect(await trust(...hooks.map(hook))).toBe(expected);
    expect(told().at(-1)).toMatchObject({ method: 'hooks/list', params: { cwds: [folder] } });
  });

  test('are unknown without a Codex', async () => {
    const nobody = { codex: undefined, cwd: folder, env: process.env };
    expect([await hookTrust(nobody, 'p@m'), await approveHooks(nobody, 'p@m')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(existsSync(path.join(folder, 'told'))).toBe(false);
  });

  test('are approved with the hashes that Codex tells, and asked for again', async () => {
    const hooks = [hook({ trustStatus: 'untrusted' }), hook({ pluginId: 'q@m', key: 'other' })];
    serve(`
      const trusted = fs.readFileSync('told', 'utf8').includes('batchWrite') ? { trustStatus: 'trusted' } : {};
      const hooks = ${JSON.stringify(hooks)}.map((hook) => ({ ...hook, ...trusted }));
      return [{ id, result: method === 'hooks/list' ? { data: [{ hooks }] } : {} }]`);
    const approved = await approveHooks({ codex: { file: codex }, cwd: folder, env: process.env }, 'p@m');
    expect(approved).toBe('trusted');
    expect(told().find(({ method }) => method === 'config/batchWrite').params).toEqual({
      edits: [{ keyPath: 'hooks.state', value: { k: { trusted_hash: 'h' } }, mergeStrategy: 'upsert' }],
      reloadUserConfig: true,
    });
  });
});
