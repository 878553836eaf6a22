/** What is wrong with a trace info or a trace file, by what MLflow's own client sends (3.17.2, 3.18.0). */

const INFO_KEYS = [
  'assessments',
  'client_request_id',
  'execution_duration',
  'request_preview',
  'request_time',
  'response_preview',
  'state',
  'tags',
  'trace_id',
  'trace_location',
  'trace_metadata',
];
const SPAN_KEYS = [
  'attributes',
  'end_time_unix_nano',
  'events',
  'kind',
  'links',
  'name',
  'parent_span_id',
  'span_id',
  'start_time_unix_nano',
  'status',
  'trace_id',
];

/** @returns what is wrong; nothing where all is as it should be */
export function infoFaults(
  info: Readonly<Record<string, unknown>>,
  kind: 'experiment' | 'unity-catalog',
): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) faults.push(`trace info: ${what}`);
  };
  const unknown = Object.keys(info).filter((key) => !INFO_KEYS.includes(key));
  expect(unknown.length === 0, `unknown keys ${unknown.join()}`);
  const id = String(info['trace_id']);
  expect((kind === 'experiment' ? /^tr-[0-9a-f]{32}$/ : /^[0-9a-f]{32}$/).test(id), `its id ${id}`);
  const location = Object(info['trace_location']);
  if (kind === 'experiment') {
    expect(location.type === 'MLFLOW_EXPERIMENT', 'its kind of location');
    expect(/^\d+$/.test(String(location.mlflow_experiment?.experiment_id)), 'its experiment');
  } else {
    expect(location.type === 'UC_TABLE_PREFIX', 'its kind of location');
    const { catalog_name, schema_name, table_prefix } = Object(location.uc_table_prefix);
    expect(
      [catalog_name, schema_name, table_prefix].every((name) => typeof name === 'string'),
      'its tables',
    );
  }
  expect(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(String(info['request_time'])), 'its time');
  expect(/^\d+(\.\d{3})?s$/.test(String(info['execution_duration'])), 'its duration');
  expect(info['state'] === 'OK' || info['state'] === 'ERROR', 'its state');
  const metadata = Object.entries(Object(info['trace_metadata']));
  const tags = Object.entries(Object(info['tags']));
  expect(
    [...metadata, ...tags].every(([, value]) => typeof value === 'string'),
    'texts only',
  );
  const whole = /tokenUsage$|sizeStats$|cost$/;
  for (const [key, value] of metadata) {
    expect(whole.test(key) || [...String(value)].length <= 250, `${key} at most 250 characters`);
    if (whole.test(key)) JSON.parse(String(value));
  }
  expect(
    Object(info['trace_metadata'])['mlflow.trace_schema.version'] === (kind === 'experiment' ? '3' : '4'),
    'its version',
  );
  expect(JSON.stringify(info).includes('\\u0000') === false, 'no NUL');
  return faults;
}

/** @param id the trace's, `tr-…` */
export function traceFileFaults(
  file: { spans: Record<string, unknown>[] } | undefined,
  id: string,
): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) faults.push(`traces.json: ${what}`);
  };
  expect(Object.keys(file ?? {}).join() === 'spans', 'spans alone');
  for (const span of file?.spans ?? []) {
    const keys = Object.keys(span)
      .filter((key) => key !== 'kind')
      .sort();
    expect(
      keys.join() === SPAN_KEYS.filter((key) => key !== 'kind').join(),
      `keys of a span: ${keys.join()}`,
    );
    expect(hexOf(span['trace_id']) === id.slice(3), 'the trace of a span');
    expect(hexOf(span['span_id']).length === 16, 'the id of a span');
    expect(span['parent_span_id'] === null || hexOf(span['parent_span_id']).length === 16, 'its parent');
    expect(Number(span['start_time_unix_nano']) <= Number(span['end_time_unix_nano']), 'its times');
    const { code } = Object(span['status']);
    expect(/^STATUS_CODE_(OK|ERROR|UNSET)$/.test(code), 'its status');
    const attributes = Object.entries(Object(span['attributes']));
    for (const [key, value] of attributes) expect(isJsonText(value), `${key} as JSON text`);
    expect(Object(span['attributes'])['mlflow.traceRequestId'] === `"${id}"`, 'its request id');
    expect(Array.isArray(span['links']) && Array.isArray(span['events']), 'its lists');
  }
  const roots = (file?.spans ?? []).filter((span) => span['parent_span_id'] === null);
  expect(roots.length === 1, `one root, not ${roots.length}`);
  return faults;
}

/** An id of a span or trace in `traces.json`, as OpenTelemetry writes it. */
export function hexOf(base64: unknown): string {
  return Buffer.from(String(base64), 'base64').toString('hex');
}

function isJsonText(value: unknown): boolean {
  try {
    JSON.parse(String(value));
    return typeof value === 'string';
  } catch {
    return false;
  }
}
