import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { program } from '../support/test-program.js';

/** What a hook keeps of its compiled code for the next one, met by processes of the built program. */
let home: DeliveryHome;
let thread: ThreadFile;

beforeEach(async () => {
  home = await DeliveryHome.make();
  thread = home.thread();
});
afterEach(() => home.close());

const kept = () => path.join(home.stateDir, 'compiled');
const keptFile = () => path.join(kept(), readdirSync(kept()).sort()[0] ?? 'none');
/** Lets a hook send one more turn; it must do so in silence. */
async function hook(): Promise<void> {
  const ended = await runIn(home, [process.execPath, program, 'notify-hook', thread.payload(thread.turn())]);
  expect(ended).toMatchObject({ code: 0, output: '' });
}
const sent = () => home.arrived().length;

describe('what V8 has compiled of the hook', () => {
  test('is kept by the first hook that sent a turn, for this user alone, and then used', async () => {
    home.answer(503);
    await hook();
    expect(existsSync(kept())).toBe(false);
    home.answer(200);
    await hook();
    const { mode, ino, size } = statSync(keptFile());
    expect(mode & 0o777).toBe(0o600);
    expect(statSync(kept()).mode & 0o777).toBe(0o700);
    await hook();
    expect(statSync(keptFile())).toMatchObject({ ino, size });
    expect(sent()).toBe(3);
  });

  test.each<[what: string, damage: (whole: Buffer) => Buffer]>([
    ['a flipped bit in its middle', (whole) => flipped(whole, whole.length >> 1)],
    ['zeros, as a disk without power leaves them', (whole) => Buffer.alloc(whole.length)],
    ['nothing', () => Buffer.alloc(0)],
  ])('is made anew where it has come to be %s', async (_, damage) => {
    await hook();
    const whole = readFileSync(keptFile());
    writeFileSync(keptFile(), damage(whole));
    await hook();
    expect(sent()).toBe(2);
    expect(readFileSync(keptFile()).length).toBeGreaterThan(whole.length / 2);
    expect(readFileSync(keptFile()).equals(damage(whole))).toBe(false);
  });

  test('is not that of another bundle of the same length', async () => {
    await hook();
    const core = path.join(path.dirname(program), '..', 'dist', 'core.cjs');
    const text = readFileSync(core, 'latin1');
    writeFileSync(core, text.replaceAll('mlflow-codex/$', 'mlflow-xedoc/$'), 'latin1');
    try {
      await hook();
    } finally {
      writeFileSync(core, text, 'latin1');
    }
    const agents = home.receiver.requests.map(({ headers }) => headers['user-agent']?.split('/')[0]);
    expect(agents).toEqual(['mlflow-codex', 'mlflow-xedoc']);
  });
});

function flipped(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
