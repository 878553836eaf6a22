import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startCollector } from '../../scripts/lab/collector.mjs';
import type { RunningServer } from '../../scripts/lab/server-process.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { collectorNeeds, describeWith } from '../support/real-servers.js';

/** The configuration of the guide, of which only places and addresses are another. */
function guidesConfig(mlflowUrl: string) {
  const guide = readFileSync('docs/platform.md', 'utf8');
  const yaml = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1];
  if (yaml === undefined) throw new Error('docs/platform.md holds no configuration');
  return ({ dir, port }: { dir: string; port: number }) =>
    replaced(
      replaced(replaced(yaml, '/var/lib/otelcol/queue', `${dir}/queue`), '0.0.0.0:4318', `127.0.0.1:${port}`),
      'https://mlflow.example.org',
      mlflowUrl,
    ).replace('service:\n', 'service:\n  telemetry: { metrics: { level: none } }\n');
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the guide does not say ${from}`);
  return text.replace(from, to);
}

describeWith(collectorNeeds(), "the guide's Collector", () => {
  let home: DeliveryHome;
  let collector: RunningServer;
  beforeEach(async () => {
    home = await DeliveryHome.make();
    const mlflowUrl = home.receiver.url;
    collector = await startCollector({ mlflowUrl, experimentId: '7', config: guidesConfig(mlflowUrl) });
    home.sendTo(`${collector.url}/v1/traces`);
  }, 8 * 60_000);
  afterEach(async () => {
    await collector.close();
    await home.close();
  });

  it('killed while MLflow is away, has kept every turn that it was given, and passes each on once', async () => {
    home.answer(503);
    const thread = home.thread();
    const turns: string[] = [];
    for (let i = 0; i < 20; i++) {
      turns.push(thread.turn());
      const payload = thread.payload(turns.at(-1) ?? '');
      expect(await home.hook(payload, { requestTimeoutMs: 10_000 })).toEqual({ outcome: 'sent' });
    }
    await collector.kill();
    home.receiver.answerWith({});
    expect(home.arrived()).toEqual([]);
    await collector.restart();
    await waitFor('all turns', async () => home.arrived().length >= 20, { timeoutMs: 90_000 });
    expect(home.arrived().sort()).toEqual([...turns].sort());
    const [request] = home.receiver.requests.slice(-1);
    expect(request?.headers['x-mlflow-experiment-id']).toBe('7');
  }, 180_000);
});
