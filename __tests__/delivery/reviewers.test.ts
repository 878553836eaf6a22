import { describe, expect, it } from '@jest/globals';
import { runStatus } from '../../src/commands/status/status.js';
import { runSync } from '../../src/commands/sync/sync.js';
import { Replay } from '../support/delivery-replay.js';
import { runCommand } from '../support/run-command.js';
import { home } from '../support/test-home.js';

/** Models that judge what a turn may do, each in a thread that nothing announces (Codex 0.171). */

const ALL = Number.POSITIVE_INFINITY;

async function lay(fixture: string): Promise<string[]> {
  const replay = new Replay(`__tests__/fixtures/rollouts/${fixture}`);
  replay.grow(home, ALL);
  await replay.close();
  return replay.moments().map(({ payload }) => payload);
}

/** What arrived, each span once: the reviewers' turns, and how many input tokens in all. */
function arrived(): { reviews: number; traces: number; orphans: number; doubled: number } {
  const spans = home.receiver.spans();
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return {
    reviews: spans.filter(({ name }) => name === 'invoke_agent guardian').length,
    traces: new Set(spans.map(({ traceId }) => traceId)).size,
    orphans: spans.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId)).length,
    doubled: spans.length - ids.size,
  };
}

describe.each([
  ['0.171.0-classic/reviewed', 1],
  ['0.171.0-code-mode/reviewed', 1],
  // A review that came to no verdict is held again.
  ['0.171.0-classic/reviewed-twice', 3],
])('the reviewers of %s', (fixture, reviews) => {
  it('are in their turn’s trace, sent by the turn’s own hook, once', async () => {
    const payloads = await lay(fixture);
    for (const payload of payloads) await home.hook(payload);
    expect(arrived()).toMatchObject({ reviews, orphans: 0, doubled: 0 });
    expect(arrived().traces).toBe(payloads.length);
    await runCommand(runSync, home, []);
    expect(arrived()).toMatchObject({ reviews, doubled: 0 });
  });

  it('come with plain sync too, where no hook ran or the hook found no server', async () => {
    await lay(fixture);
    expect(await runCommand(runSync, home, [])).toMatchObject({ code: 0 });
    expect(arrived()).toMatchObject({ reviews, orphans: 0, doubled: 0 });
  });

  it('come with plain sync where an earlier version sent the turn alone', async () => {
    const payloads = await lay(fixture);
    home.receiver.answerWith((request) =>
      request.spans.some(({ name }) => name === 'invoke_agent guardian') ? { status: 401 } : {},
    );
    for (const payload of payloads) await home.hook(payload);
    home.receiver.answerWith({});
    expect(await runCommand(runSync, home, [])).toMatchObject({ code: 0 });
    expect(arrived()).toMatchObject({ reviews, orphans: 0 });
  });

  it('are no sessions that the hook was never told of', async () => {
    const [payload = ''] = await lay(fixture);
    await home.hook(payload);
    const { out } = await runCommand(runStatus, home, ['--offline', '--json']);
    expect(out).not.toContain('never-announced');
    expect(out).not.toContain('thread-unknown');
  });
});

describe('an imported session', () => {
  it('is left out by sync, which says so', async () => {
    await lay('0.171.0-classic/imported');
    const { code, out } = await runCommand(runSync, home, ['--all']);
    expect(code).toBe(0);
    expect(out).toMatch(/\d+ imported turns? left out/);
    expect(JSON.stringify(home.receiver.spans())).not.toContain('external-import');
  });
});
