import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpReceiver } from '../../../scripts/lab/otlp-receiver.mjs';
import { Random } from '../../../scripts/lab/secrets/random.mjs';
import { runCli } from '../../../src/cli.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import { ThreadFile } from '../../support/delivery-thread.js';
import { TextEverywhere } from '../../support/everywhere.js';
import { Workbench } from '../workbench.js';

const secret = `ghp_${new Random(3).base62(36)}`;
let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
  bench.put(bench.userTracing, { trackingUri: 'http://127.0.0.1:1', experimentId: '0', tags: { team: 'x' } });
});
afterEach(() => bench.remove());

const turnWith = (text: string) => {
  const thread = new TextEverywhere(bench.codexHome);
  thread.turnWith(text, 'classic');
};

describe('show --as-sent', () => {
  it('shows every value that would leave, and none of what was taken out', async () => {
    turnWith(`the key is ${secret}, keep it`);
    const { code, stdout, stderr } = await bench.run('show', '--as-sent');
    expect([code, stderr]).toEqual([0, '']);
    // First the tree, then every value.
    expect(stdout).toMatch(/^thread [\s\S]*\n\ninvoke_agent codex\n {2}mlflow\.spanType = AGENT\n/);
    expect(stdout).not.toContain(secret);
    expect(stdout).toContain('the key is [REDACTED:github-token#1], keep it');
    expect(stdout).toContain('mlflow.traceTag.team = x');
    expect(stdout).toContain('codex.content.redacted_kinds = github-token');
  });

  it('paints what was taken out', async () => {
    turnWith(secret);
    const io = bench.io({ colors: true });
    await runCli(['show', '--as-sent'], io);
    expect(io.ran(0).stdout).toContain('\u001b[31m[REDACTED:github-token#1]\u001b[0m');
  });

  it('shows the very spans that a hook sends', async () => {
    const receiver = await startOtlpReceiver();
    await receiver.close();
    const home = await DeliveryHome.make();
    try {
      const thread = new TextEverywhere(home.codexHome);
      const turnId = thread.turnWith(`export DB_PASSWORD=hunter2secret and ${secret}`, 'classic');
      await home.hook(thread.payload(turnId));
      const io = bench.io({ homeDir: home.codexHome, env: { CODEX_HOME: home.codexHome, USER: 'ada' } });
      const shown = io.ran(await runCli(['show', '--as-sent', '--json', thread.threadId], io));
      const spans = JSON.parse(shown.stdout).turns[0].spans as { attributes: Record<string, unknown> }[];
      const values = (all: { attributes: Record<string, unknown> }[]) =>
        all.map(({ attributes }) => ({ ...attributes, 'user.id': '', 'codex.client': '' }));
      expect(values(spans)).toEqual(
        values(home.receiver.spans()).map((sent) => expect.objectContaining(sent)),
      );
    } finally {
      await home.close();
    }
  });

  it('says so where nothing of it would leave', async () => {
    turnWith(secret);
    bench.put(bench.userTracing, { trackingUri: 'http://127.0.0.1:1', enabled: false });
    const { code, stdout, stderr } = await bench.run('show', '--as-sent');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `mlflow-codex: Nothing of it would leave: tracing is switched off by ${bench.userTracing}\n` +
        '  mlflow-codex status says what counts in a folder\n',
    );
  });

  it('takes the settings of the turn’s own folder, or of this one where the recording names none', async () => {
    const elsewhere = path.join(bench.base, 'elsewhere');
    bench.put(path.join(elsewhere, '.codex', 'mlflow-tracing.json'), { content: 'metadata' });
    const thread = new ThreadFile(bench.codexHome);
    thread.turnIn(elsewhere);
    expect((await bench.run('show', '--as-sent', thread.path)).stdout).not.toContain('prompt 1');
    thread.turnIn(bench.home);
    expect((await bench.run('show', '--as-sent', thread.path)).stdout).toContain('prompt 2');
    const bare = path.join(bench.base, 'bare.jsonl');
    bench.put(
      bare,
      thread
        .text()
        .replaceAll(/"cwd":"[^"]*",?/g, '')
        .replaceAll(',}', '}'),
    );
    expect((await bench.run('show', '--as-sent', bare)).stdout).toContain('prompt 2');
    bench.project = elsewhere;
    expect((await bench.run('show', '--as-sent', bare)).stdout).not.toContain('prompt 2');
  });

  it('is what plain show points to, which shows what was said', async () => {
    turnWith(`the key is ${secret}`);
    const { stdout, stderr } = await bench.run('show');
    expect(stdout).toContain(secret.slice(0, 10));
    expect(stderr).toContain('mlflow-codex show --as-sent');
  });
});

describe('status', () => {
  it('names what redaction covers, that it is no proof, and a pattern that is slow', async () => {
    bench.put(bench.userTracing, {
      trackingUri: 'http://127.0.0.1:1',
      redactPii: true,
      redactPatterns: ['ACME-\\d+', '^(a+)+$'],
    });
    const { stdout } = await bench.run('status', '--offline');
    expect(stdout).toContain('2 patterns of yours');
    expect(stdout).toContain('e-mail addresses');
    expect(stdout).toContain('a net, not a proof');
    expect(stdout).toContain(`redactPatterns[1] of ${bench.userTracing}, ^(a+)+$, takes too long`);
    expect(stdout).not.toContain('redactPatterns[0]');
  });
});
