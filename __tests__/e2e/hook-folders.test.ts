import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { arrivedRoots, filesOutside, rootIds, runIn } from '../support/delivery-process.js';
import type { ThreadFile } from '../support/delivery-thread.js';
import { installProgram } from '../support/installed-program.js';
import { describeWith, type Needs } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

/** Our folder full, read-only, or not ours: the hook as a process of a user's own. */
let folder: string;
let program: string;
let home: DeliveryHome;
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  program = await installProgram(folder);
  chmodSync(folder, 0o755);
});
afterAll(() => removeFolder(folder));
beforeEach(async () => {
  home = await DeliveryHome.make();
  chmodSync(home.codexHome, 0o755);
});
afterEach(() => home.close());

const QUIET = { code: 0, signal: null, output: '' };
const isRoot = process.getuid?.() === 0;
/** Root may write anywhere: there the hook runs as nobody. */
const asUser = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];

async function hook(thread: ThreadFile, turn: string, by: readonly string[] = asUser) {
  const command = [...by, process.execPath, program, 'notify-hook', thread.payload(turn)];
  const { ms: _, ...ended } = await runIn(home, command);
  return ended;
}

function setModes(mode: number): void {
  for (const name of ['', 'threads', 'inbox', 'pending']) {
    const file = path.join(home.stateDir, name);
    if (existsSync(file)) chmodSync(file, mode);
  }
}

const arrived = () => arrivedRoots(home);
const ids = (thread: ThreadFile, ...turns: string[]) => turns.map((turn) => rootIds(thread.threadId, turn));
const inAnyOrder = (list: readonly object[]) => list.map((entry) => JSON.stringify(entry)).sort();

describeWith(needs(asUser), 'a folder that takes no files', () => {
  it('has a new thread’s turn sent all the same, and is left as it is', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    const before = filesOutside(home);
    chmodSync(home.codexHome, 0o555);
    expect(await hook(thread, turn)).toEqual(QUIET);
    chmodSync(home.codexHome, 0o755);
    expect(arrived()).toEqual(ids(thread, turn));
    expect(filesOutside(home)).toEqual(before);
    expect(existsSync(home.stateDir)).toBe(false);
  });

  it('has a known thread’s turn wait until it takes them again', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    if (isRoot) chownSync(home.stateDir, 65534, 65534);
    const thread = home.thread();
    const turns = [thread.turn()];
    expect(await hook(thread, turns[0] ?? '')).toEqual(QUIET);
    setModes(0o500);
    turns.push(thread.turn());
    expect(await hook(thread, turns[1] ?? '')).toEqual(QUIET);
    expect(arrived()).toEqual(ids(thread, turns[0] ?? ''));
    setModes(0o700);
    turns.push(thread.turn());
    expect(await hook(thread, turns[2] ?? '')).toEqual(QUIET);
    expect(arrived()).toEqual(ids(thread, ...turns));
  });

  it('because it is another user’s, says nothing, sends nothing, and is left as it is', async () => {
    mkdirSync(home.stateDir, { mode: isRoot ? 0o700 : 0 });
    const thread = home.thread();
    expect(await hook(thread, thread.turn())).toEqual(QUIET);
    // Nobody can tell whether the thread is known, and a known one must not be sent twice.
    expect(arrived()).toEqual([]);
    chmodSync(home.stateDir, 0o700);
    expect(readdirSync(home.stateDir)).toEqual([]);
  });
});

