import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { installProgram } from '../support/installed-program.js';
import { describeInOwnEtc, inOwnEtc } from '../support/own-etc.js';
import { removeFolder } from '../support/remove-folder.js';

/** The machine's tracing config where it really lies, met by the program as it is shipped. */
describeInOwnEtc("the machine's tracing config", () => {
  let folder: string;
  let etc: string;
  let program: string;
  let home: DeliveryHome;
  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    etc = path.join(folder, 'etc');
    mkdirSync(path.join(etc, 'mlflow-codex'), { recursive: true });
    program = await installProgram(folder);
  });
  afterAll(() => removeFolder(folder));
  beforeEach(async () => {
    home = await DeliveryHome.make();
    // Of the user there is nothing.
    rmSync(path.join(home.codexHome, 'mlflow-tracing.json'));
  });
  afterEach(() => home.close());

  const run = (...args: string[]) => runIn(home, inOwnEtc(etc, [process.execPath, program, ...args]));
  const machineSays = (config: object | string) =>
    writeFileSync(
      path.join(etc, 'mlflow-codex', 'mlflow-tracing.json'),
      typeof config === 'string' ? config : JSON.stringify(config),
    );

  it('traces a user who has set up nothing, with its headers, attributes and privacy', async () => {
    writeFileSync(path.join(etc, 'mlflow-codex', 'token'), 'of-the-company\n');
    machineSays({
      trackingUri: home.receiver.url,
      experimentId: '7',
      content: 'metadata',
      headers: { 'x-team': 'search' },
      resourceAttributes: { cost_center: '42' },
      tokenFile: '/etc/mlflow-codex/token',
    });
    const thread = home.thread();
    const turn = thread.turn();
    expect(await run('notify-hook', thread.payload(turn))).toMatchObject({ code: 0, output: '' });
    expect(home.arrived()).toEqual([turn]);
    expect(home.receiver.requests[0]?.headers).toMatchObject({
      'x-team': 'search',
      'x-mlflow-experiment-id': '7',
      authorization: 'Bearer of-the-company',
    });
    expect(home.receiver.spans()[0]?.resource).toMatchObject({ cost_center: '42', 'service.name': 'codex' });
    expect(JSON.stringify(home.receiver.spans())).not.toContain('prompt 1');
  });

  it('is named by status with what it fixes; a user’s other server is passed over', async () => {
    machineSays({ trackingUri: home.receiver.url, redact: true, required: ['trackingUri'] });
    writeFileSync(
      path.join(home.codexHome, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: 'http://127.0.0.1:9', redact: false }),
    );
    const { output } = await run('status', '--offline');
    expect(output).toContain('Set by your organisation in /etc/mlflow-codex/mlflow-tracing.json');
    expect(output).toContain('which nothing overrides: trackingUri');
    expect(output).toContain('"trackingUri" of');
    expect(output).toContain('"redact" of');
    const thread = home.thread();
    const turn = thread.turn();
    await run('notify-hook', thread.payload(turn));
    expect(home.arrived()).toEqual([turn]);
  });

  it('that is broken holds every turn back, and sync says which file it is', async () => {
    machineSays({ trackingUri: home.receiver.url });
    const thread = home.thread();
    const turns = [thread.turn()];
    await run('notify-hook', thread.payload(turns[0] ?? ''));
    machineSays('{"trackingUri": ');
    turns.push(thread.turn());
    expect(await run('notify-hook', thread.payload(turns[1] ?? ''))).toMatchObject({ code: 0, output: '' });
    const { code, output } = await run('sync');
    expect(code).toBe(1);
    expect(output).toContain('/etc/mlflow-codex/mlflow-tracing.json:1:17');
    expect(home.arrived()).toEqual([turns[0]]);
    machineSays({ trackingUri: home.receiver.url });
    expect(await run('sync')).toMatchObject({ code: 0 });
    expect(home.arrived()).toEqual(turns);
  });
});
