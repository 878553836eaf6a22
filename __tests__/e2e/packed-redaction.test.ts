import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { leaked } from '../../scripts/lab/secrets/corpus.mjs';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { runIn } from '../support/delivery-process.js';
import { TextEverywhere } from '../support/everywhere.js';
import { bodiesByTurn, formsOf, inJson, SecretTurns } from '../support/secret-turns.js';
import { program } from '../support/shipped-program.js';
import { home } from '../support/test-home.js';

// What leaves a user's machine: the program as it is shipped, in processes of its own, by the bytes on the wire.
const seed = Number(process.env.REDACTION_SEED ?? 20_261_130);
const run = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  runIn(home, [process.execPath, program, ...argv], { env });

describe.each(['classic', 'code'] as const)(`the packed program, %s tools (seed ${seed})`, (mode) => {
  it('lets no kind of secret out, and leaves all that only looks like one', async () => {
    const turns = new SecretTurns(home.codexHome, seed, mode);
    await run(['notify-hook', turns.first]);
    expect(await run(['notify-hook', turns.write()])).toMatchObject({ code: 0, output: '' });
    // On a busy machine the hook's time does not reach for all of them.
    expect((await run(['sync'])).code).toBe(0);
    const bodies = bodiesByTurn(home.receiver);
    const body = (kindOrText: string) => bodies.get(turns.turnOf(kindOrText)) ?? '';
    const out = turns.corpus.filter((sample) => leaked(body(sample.kind), formsOf(sample)) !== undefined);
    expect(out.map(({ kind }) => kind)).toEqual([]);
    expect(turns.corpus.filter(({ kind }) => !body(kind).includes('[REDACTED:'))).toEqual([]);
    expect(turns.innocent.filter((text) => !body(text).includes(inJson(text)))).toEqual([]);
  }, 90_000);
});

/** Whether a process of this test's program tries again. */
function isTryingAgain(): boolean {
  return execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .some((line) => line.includes(program) && line.includes('retry-pending'));
}

describe('what the machine knows', () => {
  const random = new Random(seed);
  const token = `quiet${random.digits(4)}river`;
  const password = `zebra${random.digits(4)}lantern`;
  const env = { MLFLOW_TRACKING_TOKEN: password };
  let thread: TextEverywhere;
  let turnId: string;
  beforeEach(() => {
    const tokenFile = path.join(home.codexHome, 'mlflow.token');
    writeFileSync(tokenFile, token);
    home.sendTo(home.receiver.url, { experimentId: '0', tokenFile });
    thread = new TextEverywhere(home.codexHome);
    turnId = thread.turnWith(`it said ${token} and ${password}`, 'code');
  });

  const expectClean = () => {
    const body = bodiesByTurn(home.receiver).get(turnId);
    expect(body).toContain('it said [REDACTED:known-value#1] and [REDACTED:known-value#2]');
    expect(body).not.toContain(token);
    expect(body).not.toContain(password);
  };

  it('is taken out by sync', async () => {
    await run(['sync', thread.threadId], env);
    expectClean();
  });

  it('is taken out by the process that tries again', async () => {
    home.answer(503);
    await run(['notify-hook', thread.payload(turnId)], env);
    expect(home.arrived()).toEqual([]);
    home.receiver.requests.length = 0;
    home.answer(200);
    await waitFor('the turn', async () => home.arrived().length > 0, { timeoutMs: 60_000 });
    expectClean();
    // It writes down that the turn was sent: the home may go only after that.
    await waitFor('its end', async () => !isTryingAgain(), { timeoutMs: 60_000 });
  }, 90_000);
});
