// @ts-check
/**
 * A real OpenTelemetry Collector: built from Go modules into the project's cache, started on a
 * free port, forwarding to an MLflow.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, runQuietly } from './cache.mjs';
import { startServer } from './server-process.mjs';

/** @typedef {import('./server-process.mjs').RunningServer} RunningServer */

const source = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  ...['..', '..', '__tests__', 'support', 'collector'],
);

/**
 * The version of Go on this machine, or why there is none.
 * @returns {{ go: string } | { missing: string }}
 */
export function findGo() {
  try {
    return { go: execFileSync('go', ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) };
  } catch {
    return { missing: 'Go was not found' };
  }
}

/**
 * Path of the Collector, built on first use (about 90 s without Go's own caches).
 * @param {(line: string) => void} [progress]
 */
async function collectorProgram(progress) {
  const texts = await Promise.all(
    ['main.go', 'go.mod', 'go.sum'].map((file) => readFile(path.join(source, file))),
  );
  const version = createHash('sha256').update(Buffer.concat(texts)).digest('hex').slice(0, 12);
  const folder = await cached(`collector-${version}`, async (target) => {
    progress?.('Building the OpenTelemetry Collector into .cache/ (once, up to two minutes) …');
    await runQuietly('go', ['build', '-o', path.join(target, 'collector'), '.'], { cwd: source });
  });
  return path.join(folder, 'collector');
}

/**
 * Starts a Collector that takes OTLP over HTTP and forwards it to MLflow, in one experiment.
 * @param {object} options
 * @param {string} options.mlflowUrl
 * @param {string} options.experimentId
 * @param {(place: { dir: string, port: number }) => string} [options.config] YAML, in place of the plain forwarding
 * @param {(line: string) => void} [options.progress]
 * @returns {Promise<RunningServer>}
 */
export async function startCollector({ mlflowUrl, experimentId, config, progress }) {
  const program = await collectorProgram(progress);
  return startServer({
    name: 'The Collector',
    program,
    args: async ({ dir, port }) => {
      const file = path.join(dir, 'collector.yaml');
      await writeFile(file, config?.({ dir, port }) ?? buildConfig({ port, mlflowUrl, experimentId }));
      return ['--config', file];
    },
    // It answers a GET with 405 as soon as it listens.
    isReady: async (url) => (await fetch(`${url}/v1/traces`)).status === 405,
  });
}

/** @param {{ port: number, mlflowUrl: string, experimentId: string }} settings */
function buildConfig({ port, mlflowUrl, experimentId }) {
  return `receivers:
  otlp:
    protocols:
      http: { endpoint: "127.0.0.1:${port}" }
exporters:
  otlp_http:
    endpoint: ${mlflowUrl}
    headers: { x-mlflow-experiment-id: "${experimentId}" }
    retry_on_failure: { enabled: true, initial_interval: 1s }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp_http] }
`;
}
