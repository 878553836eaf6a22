import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

/**
 * One home shared by two machines, or by a machine and a container: here by two network namespaces,
 * in each of which the other's sockets cannot be seen. Needs root and `ip`.
 */
const NAMESPACE = `mlflow-codex-${process.pid}`;
const [ours, theirs] = [`mc${process.pid}a`, `mc${process.pid}b`].map((name) => name.slice(-15));
const HOST = '10.214.77.1';

const ip = (...args: (string | undefined)[]): void => {
  execFileSync('ip', args as string[], { stdio: 'ignore' });
};

function canMakeNamespace(): boolean {
  try {
    ip('netns', 'add', NAMESPACE);
    ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', NAMESPACE);
    ip('addr', 'add', `${HOST}/30`, 'dev', ours);
    ip('link', 'set', ours, 'up');
    ip('-n', NAMESPACE, 'addr', 'add', '10.214.77.2/30', 'dev', theirs);
    ip('-n', NAMESPACE, 'link', 'set', theirs, 'up');
    ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up');
    return true;
  } catch {
    return false;
  }
}

const isPossible = canMakeNamespace();
if (!isPossible) console.warn('skipped: two network namespaces with one home need root and the program ip');
const suite = isPossible ? describe : describe.skip;

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  program = await installProgram(folder);
});
afterAll(() => {
  removeFolder(folder);
  try {
    ip('netns', 'del', NAMESPACE);
  } catch {
    // There was none.
  }
});

const here: readonly string[] = [];
const there: readonly string[] = ['ip', 'netns', 'exec', NAMESPACE];

suite('two networks, one home', () => {
  it.each(Array.from({ length: 10 }, (_, i) => i + 1))(
    'sync on both at once sends each turn once (%i)',
    async () => {
      const home = await DeliveryHome.make({ host: HOST });
      try {
        const turns = await owing(home, 10);
        home.answer(200);
        const sync = [process.execPath, program, 'sync'];
        const ended = await Promise.all([here, there].map((where) => runIn(home, [...where, ...sync])));
        expect(ended.map(({ code }) => code)).toEqual([0, 0]);
        expect(home.arrived().sort()).toEqual([...turns].sort());
        expect(readdirSync(path.join(home.stateDir, 'locks'))).toEqual([]);
      } finally {
        await home.close();
      }
    },
    60_000,
  );

  it.each(Array.from({ length: 10 }, (_, i) => i + 1))(
    'hooks on both at once send each turn once (%i)',
    async () => {
      const home = await DeliveryHome.make({ host: HOST });
      try {
        const turns = await owing(home, 5);
        home.answer(200);
        const threads = [home.thread(), home.thread()];
        const last = threads.map((thread) => thread.turn());
        const ended = await Promise.all(
          [here, there].map((where, i) =>
            runIn(home, [
              ...where,
              process.execPath,
              program,
              'notify-hook',
              threads[i]?.payload(last[i] ?? '') ?? '',
            ]),
          ),
        );
        expect(ended).toMatchObject([
          { code: 0, output: '' },
          { code: 0, output: '' },
        ]);
        expect(home.arrived().sort()).toEqual([...turns, ...last].sort());
      } finally {
        await home.close();
      }
    },
    60_000,
  );

  it("a process killed in one of them leaves nothing in the other one's way", async () => {
    const home = await DeliveryHome.make({ host: HOST });
    try {
      const turns = await owing(home, 3);
      home.receiver.answerWith({ instead: 'hang' });
      const before = home.receiver.requests.length;
      const killed = runIn(home, [...there, 'timeout', '-s', 'KILL', '2', process.execPath, program, 'sync']);
      expect((await killed).code).not.toBe(0);
      expect(home.receiver.requests.length).toBeGreaterThan(before);
      home.answer(200);
      expect(await runIn(home, [process.execPath, program, 'sync'])).toMatchObject({ code: 0 });
      expect(home.arrived().sort()).toEqual([...turns].sort());
    } finally {
      await home.close();
    }
  }, 60_000);
});

/** Threads of which a server that was down has got nothing. @returns their turns */
async function owing(home: DeliveryHome, threads: number): Promise<string[]> {
  home.answer(401);
  const turns: string[] = [];
  for (let i = 0; i < threads; i++) {
    const thread = home.thread();
    const turn = thread.turn();
    turns.push(turn, thread.turn());
    await home.hook(thread.payload(turn));
  }
  return turns;
}
