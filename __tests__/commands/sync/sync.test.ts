import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { startOtlpReceiver } from '../../../scripts/lab/otlp-receiver.mjs';
import { runSync } from '../../../src/commands/sync/sync.js';
import { runWatch } from '../../../src/commands/watch/watch.js';
import { readDeliverySummary } from '../../../src/delivery/overview/delivery-summary.js';
import { putAnnouncement, threadsWithAnnouncements } from '../../../src/delivery/store/inbox.js';
import { appendLog, readLog } from '../../../src/delivery/store/journal.js';
import type { CommandIo } from '../../../src/terminal/io.js';
import { Replay } from '../../support/delivery-replay.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { LiveThread } from '../../support/live-thread.js';
import { home } from '../../support/test-home.js';

const sync = (...argv: string[]) => syncIn({}, ...argv);

async function syncIn(
  env: NodeJS.ProcessEnv,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const io = ioIn(env);
  const code = await runSync(argv, io);
  return { code, out: String(io.stdout.read() ?? ''), err: String(io.stderr.read() ?? '') };
}

function ioIn(env: NodeJS.ProcessEnv): CommandIo & Record<'stdout' | 'stderr', PassThrough> {
  return {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    stdin: new PassThrough(),
    env: { ...env, CODEX_HOME: home.codexHome },
    cwd: home.codexHome,
    homeDir: home.codexHome,
    isTTY: false,
    colors: false,
  };
}

/** What a hook that was killed leaves behind. */
function announce({ threadId }: ThreadFile, turnId: string): void {
  putAnnouncement(home.stateDir, { threadId, turnId, atMs: Date.now() });
}

/** Makes a recording one that was last written to some days ago. */
function makeOld({ path: file }: ThreadFile, days: number): void {
  const then = Date.now() / 1000 - days * 86_400;
  utimesSync(file, then, then);
}