describeWith(needs(['unshare', '-rm']), 'a full disk', () => {
  /** In a file system of its own: a hook for each number of free pages, and one with room enough. */
  const script = `mount -t tmpfs -o size=256k,mode=700 tmpfs "$STATE" || exit 9
run() { cat "$PIECES/$n" >>"$RECORDING"; n=$((n + 1)); "$NODE" "$PROGRAM" notify-hook "$1"; echo "$?"; }
fill() { dd if=/dev/zero of="$STATE/fill" bs=4k 2>/dev/null; truncate -s "-$(($1 * 4096))" "$STATE/fill"; }
n=0
run "$1"; shift
for free in 0 1 2 3 4 5 6 7 8; do fill $free; run "$1"; shift; done
rm "$STATE/fill"
run "$1"`;
  const HOOKS = 11;

  it.each([
    ['a known thread', true],
    ['new threads', false],
  ])(
    'loses and doubles no turn of %s, however little room there is',
    async (_, isKnown) => {
      mkdirSync(home.stateDir);
      const pieces = path.join(home.codexHome, 'pieces');
      mkdirSync(pieces);
      const same = home.thread();
      const threads = Array.from({ length: HOOKS }, () => (isKnown ? same : home.thread()));
      const whole = statSync(same.path).size;
      const sizes: number[] = [];
      const turns = threads.map((thread) => {
        const turn = thread.turn();
        sizes.push(statSync(same.path).size);
        return turn;
      });
      // A known thread grows by a turn before each hook; the others are there from the start.
      const bytes = readFileSync(same.path);
      sizes.forEach((end, index) => {
        const piece = isKnown ? bytes.subarray(sizes[index - 1] ?? whole, end) : '';
        writeFileSync(path.join(pieces, String(index)), piece);
      });
      if (isKnown) truncateSync(same.path, whole);
      const env = {
        ...{ STATE: home.stateDir, NODE: process.execPath, PROGRAM: program },
        ...{ PIECES: pieces, RECORDING: same.path },
      };
      const payloads = threads.map((thread, index) => thread.payload(turns[index] ?? ''));
      const ended = await runIn(home, ['unshare', '-rm', 'sh', '-c', script, 'sh', ...payloads], { env });
      expect(ended.output).toBe('0\n'.repeat(HOOKS));
      const expected = threads.flatMap((thread, index) => ids(thread, turns[index] ?? ''));
      if (isKnown) expect(arrived()).toEqual(expected);
      else expect(inAnyOrder(arrived())).toEqual(inAnyOrder(expected));
    },
    60_000,
  );
});

describeWith(needs(['unshare', '-rmn', 'ip', 'link']), 'a name server that is silent', () => {
  it('does not keep the hook beyond its time, though nothing can end the question', async () => {
    const resolv = path.join(folder, 'resolv.conf');
    writeFileSync(resolv, 'nameserver 127.0.0.1\noptions timeout:10 attempts:5\n');
    home.sendTo('http://mlflow.example:5000');
    const thread = home.thread();
    const turn = thread.turn();
    const sink = `require("dgram").createSocket("udp4").bind(53, "127.0.0.1", () => console.log("up"))`;
    const script = `ip link set lo up && mount --bind "$RESOLV" /etc/resolv.conf || exit 9
"$NODE" -e '${sink}' >"$RESOLV.up" & sink=$!
while ! [ -s "$RESOLV.up" ]; do sleep 0.05; done
"$NODE" "$PROGRAM" notify-hook "$1" & wait $!
kill $sink`;
    const env = { RESOLV: resolv, NODE: process.execPath, PROGRAM: program };
    const command = ['unshare', '-rmn', 'sh', '-c', script, 'sh', thread.payload(turn)];
    const { ms } = await runIn(home, command, { env });
    expect(ms).toBeGreaterThan(9000);
    expect(ms).toBeLessThan(15_500);
    expect(home.state(thread.threadId).waiting).toMatchObject({ reason: 'no connection' });
    home.sendTo(home.receiver.url);
    const next = thread.turn();
    expect(await hook(thread, next, [])).toEqual(QUIET);
    expect(arrived()).toEqual(ids(thread, turn, next));
  }, 60_000);
});

/** Whether this machine lets us do what a block of tests needs. */
function needs([program, ...args]: readonly string[]): Needs {
  if (program === undefined) return {};
  try {
    execFileSync(program, args.includes('ip') ? args : [...args, 'true'], { stdio: 'ignore' });
    return {};
  } catch {
    return { missing: `${program} ${args.join(' ')} is not possible here` };
  }
}
