import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import type { Answer } from '../../scripts/lab/otlp-receiver.mjs';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { arrivedRoots, filesOutside, rootIds, runIn } from '../support/delivery-process.js';
import { program } from '../support/test-program.js';

/**
 * Each fault of a server once, met by the hook as Codex starts it: a process that must end well, by
 * itself, without a word, and that leaves the turn to the next one.
 */

/** Brings a fault about. @returns what to end afterwards, and what must have got nothing */
type Fault = (home: DeliveryHome) => Promise<{ end(): void; strayed?(): number }>;

const answer =
  (given: Answer): Fault =>
  async (home) => {
    home.receiver.answerWith(given);
    return { end: () => {} };
  };

const at =
  (address: (url: string) => string): Fault =>
  async (home) => {
    home.sendTo(address(home.receiver.url));
    return { end: () => {} };
  };

/** Answers with some bytes, and more of them for ever. */
const drip =
  (head: string, more: string, everyMs: number): Fault =>
  async (home) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(head);
        const timer = setInterval(() => socket.write(more), everyMs);
        socket.on('close', () => clearInterval(timer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    home.sendTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const end = () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    return { end };
  };

const redirect: Fault = async (home) => {
  const elsewhere = await startOtlpReceiver();
  home.answer(302, { location: `${elsewhere.url}/v1/traces` });
  return { end: () => void elsewhere.close(), strayed: () => elsewhere.requests.length };
};

const once = 'both turns once, in order';
/** What the server does to the first turn, and what has arrived when it is well again. */
const faults: readonly [name: string, fault: Fault, arrived: string][] = [
  ['nothing', answer({}), once],
  ['no server', at(() => 'http://127.0.0.1:9'), once],
  ['no such host', at(() => 'http://no-such-host.invalid:5000'), once],
  ['no TLS where it is asked for', at((url) => url.replace('http:', 'https:')), once],
  ['400', answer({ status: 400 }), 'the second turn once'],
  ['413', answer({ status: 413 }), 'the second turn once'],
  ['422', answer({ status: 422 }), 'the second turn once'],
  ...[401, 403, 404, 408, 429, 500, 501, 502, 503].map((status): [string, Fault, string] => [
    String(status),
    answer({ status }),
    once,
  ]),
  ['500 FEATURE_DISABLED', answer({ status: 500, body: '{"error_code":"FEATURE_DISABLED"}' }), once],
  ['a redirect to another host', redirect, once],
  ['a connection cut', answer({ instead: 'reset' }), once],
  ['an answer that is not HTTP', answer({ instead: 'garbage' }), once],
  ['no answer', answer({ instead: 'hang' }), once],
  ['an answer that never comes to an end', drip('HTTP/1.1 200 OK\r\nx: ', 'x', 1000), once],
  ['an error of any length', drip('HTTP/1.1 500 No\r\n\r\n', 'x'.repeat(65_536), 1), once],
  ['a partial success', answer({ body: Buffer.from([0x0a, 0x02, 0x08, 0x01]) }), once],
];

it('every fault of a server: exit 0, silent, by itself, nothing outside our folder, each turn once', async () => {
  expect(await Promise.all(faults.map(([name, fault]) => meet(name, fault)))).toEqual(
    faults.map(([name, , arrived]) => {
      const quiet = { code: 0, signal: null, output: '' };
      return { name, first: quiet, second: quiet, isUntouched: true, strayed: 0, arrived };
    }),
  );
}, 120_000);

async function meet(name: string, fault: Fault) {
  const home = await DeliveryHome.make();
  const thread = home.thread();
  const hook = async (turn: string) => {
    const { ms: _, ...ended } = await runIn(home, [
      process.execPath,
      program,
      'notify-hook',
      thread.payload(turn),
    ]);
    return ended;
  };
  const { end, strayed } = await fault(home);
  try {
    const turns = [thread.turn()];
    const before = filesOutside(home);
    const first = await hook(turns[0] ?? '');
    const isUntouched = JSON.stringify(filesOutside(home)) === JSON.stringify(before);
    home.receiver.answerWith({});
    home.sendTo(home.receiver.url);
    turns.push(thread.turn());
    const second = await hook(turns[1] ?? '');
    const expected = turns.map((turn) => rootIds(thread.threadId, turn));
    const arrived = nameOf(arrivedRoots(home), expected);
    return { name, first, second, isUntouched, strayed: strayed?.() ?? 0, arrived };
  } finally {
    end();
    await home.close();
  }
}

function nameOf(arrived: readonly object[], expected: readonly object[]): string {
  const [got, both, second] = [arrived, expected, expected.slice(1)].map((ids) => JSON.stringify(ids));
  return got === both ? once : got === second ? 'the second turn once' : `${got}`;
}