describe('sync', () => {
  it('sends what is pending, says so in one line, and has nothing to do the second time', async () => {
    const thread = home.thread();
    home.answer(503);
    const turn = thread.turn();
    await home.hook(thread.payload(turn), { requestTimeoutMs: 1000 });
    const failed = thread.turn('failed');
    home.receiver.answerWith({});
    expect(await sync()).toEqual({
      code: 0,
      out: 'sync: 2 sent, 0 already there, 0 pending, 0 rejected\n',
      err: '',
    });
    expect(home.arrived()).toEqual([turn, failed]);
    expect((await sync()).out).toBe('sync: 0 sent, 2 already there, 0 pending, 0 rejected\n');
  });

  it('says how many turns a server took only without their content; the log says why', async () => {
    const thread = home.thread();
    home.answer(503);
    const turn = thread.turn('complete', 5000);
    await home.hook(thread.payload(turn), { requestTimeoutMs: 1000 });
    home.receiver.answerWith((request) =>
      JSON.stringify(request.spans).includes('answer 1') ? { status: 413 } : {},
    );
    expect((await sync()).out).toBe(
      'sync: 1 sent (1 without all content: the server refused it), 0 already there, 0 pending, 0 rejected\n',
    );
    expect(readLog(home.stateDir).at(-1)).toMatchObject({
      outcome: 'sent',
      isReduced: true,
      detail: 'sync: all content left out: the server refused the whole (413)',
    });
  });

  it('goes on with a file from elsewhere that a server did not take, without being told its name again', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn()];
    const moved = `${home.codexHome}-handed-over.jsonl`;
    renameSync(thread.path, moved);
    home.answer(503);
    expect((await sync(moved)).out).toContain('0 sent, 0 already there, 2 pending');
    const { pending } = await readDeliverySummary(
      home.stateDir,
      home.codexHome,
      Date.now(),
      async () => undefined,
    );
    expect(pending).toMatchObject([{ turns: 2, reason: '503' }]);
    home.receiver.answerWith({});
    expect((await sync()).out).toContain('2 sent, 0 already there, 0 pending');
    expect(home.arrived()).toEqual(turns);
    rmSync(moved);
  });

  it('says of a recording that is gone the same as status does', async () => {
    const thread = home.thread();
    home.answer(503);
    await home.hook(thread.payload(thread.turn()), { requestTimeoutMs: 1000 });
    rmSync(thread.path);
    const reason = 'the recording of this thread is gone';
    expect(await sync()).toMatchObject({ code: 1, out: expect.stringContaining(reason) });
    const { pending } = await readDeliverySummary(
      home.stateDir,
      home.codexHome,
      Date.now(),
      async () => undefined,
    );
    expect(pending).toMatchObject([{ turns: 1, reason, blocked: true }]);
  });

  it.each([
    ['tracing was switched off', { MLFLOW_CODEX_DISABLED: '1' }, {}],
    ['its folder was excluded', {}, { exclude: ['/home/dev'] }],
  ])('sends no session of which a hook was told while %s, unless it is named', async (_, env, settings) => {
    const thread = home.thread();
    home.sendTo(home.receiver.url, settings);
    const turn = thread.turn();
    const outcome = await home.hook(thread.payload(turn, { cwd: '/home/dev/project' }), { env });
    const { threadId } = thread;
    appendLog(home.stateDir, { time: new Date().toISOString(), thread: threadId, turn, ms: 1, ...outcome });
    home.sendTo(home.receiver.url);
    expect((await sync()).out).toBe('sync: 0 sent, 0 already there, 0 pending, 0 rejected\n');
    expect((await sync(threadId)).out).toMatch(/^sync: 1 sent/);
  });

  it('sends turns of another shell’s environment to where its own says: a server may have moved', async () => {
    const other = await startOtlpReceiver();
    const env = { MLFLOW_TRACKING_URI: other.url };
    home.answer(503);
    const thread = home.thread();
    const turn = thread.turn();
    await home.hook(thread.payload(turn), { requestTimeoutMs: 200, maxRequests: 1 });
    home.receiver.answerWith({});
    expect((await syncIn(env, '--dry-run')).out).toBe(
      'sync --dry-run: 1 to send, of 1 thread; 0 already there\n',
    );
    expect((await syncIn(env)).out).toMatch(/^sync: 1 sent/);
    expect(other.spans().some(({ attributes }) => attributes['codex.turn.id'] === turn)).toBe(true);
    expect((await sync()).out).toMatch(/^sync: 0 sent, 1 already there, 0 pending/);
    await other.close();
  });

  it('leaves the past of a thread and old unknown threads alone unless it is asked for them', async () => {
    const thread = home.thread();
    const past = thread.turn();
    const turn = thread.turn();
    const unknown = home.thread();
    const other = unknown.turn();
    makeOld(unknown, 4);
    await home.hook(thread.payload(turn));
    expect((await sync()).out).toBe('sync: 0 sent, 1 already there, 0 pending, 0 rejected\n');
    expect((await sync(thread.threadId)).out).toBe('sync: 1 sent, 1 already there, 0 pending, 0 rejected\n');
    expect((await sync('--all')).out).toBe('sync: 1 sent, 2 already there, 0 pending, 0 rejected\n');
    expect((await sync('--all')).out).toBe('sync: 0 sent, 3 already there, 0 pending, 0 rejected\n');
    expect(home.arrived()).toEqual([turn, past, other]);
  });

  it('finds young threads that no hook was ever told of, and sends them whole', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn('aborted')];
    expect(await sync()).toMatchObject({ code: 0, out: expect.stringMatching(/^sync: 2 sent/) });
    expect(home.arrived()).toEqual(turns);
  });

  it('takes a recording from anywhere, and counts in --dry-run what it sends then', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn('aborted'), thread.turn()];
    const copy = path.join(home.codexHome, 'copied.jsonl');
    writeFileSync(copy, readFileSync(thread.path));
    expect((await sync('--dry-run', copy)).out).toBe(
      'sync --dry-run: 3 to send, of 1 thread; 0 already there\n',
    );
    expect(home.hasState(thread.threadId)).toBe(false);
    expect(home.receiver.requests).toEqual([]);
    expect((await sync('copied.jsonl')).code).toBe(0);
    expect(home.arrived()).toEqual(turns);
  });

  it('takes sessions since a time', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    expect((await sync('--since', '1h')).out).toMatch(/^sync: 1 sent/);
    expect(home.arrived()).toEqual([turn]);
  });

  it('does not double what another one sends at the same time', async () => {
    const threads = [home.thread(), home.thread(), home.thread()];
    const turns = threads.flatMap((thread) => [thread.turn(), thread.turn()]);
    home.receiver.answerWith({ delayMs: 20 });
    await Promise.all([sync('--all'), sync('--all')]);
    expect([...home.arrived()].sort()).toEqual([...turns].sort());
  });

  it('exits 1 and says why where anything is still pending', async () => {
    const thread = home.thread();
    thread.turn();
    thread.turn();
    home.answer(401);
    const { code, out } = await sync('--all');
    expect(code).toBe(1);
    expect(out).toBe(
      'sync: 0 sent, 0 already there, 2 pending, 0 rejected\npending because: 401 (mlflow-codex status says more)\n',
    );
  });

  it('sends nothing of folders that are not traced', async () => {
    const thread = home.thread();
    thread.turn();
    writeFileSync(
      path.join(home.codexHome, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: home.receiver.url, enabled: false }),
    );
    expect((await sync('--all')).out).toBe(
      'sync: 0 sent, 0 already there, 0 pending, 0 rejected, 1 thread in folders that are not traced\n',
    );
    expect(home.receiver.requests).toEqual([]);
    expect(home.hasState(thread.threadId)).toBe(false);
  });

  it('speaks JSON, one document', async () => {
    const thread = home.thread();
    thread.turn();
    const counts = {
      ...{ sent: 1, reduced: 0, alreadyThere: 0, pending: 0, rejected: 0, lost: 0 },
      ...{ givenUpNow: 0, goingOn: 0, imported: 0, untraced: 0 },
    };
    expect(await sync('--all', '--json')).toEqual({
      code: 0,
      out: `${JSON.stringify({ ...counts, threads: [{ thread: thread.threadId, ...counts }], unusable: [] }, null, 2)}\n`,
      err: '',
    });
    home.answer(401);
    const other = home.thread();
    other.turn();
    const { threads, pending } = JSON.parse((await sync(other.threadId, '--json')).out);
    expect(pending).toBe(1);
    expect(threads).toEqual([{ thread: other.threadId, ...counts, sent: 0, pending: 1, why: '401' }]);
  });

  it('sends small turns in one request', async () => {
    const thread = home.thread();
    for (let turn = 0; turn < 3; turn++) thread.turn();
    await sync('--all');
    expect(home.receiver.requests).toHaveLength(1);
  });

  it('gives the turns that nobody announced the tags of its own environment, and not its caller', async () => {
    home.thread().turn();
    await syncIn({
      MLFLOW_CODEX_TAGS: 'job=7',
      TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    const [root] = home.receiver.spans().filter(({ attributes }) => 'session.id' in attributes);
    expect(root?.attributes).toMatchObject({ 'mlflow.traceTag.job': '7' });
    expect(root?.attributes).not.toHaveProperty('mlflow.traceTag.caller.trace_id');
  });

  it('takes a turn for over in which nothing was written for five seconds, when nobody has its file open', async () => {
    const thread = home.thread(Date.now() - 9000);
    thread.begin();
    expect((await sync()).out).toMatch(/^sync: 1 sent/);
  });

  it('names a file that stands in the way, with the remedy, and exits 1 for it', async () => {
    home.thread().turn();
    const file = path.join(home.codexHome, 'archived_sessions');
    writeFileSync(file, '');
    const told = { file, reason: 'cannot be read (ENOTDIR)', remedy: `Move ${file} away` };
    const err = `${file}: cannot be read (ENOTDIR)\n  Move ${file} away\n`;
    expect(await sync('--dry-run')).toEqual({
      code: 1,
      out: 'sync --dry-run: 1 to send, of 1 thread; 0 already there\n',
      err,
    });
    expect(await sync()).toEqual({
      code: 1,
      out: 'sync: 1 sent, 0 already there, 0 pending, 0 rejected\n',
      err,
    });
    const { code, out } = await sync('--json');
    expect([code, JSON.parse(out).unusable]).toEqual([1, [told]]);
  });

  it('names the state of a newer version, which it leaves alone, and exits 1 for it', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    const file = path.join(home.stateDir, 'threads', `${thread.threadId}.json`);
    writeFileSync(file, '{"version":99}');
    const { code, err } = await sync();
    expect([code, err.split('\n').slice(1)]).toEqual([
      1,
      ['  Update: npm install -g @mlflow/codex@latest', ''],
    ]);
    expect(err).toMatch(/: .*newer version/);
    expect(err.split(': ')[0]).toBe(file);
  });

  it('counts a thread once that was asked for and belongs to another one, too', async () => {
    const replay = new Replay('__tests__/fixtures/rollouts/0.169.0-classic/subagent');
    replay.grow(home, Number.POSITIVE_INFINITY);
    await replay.close();
    expect((await sync('--all')).out).toBe('sync: 2 sent, 0 already there, 0 pending, 0 rejected\n');
  });

  it('sends whole what was shown while it went on and is known to nobody; --dry-run announces nothing', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    const [stdout, stderr] = [new PassThrough().resume(), new PassThrough().resume()];
    await runWatch(['--once'], { ...ioIn({}), stdout, stderr });
    thread.end(turn, 'complete');
    makeOld(thread, 4);
    expect(threadsWithAnnouncements(home.stateDir)).toEqual([]);
    expect((await sync('--dry-run')).out).toMatch(/^sync --dry-run: 0 to send/);
    expect(threadsWithAnnouncements(home.stateDir)).toEqual([]);
    expect((await sync()).out).toMatch(/^sync: 1 sent/);
  });

  it('after Ctrl-C ends with the turn that is under way, and says how much is left: exit 130', async () => {
    const listeners = process.listenerCount('SIGINT');
    const threads = [home.thread(), home.thread(), home.thread()];
    for (const thread of threads) thread.turn();
    home.receiver.answerWith(() => {
      process.emit('SIGINT');
      return {};
    });
    expect(await sync('--all')).toEqual({
      code: 130,
      out:
        'sync: stopped; 1 sent, 0 already there, 0 pending, 0 rejected\n' +
        'left: 2 threads that were not looked at. The same command goes on where this one stopped\n',
      err: '\nstopping after the turn that is under way (Ctrl-C again: at once)\n',
    });
    const { stopped } = JSON.parse((await sync('--all', '--json')).out);
    expect(stopped).toEqual({ notLookedAt: 1 });
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  it('draws a bar on a terminal, and takes it away before it says what was done', async () => {
    home.thread().turn();
    const written: string[] = [];
    const take = (name: string) => (part: unknown) => void written.push(`${name} ${part}`);
    const stdout = new PassThrough().on('data', take('out'));
    const stderr = Object.assign(new PassThrough().on('data', take('err')), { isTTY: true });
    await runSync([], { ...ioIn({}), stdout, stderr });
    const dots = '.'.repeat(24);
    expect(written[0]).toBe(`err \r[${dots}] 0/1 threads, 0 sent\u001b[K`);
    expect(written.at(-3)).toMatch(/^err \r\[#{24}\] 1\/1 threads, 1 sent/);
    expect(written.slice(-2)).toEqual([
      'err \r\u001b[K',
      'out sync: 1 sent, 0 already there, 0 pending, 0 rejected\n',
    ]);
    written.length = 0;
    await runSync(['--json'], { ...ioIn({}), stdout, stderr });
    expect(written.map((part) => part.slice(0, 3))).toEqual(['out']);
  });

  it('says that a turn is going on, which is not pending', async () => {
    const thread = home.thread(Date.now());
    thread.turn();
    thread.begin();
    const { code, out } = await sync('--all');
    expect(out).toBe('sync: 1 sent, 0 already there, 0 pending, 0 rejected, 1 still going on\n');
    expect(code).toBe(0);
  });

  it('exits 1 for a turn that is refused now, and not for ever after', async () => {
    const thread = home.thread();
    thread.turn();
    home.answer(422);
    expect(await sync('--all')).toMatchObject({
      code: 1,
      out: 'sync: 0 sent, 0 already there, 0 pending, 1 rejected\n',
    });
    home.receiver.answerWith({});
    expect(await sync('--all')).toMatchObject({
      code: 0,
      out: 'sync: 0 sent, 0 already there, 0 pending, 1 rejected\n',
    });
  });

  it('leaves a server alone that has asked to wait, and exits 1', async () => {
    const thread = home.thread();
    home.answer(503, { 'retry-after': '90' });
    await home.hook(thread.payload(thread.turn()), { requestTimeoutMs: 1000 });
    const before = home.receiver.requests.length;
    expect(await sync()).toMatchObject({
      code: 1,
      out: expect.stringContaining('1 pending, 0 rejected\npending because: the server asked to wait'),
    });
    expect(home.receiver.requests).toHaveLength(before);
  });

  it('goes on past a recording that cannot be read, and exits 1 for it', async () => {
    const [broken, thread] = [home.thread(), home.thread()];
    const turn = thread.turn();
    rmSync(broken.path);
    writeFileSync(`${broken.path}.zst`, 'this is not Zstandard');
    const { code, out } = await sync('--all');
    expect(code).toBe(1);
    expect(out).toContain('1 sent, 0 already there, 1 pending, 0 rejected\n');
    expect(out).toContain('the recording cannot be read (damaged compression)');
    expect(home.arrived()).toEqual([turn]);
  });

  it('rebuilds a damaged state, which --dry-run leaves alone', async () => {
    const thread = home.thread();
    const sent = thread.turn();
    await home.hook(thread.payload(sent));
    const { threadId } = thread;
    const entry = { time: new Date().toISOString(), thread: threadId, turn: sent, outcome: 'sent', ms: 1 };
    writeFileSync(path.join(home.stateDir, 'hook.log'), `${JSON.stringify(entry)}\n`);
    const state = path.join(home.stateDir, 'threads', `${threadId}.json`);
    writeFileSync(state, '{');
    const owed = thread.turn('failed');
    expect((await sync('--dry-run')).out).toBe('sync --dry-run: 1 to send, of 1 thread; 1 already there\n');
    expect(readFileSync(state, 'utf8')).toBe('{');
    expect(await sync()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^sync: 1 sent/),
    });
    expect(home.arrived()).toEqual([sent, owed]);
  });

  it.each([
    ['a turn announced and not taken up', (thread: ThreadFile) => void announce(thread, thread.turn())],
    [
      'its past, where only one turn was announced',
      (thread: ThreadFile) => {
        thread.turn();
        announce(thread, thread.turn());
      },
    ],
    [
      'a turn whose Codex is gone',
      (thread: ThreadFile) => {
        announce(thread, thread.turn());
        thread.begin();
      },
    ],
    [
      'unannounced turns',
      (thread: ThreadFile) => {
        announce(thread, thread.turn());
        thread.turn('aborted');
        thread.turn('failed');
      },
    ],
    ['nothing', () => {}],
  ])('counts in --dry-run what it sends then: %s', async (_, write) => {
    write(home.thread());
    for (const args of [[], ['--all']]) {
      const { turns } = JSON.parse((await sync('--dry-run', '--json', ...args)).out);
      const before = home.arrived().length;
      expect(JSON.parse((await sync('--json', ...args)).out)).toMatchObject({ sent: turns });
      expect(home.arrived().length - before).toBe(turns);
    }
  });

  it('sends the turns of subagents with those that started them', async () => {
    const replay = new Replay('__tests__/fixtures/rollouts/0.169.0-classic/subagent');
    replay.grow(home, Number.POSITIVE_INFINITY);
    await replay.close();
    // Both hooks were killed, and only the parent's announcement was written down.
    const [, parent = ''] = replay.moments().map(({ payload }) => payload);
    const announced = JSON.parse(parent);
    putAnnouncement(home.stateDir, {
      threadId: announced['thread-id'],
      turnId: announced['turn-id'],
      atMs: Date.now(),
    });
    expect(await sync()).toMatchObject({ code: 0, out: expect.stringMatching(/^sync: 2 sent/) });
    expect(new Set(home.receiver.spans().map((span) => span.traceId)).size).toBe(1);
  });

  it.each([
    [['--all', '--since', '7d'], '--all and --since exclude each other'],
    [['--since', 'yesterday'], '--since takes an age or a date, not "yesterday"'],
    [['no-such-file.jsonl'], 'no-such-file.jsonl is not a file'],
  ])('refuses %j, and leaves no handler behind', async (argv, message) => {
    const listeners = process.listenerCount('SIGINT');
    await expect(sync(...argv)).rejects.toThrow(message);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  it('sends nothing of a folder that "exclude" names, also not with --all', async () => {
    const config = { trackingUri: home.receiver.url, experimentId: '0', exclude: ['/home/dev/*'] };
    writeFileSync(path.join(home.codexHome, 'mlflow-tracing.json'), JSON.stringify(config));
    const [hidden, shown] = [home.thread(), home.thread()];
    hidden.turn();
    const turn = shown.turnIn(home.codexHome);
    expect((await sync('--all')).code).toBe(0);
    expect((await sync(hidden.threadId)).out).not.toContain('1 sent');
    expect(home.arrived()).toEqual([turn]);
  });
});
