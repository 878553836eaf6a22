import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runSync } from '../../src/commands/sync/sync.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { Replay } from '../support/delivery-replay.js';
import { runCommand } from '../support/run-command.js';

/** A command of code mode that outlives its turn: Codex 0.171 tells of it after the next turn. */
const FIXTURE = '__tests__/fixtures/rollouts/0.171.0-code-mode/background-outlives';
const ALL = Number.POSITIVE_INFINITY;

let home: DeliveryHome;
let replay: Replay;
beforeEach(async () => {
  home = await DeliveryHome.make();
  replay = new Replay(FIXTURE);
});
afterEach(async () => {
  await replay.close();
  await home.close();
});

const sync = (...argv: string[]) => runCommand(runSync, home, argv);
const commands = () => home.receiver.spans().filter((span) => span.name === 'exec_command');
const parentOf = (span: { parentSpanId?: string } | undefined) =>
  home.receiver.spans().find(({ spanId }) => spanId === span?.parentSpanId);

/** The hooks of some turns, each at the moment of its turn's end. */
async function hooksOf(first: number, last: number): Promise<void> {
  for (const { payload, ms } of replay.moments().slice(first - 1, last)) {
    replay.grow(home, ms);
    await home.hook(payload);
  }
}

/** The command stands once in the trace of the first turn, below the script that started it. */
function expectOnce(): void {
  expect(commands()).toHaveLength(1);
  const [command] = commands();
  expect(parentOf(command)?.name).toBe('exec');
  const root = home.receiver.spans().find((span) => span.attributes['codex.turn.id'] === home.arrived()[0]);
  expect(command?.traceId).toBe(root?.traceId);
}

describe('a command that outlives its turn', () => {
  it('is sent with the next hook after its end, once', async () => {
    await hooksOf(1, 2);
    expect(commands()).toEqual([]);
    await hooksOf(3, 3);
    expectOnce();
    await home.hook(replay.moments()[2]?.payload ?? '');
    await sync();
    expectOnce();
    expect(home.arrived()).toHaveLength(3);
  });

  it('is sent by sync, also where no turn comes after it', async () => {
    await hooksOf(1, 2);
    // The line that tells of it, and not yet the third turn's.
    replay.grow(home, (replay.moments()[1]?.ms ?? 0) + 3000);
    expect(await sync()).toMatchObject({ code: 0, out: expect.stringMatching(/^sync: 0 sent, 2 already/) });
    expectOnce();
    await hooksOf(3, 3);
    expectOnce();
  });

  it('is sent by sync --all with all the rest, once', async () => {
    replay.grow(home, ALL);
    expect(await sync('--all')).toMatchObject({ code: 0, out: expect.stringMatching(/^sync: 3 sent/) });
    await sync('--all');
    expectOnce();
  });

  it('waits while the server is away, and is then sent once', async () => {
    await hooksOf(1, 2);
    home.answer(401);
    replay.grow(home, ALL);
    expect(await sync()).toMatchObject({ code: 1 });
    home.receiver.answerWith({});
    expect(await sync()).toMatchObject({ code: 0 });
    expectOnce();
    expect(home.arrived()).toHaveLength(3);
  });

  it('is not sent where its turn was there before the first hook', async () => {
    replay.grow(home, ALL);
    await home.hook(replay.moments()[2]?.payload ?? '');
    expect(home.arrived()).toHaveLength(1);
    expect(commands()).toEqual([]);
  });

  it('is not called a turn in the log or in the count', async () => {
    replay.grow(home, ALL);
    const { out } = await sync('--all', '--json');
    expect(JSON.parse(out)).toMatchObject({ sent: 3, pending: 0 });
    expect(home.state(replay.threadIds[0] ?? '')).toMatchObject({ delivered: 3, turns: [] });
  });
});
