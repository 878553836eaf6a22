// @ts-check
/**
 * What MLflow's REST interface says about traces (3.17.2).
 */

/**
 * @typedef {object} TraceInfo
 * @property {string} trace_id `tr-` and 32 hex digits
 * @property {string} state `OK`, `ERROR`, `IN_PROGRESS`
 * @property {string} request_preview
 * @property {string} response_preview
 * @property {string} request_time ISO 8601
 * @property {string} execution_duration such as `1.5s`
 * @property {Record<string, string>} trace_metadata
 * @property {Record<string, string>} tags
 */

/**
 * @typedef {object} StoredSpan a span as MLflow gives it back; JSON text in attributes comes parsed
 * @property {string} name
 * @property {string} spanId hex
 * @property {string | null} parentSpanId hex
 * @property {number} startMs
 * @property {number} endMs
 * @property {{ code: string, message: string }} status code `STATUS_CODE_UNSET`, `STATUS_CODE_ERROR` …
 * @property {Record<string, any>} attributes
 * @property {{ name: string, attributes: Record<string, unknown> }[]} events
 */

/**
 * Makes an experiment and returns its id.
 * @param {string} url of the server
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function createExperiment(url, name) {
  const answer = await request(`${url}/api/2.0/mlflow/experiments/create`, { name });
  return answer.experiment_id;
}

/**
 * The id of the experiment of this name, which is made where there is none.
 * @param {string} url
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function findOrCreateExperiment(url, name) {
  const search = { filter: `name = '${name}'`, max_results: 1 };
  const found = await request(`${url}/api/2.0/mlflow/experiments/search`, search);
  return found.experiments?.[0]?.experiment_id ?? createExperiment(url, name);
}

/**
 * All traces of an experiment, oldest first.
 * @param {string} url
 * @param {string} experimentId
 * @param {string} [filter] MLflow's search language
 * @returns {Promise<TraceInfo[]>}
 */
export async function searchTraces(url, experimentId, filter) {
  /** @type {TraceInfo[]} */
  const traces = [];
  /** @type {string | undefined} */
  let page;
  do {
    const answer = await request(`${url}/api/3.0/mlflow/traces/search`, {
      locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } }],
      max_results: 100,
      ...(filter ? { filter } : {}),
      ...(page ? { page_token: page } : {}),
    });
    traces.push(...(answer.traces ?? []));
    page = answer.next_page_token;
  } while (page);
  return traces.sort((a, b) => Date.parse(a.request_time) - Date.parse(b.request_time));
}

/**
 * A trace with its spans, in the order they were started.
 * @param {string} url
 * @param {string} traceId
 * @returns {Promise<{ info: TraceInfo, spans: StoredSpan[] }>}
 */
export async function getTrace(url, traceId) {
  const { trace } = await request(`${url}/api/3.0/mlflow/traces/get?trace_id=${traceId}`);
  /** @type {StoredSpan[]} */
  const spans = trace.spans.map((/** @type {any} */ span) => ({
    name: span.name,
    spanId: hex(span.span_id),
    parentSpanId: span.parent_span_id ? hex(span.parent_span_id) : null,
    startMs: span.start_time_unix_nano / 1e6,
    endMs: span.end_time_unix_nano / 1e6,
    status: { code: 'STATUS_CODE_UNSET', message: '', ...span.status },
    attributes: recordOf(span.attributes),
    events: (span.events ?? []).map((/** @type {any} */ event) => ({
      name: event.name,
      attributes: recordOf(event.attributes),
    })),
  }));
  spans.sort((a, b) => a.startMs - b.startMs);
  return { info: trace.trace_info, spans };
}

/** @param {string} base64 */
function hex(base64) {
  return Buffer.from(base64, 'base64').toString('hex');
}

/** @param {{ key: string, value: any }[]} [keyValues] @returns {Record<string, any>} */
function recordOf(keyValues = []) {
  return Object.fromEntries(keyValues.map(({ key, value }) => [key, plain(value)]));
}

/** An OTLP AnyValue as JSON writes it, made plain. @param {any} value @returns {any} */
function plain(value) {
  const [kind, inner] = Object.entries(value ?? {})[0] ?? [];
  if (kind === 'kvlist_value') return recordOf(/** @type {any} */ (inner).values);
  if (kind === 'array_value') return /** @type {any} */ (inner.values ?? []).map(plain);
  return inner ?? null;
}

/**
 * The address of a trace in MLflow's user interface.
 * @param {string} url
 * @param {string} experimentId
 * @param {string} traceId
 */
export function traceLink(url, experimentId, traceId) {
  return `${url.replace(/\/$/, '')}/#/experiments/${experimentId}/traces?selectedEvaluationId=${traceId}`;
}

/**
 * MLflow's own conventions: Basic wins over Bearer.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string>}
 */
function authorization(env) {
  const user = env['MLFLOW_TRACKING_USERNAME'];
  const password = env['MLFLOW_TRACKING_PASSWORD'];
  const token = env['MLFLOW_TRACKING_TOKEN'];
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** @param {string} address @param {object} [body] makes it a POST @returns {Promise<any>} */
async function request(address, body) {
  const response = await fetch(address, {
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    headers: { 'content-type': 'application/json', ...authorization(process.env) },
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${response.status} from ${new URL(address).pathname}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}
