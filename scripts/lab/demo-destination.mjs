// @ts-check
/**
 * Where the demo's trace goes: an MLflow of its own, the user's, or a receiver in this program.
 */
import { startMlflow } from './mlflow.mjs';
import { findOrCreateExperiment, searchTraces, traceLink } from './mlflow-rest.mjs';
import { startOtlpReceiver } from './otlp-receiver.mjs';
import { waitFor } from './wait-for.mjs';

const experimentName = 'codex-demo';

/**
 * @typedef {object} Destination
 * @property {{ trackingUri: string, experimentId: string }} config for `mlflow-tracing.json`
 * @property {Record<string, string>} env credentials for the hook
 * @property {(threadId: string) => Promise<string | undefined>} findTrace the link of the trace; none: there is no page to link to
 * @property {() => Promise<void>} close
 */

/**
 * Opens the best destination there is.
 * @param {{ startOwn: boolean, say: (line: string) => void }} options startOwn: a new MLflow
 * @returns {Promise<Destination>}
 */
export async function openDestination({ startOwn, say }) {
  if (startOwn) {
    const server = await startMlflow({ progress: say });
    say(`MLflow runs at ${server.url}`);
    return mlflowDestination(server.url, server.close);
  }
  const wanted = process.env['MLFLOW_TRACKING_URI'];
  const url = wanted ?? 'http://localhost:5000';
  if (await isMlflow(url)) {
    say(`MLflow answers at ${url}: the trace goes there, into the experiment "${experimentName}".`);
    return mlflowDestination(url.replace(/\/$/, ''), async () => {});
  }
  const receiver = await startOtlpReceiver();
  const where = wanted ? `MLFLOW_TRACKING_URI (${withoutPassword(wanted)})` : url;
  say(`No MLflow answers at ${where}: a receiver inside this program takes the trace.`);
  return {
    config: { trackingUri: receiver.url, experimentId: '0' },
    env: {},
    findTrace: async () => {
      await waitFor('the trace to arrive', () => receiver.spans().length > 0);
      return undefined;
    },
    close: receiver.close,
  };
}

/** @param {string} url @param {() => Promise<void>} close @returns {Promise<Destination>} */
async function mlflowDestination(url, close) {
  const experimentId = await findOrCreateExperiment(url, experimentName);
  const credentials = Object.entries(process.env).filter(([name]) =>
    /^MLFLOW_TRACKING_(?!URI$)|^MLFLOW_WORKSPACE$/.test(name),
  );
  return {
    config: { trackingUri: url, experimentId },
    env: Object.fromEntries(credentials.map(([name, value]) => [name, value ?? ''])),
    findTrace: async (threadId) => {
      const filter = `metadata.\`mlflow.trace.session\` = '${threadId}'`;
      const trace = await waitFor('the trace to appear in MLflow', async () =>
        (await searchTraces(url, experimentId, filter)).at(-1),
      );
      return traceLink(url, experimentId, trace.trace_id);
    },
    close,
  };
}

/**
 * Whether an MLflow answers here, within 2 s.
 * @param {string} url
 */
async function isMlflow(url) {
  try {
    // Other programs answer on port 5000 too (AirPlay on a Mac); MLflow's answer is a bare version.
    const answer = await fetch(`${url.replace(/\/$/, '')}/version`, { signal: AbortSignal.timeout(2000) });
    return answer.ok && /^\d+\.\d+/.test(await answer.text());
  } catch {
    return false;
  }
}

/** @param {string} uri */
function withoutPassword(uri) {
  return uri.replace(/\/\/[^/@]*@/, '//');
}
