import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { ChosenThread } from '../../../src/commands/sync/choose-threads.js';
import { countThreads } from '../../../src/commands/sync/dry-run.js';
import type { RunOptions } from '../../../src/delivery/run/delivery-run.js';
import type { CommandIo } from '../../../src/terminal/io.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { home } from '../../support/test-home.js';

async function count(
  threads: readonly (ThreadFile | ChosenThread)[],
  { json = false, ...options }: Partial<RunOptions> & { json?: boolean } = {},
): Promise<{ code: number; out: string }> {
  const stdout = new PassThrough();
  const chosen = threads.map((thread) => ({ whole: true, threadId: thread.threadId }));
  const io = { stdout } as Partial<CommandIo> as CommandIo;
  const code = await countThreads(home.run({ abandonedMs: 5000, ...options }), chosen, io, json);
  return { code, out: String(stdout.read() ?? '') };
}

/** A recording that no program can read. */
function damage(thread: ThreadFile): ThreadFile {
  rmSync(thread.path);
  writeFileSync(`${thread.path}.zst`, 'this is not Zstandard');
  return thread;
}

describe('a dry run', () => {
  it('of no threads is all noughts', async () => {
    expect(await count([])).toEqual({
      code: 0,
      out: 'sync --dry-run: 0 to send, of 0 threads; 0 already there\n',
    });
    expect(await count([], { json: true })).toEqual({
      code: 0,
      out: `${JSON.stringify({ dryRun: true, turns: 0, threads: 0, alreadyThere: 0, untraced: 0, unread: 0 }, null, 2)}\n`,
    });
  });

  it('counts turns, threads with a turn to send, and what is there already, over all threads', async () => {
    const [sent, partly, fresh] = [home.thread(), home.thread(), home.thread()];
    await home.hook(sent.payload(sent.turn()));
    await home.hook(partly.payload(partly.turn()));
    partly.turn();
    fresh.turn();
    fresh.turn();
    expect(await count([sent, partly, fresh])).toEqual({
      code: 0,
      out: 'sync --dry-run: 3 to send, of 2 threads; 2 already there\n',
    });
  });

  it('counts no turn of a folder that is not traced, and the thread where that is its own', async () => {
    const settings = { trackingUri: home.receiver.url, experimentId: '0', exclude: ['/home/dev/hidden'] };
    writeFileSync(path.join(home.codexHome, 'mlflow-tracing.json'), JSON.stringify(settings));
    const thread = home.thread();
    thread.turnIn('/home/dev/hidden');
    thread.turnIn('/home/dev/shown');
    expect((await count([thread])).out).toBe('sync --dry-run: 1 to send, of 1 thread; 0 already there\n');
    home.sendTo(home.receiver.url, { enabled: false });
    expect(await count([thread])).toEqual({
      code: 0,
      out: 'sync --dry-run: 0 to send, of 0 threads; 0 already there; 1 thread in folders that are not traced\n',
    });
    expect((await count([thread, thread])).out).toContain('; 2 threads in folders that are not traced\n');
  });

  it('exits 1 for threads that cannot be read', async () => {
    const good = home.thread();
    good.turn();
    const [one, other] = [damage(home.thread()), damage(home.thread())];
    expect(await count([one, good])).toEqual({
      code: 1,
      out: 'sync --dry-run: 1 to send, of 1 thread; 0 already there; 1 thread could not be read\n',
    });
    expect((await count([one, other])).out).toContain('; 2 threads could not be read\n');
    expect(JSON.parse((await count([one], { json: true })).out)).toMatchObject({ unread: 1 });
  });

  it('exits 1 for a thread whose state is of a newer version', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    writeFileSync(path.join(home.stateDir, 'threads', `${thread.threadId}.json`), '{"version":99}');
    expect(await count([thread])).toEqual({
      code: 1,
      out: 'sync --dry-run: 0 to send, of 0 threads; 0 already there; 1 thread could not be read\n',
    });
  });

  it('counts nothing of a thread whose recording is gone', async () => {
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()));
    renameSync(thread.path, path.join(home.codexHome, 'elsewhere'));
    expect(await count([thread])).toEqual({
      code: 0,
      out: 'sync --dry-run: 0 to send, of 0 threads; 0 already there\n',
    });
  });

  it('tells a turn whose Codex is gone from one that goes on', async () => {
    const thread = home.thread(Date.now() - 9000);
    thread.begin();
    expect((await count([thread])).out).toContain(' 1 to send');
    expect((await count([thread], { abandonedMs: 60_000 })).out).toContain(' 0 to send');
  });

  it('says nothing after Ctrl-C: exit 130', async () => {
    expect(await count([home.thread()], { signal: AbortSignal.abort() })).toEqual({ code: 130, out: '' });
  });
});
