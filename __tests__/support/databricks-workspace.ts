import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DecodedSpan, decodeTraceRequest } from '../../scripts/lab/otlp-decode.mjs';
import { infoFaults, traceFileFaults } from './databricks-shapes.js';

/** The requests a workspace and its store know. */
export type Call =
  | 'discovery'
  | 'token'
  | 'experiment'
  | 'info'
  | 'address'
  | 'upload'
  | 'create'
  | 'append'
  | 'spans'
  | 'uc-info';

/** A request as it arrived. */
export interface SeenCall {
  readonly call: Call;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly status: number;
}

/** How to answer in place of the right answer. */
export type Fault =
  | { status: number; body?: string; headers?: Record<string, string> }
  | 'hang'
  | 'reset'
  /** Does what is asked, and then cuts the connection. */
  | 'lost';

/** A trace as the workspace has it. */
export interface StoredTrace {
  info?: Record<string, unknown>;
  file?: { spans: Record<string, unknown>[] };
  uploads: number;
}

interface Answer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

const DESTINATION_TAG = 'mlflow.experiment.databricksTraceDestinationPath';
const TABLE_TAG = 'mlflow.experiment.databricksTraceSpanStorageTable';

/**
 * A Databricks workspace on loopback, and on another port the store that its signed addresses name. It
 * checks every request strictly: what is not as MLflow's client sends it is in `violations`.
 */
export class DatabricksWorkspace {
  readonly calls: SeenCall[] = [];
  readonly violations: string[] = [];
  readonly traces = new Map<string, StoredTrace>();
  /** Spans by table. */
  readonly tables = new Map<string, DecodedSpan[]>();
  /** Infos of Unity Catalog, by `<prefix>/<hex>`. */
  readonly infos = new Map<string, Record<string, unknown>>();
  readonly experiments = new Map<string, { name: string; stage: string; tags: Record<string, string> }>();
  readonly tokens = new Set(['dapi-right']);
  /** An OAuth client and the tokens that it is given, one after the other. */
  client = { id: 'client-1', secret: 'client-secret-1', expiresIn: 3600 };
  storeType = 'AWS_PRESIGNED_URL';
  /** Of signed addresses: with characters that a client's own reading of an address would change. */
  signature = "X-Sig=a%2fb+c/d='(~)'";
  /** Headers that the store wants, as the workspace tells them. */
  storeHeaders: Record<string, string> = { 'x-amz-server-side-encryption': 'AES256' };
  /** What is found by MLflow's own client beside our requests. */
  readonly others: string[] = [];
  readonly #faults = new Map<Call, Fault[]>();
  readonly #servers: ReturnType<typeof createServer>[] = [];
  url = '';
  storeUrl = '';
  #issued = 0;

  static async start(): Promise<DatabricksWorkspace> {
    const workspace = new DatabricksWorkspace();
    workspace.experiments.set('123', { name: '/Users/dana/codex', stage: 'active', tags: {} });
    workspace.experiments.set('456', {
      name: '/Users/dana/bound',
      stage: 'active',
      tags: { [DESTINATION_TAG]: 'main.traces.codex', [TABLE_TAG]: 'main.traces.codex_spans_v2' },
    });
    workspace.url = await workspace.#listen((request, body) => workspace.#workspaceAnswer(request, body));
    workspace.storeUrl = await workspace.#listen((request, body) => workspace.#storeAnswer(request, body));
    return workspace;
  }

  /** Lets the next requests of a kind fail, one after the other. */
  fail(call: Call, ...faults: Fault[]): void {
    this.#faults.set(call, [...(this.#faults.get(call) ?? []), ...faults]);
  }

  /** Takes back what `fail` said and has not happened. */
  heal(): void {
    this.#faults.clear();
  }

  /** The kinds of requests so far, in their order. */
  steps(): Call[] {
    return this.calls.map(({ call }) => call);
  }

  /** Everything that was sent to it, in one text: for the search for what must not be in it. */
  everything(): string {
    return this.calls.map(({ url, body }) => `${url}\n${body.toString('utf8')}`).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }

  async #listen(
    answer: (request: IncomingMessage, body: Buffer) => { call: Call; answer: Answer } | Answer,
  ): Promise<string> {
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      this.#reply(request, response, Buffer.concat(parts), answer);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #reply(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    answer: (request: IncomingMessage, body: Buffer) => { call: Call; answer: Answer } | Answer,
  ): void {
    const call = callOf(request);
    const fault = call === undefined ? undefined : this.#faults.get(call)?.shift();
    const seen = (status: number) => {
      const { method = '', url = '', headers } = request;
      if (call !== undefined) this.calls.push({ call, method, url, headers, body, status });
    };
    if (fault === 'hang' || fault === 'reset') {
      seen(0);
      if (fault === 'reset') request.socket.resetAndDestroy();
      return;
    }
    if (fault !== undefined && fault !== 'lost') {
      seen(fault.status);
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    const found = answer(request, body);
    const { status, headers, body: text } = 'answer' in found ? found.answer : found;
    seen(status);
    if (fault === 'lost') request.socket.resetAndDestroy();
    else response.writeHead(status, headers).end(text ?? '');
  }

  #workspaceAnswer(request: IncomingMessage, body: Buffer): Answer {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', this.url);
    const call = callOf(request);
    if (call === 'discovery') return json({ token_endpoint: `${this.url}/oidc/v1/token` });
    if (call === 'token') return this.#token(headers, body);
    if (call === undefined) {
      this.others.push(`${method} ${url.pathname}`);
      return json({ error_code: 'ENDPOINT_NOT_FOUND' }, 404);
    }
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!this.tokens.has(token)) return json({ error_code: 'UNAUTHENTICATED', message: 'no' }, 401);
    switch (call) {
      case 'experiment':
        return this.#experiment(url);
      case 'info':
        return this.#info(headers, body);
      case 'address':
        return this.#address(url, body);
      case 'spans':
        return this.#spans(headers, body);
      case 'uc-info':
        return this.#ucInfo(url, headers, body);
      default:
        return json({ error_code: 'ENDPOINT_NOT_FOUND' }, 404);
    }
  }

  #token(headers: IncomingHttpHeaders, body: Buffer): Answer {
    const { id, secret, expiresIn } = this.client;
    const basic = Buffer.from(`${id}:${secret}`).toString('base64');
    this.#expect(
      headers['content-type'] === 'application/x-www-form-urlencoded' &&
        body.toString() === 'grant_type=client_credentials&scope=all-apis',
      'the form of the token request',
    );
    if (headers.authorization !== `Basic ${basic}`) return json({ error: 'invalid_client' }, 401);
    const token = `oauth-${++this.#issued}`;
    this.tokens.add(token);
    return json({ access_token: token, token_type: 'Bearer', expires_in: expiresIn });
  }

  #experiment(url: URL): Answer {
    const id = url.searchParams.get('experiment_id');
    const name = url.searchParams.get('experiment_name');
    const found = [...this.experiments].find(([key, value]) => key === id || value.name === name);
    if (!found) return json({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'none' }, 404);
    const tags = Object.entries(found[1].tags).map(([key, value]) => ({ key, value }));
    return json({
      experiment: {
        experiment_id: found[0],
        name: found[1].name,
        artifact_location: `dbfs:/databricks/mlflow-tracking/${found[0]}`,
        lifecycle_stage: found[1].stage,
        tags,
      },
    });
  }

  #info(headers: IncomingHttpHeaders, body: Buffer): Answer {
    this.#expectJson(headers);
    const sent = JSON.parse(body.toString('utf8')) as { trace?: { trace_info?: Record<string, unknown> } };
    this.#expect(
      Object.keys(sent).join() === 'trace' && Object.keys(sent.trace ?? {}).join() === 'trace_info',
      'the envelope of the trace info',
    );
    const info = sent.trace?.trace_info ?? {};
    this.violations.push(...infoFaults(info, 'experiment'));
    const id = String(info['trace_id']);
    const trace = this.traces.get(id) ?? { uploads: 0 };
    this.traces.set(id, { ...trace, info });
    const { experiment_id: experiment = '' } = Object(Object(info['trace_location'])['mlflow_experiment']);
    const artifacts = `dbfs:/databricks/mlflow-tracking/${experiment}/${id}/artifacts`;
    const tags = { ...Object(info['tags']), 'mlflow.artifactLocation': artifacts };
    return json({ trace: { trace_info: { ...info, tags } } });
  }

  #address(url: URL, body: Buffer): Answer {
    const id = url.pathname.split('/')[5] ?? '';
    this.#expect(body.length === 0, 'no body in the question for an address');
    this.#expect(this.traces.has(id), 'an address is asked for a trace that was started');
    const signed = `${this.storeUrl}/bucket/${id}/traces.json?${this.signature}&n=${++this.#issued}`;
    const headers = Object.entries(this.storeHeaders).map(([name, value]) => ({ name, value }));
    return json({
      credential_info: { run_id: '', path: '', type: this.storeType, signed_uri: signed, headers },
    });
  }

  #storeAnswer(request: IncomingMessage, body: Buffer): Answer {
    const { method, url = '', headers } = request;
    const allowed = new Set(['host', 'connection', 'content-length', ...Object.keys(this.storeHeaders)]);
    if (this.storeType === 'AZURE_SAS_URI') allowed.add('x-ms-blob-type');
    const extra = Object.keys(headers).filter((name) => !allowed.has(name) && !PYTHONS.has(name));
    this.#expect(extra.length === 0, `no header of ours at the store (${extra.join()})`);
    this.#expect(headers['content-length'] !== undefined, 'a length at the store');
    this.#expect(url.includes(`?${this.signature}&n=`), `the signed address as it was given (${url})`);
    const [, , id = ''] = url.split('/');
    const call = callOf(request);
    if (call === 'create') {
      this.#expect(url.endsWith('&resource=file') && body.length === 0, 'an empty file first');
      return { status: 201 };
    }
    if (call === 'append') this.#expect(url.endsWith('&action=append&position=0&flush=true'), 'the append');
    if (this.storeType === 'AZURE_SAS_URI')
      this.#expect(headers['x-ms-blob-type'] === 'BlockBlob', `a block blob (${method})`);
    const trace = this.traces.get(id);
    const file = JSON.parse(body.toString('utf8')) as StoredTrace['file'];
    this.violations.push(...traceFileFaults(file, id));
    if (trace && file) this.traces.set(id, { ...trace, file, uploads: trace.uploads + 1 });
    return { status: 200 };
  }

  #spans(headers: IncomingHttpHeaders, body: Buffer): Answer {
    this.#expect(headers['content-type'] === 'application/x-protobuf', 'spans as protobuf');
    this.#expect(headers['content-encoding'] === undefined, 'spans uncompressed');
    this.#expect(headers['x-mlflow-experiment-id'] === undefined, 'no experiment header');
    const table = String(headers['x-databricks-uc-table-name'] ?? '');
    this.#expect(/^[\w-]+\.[\w-]+\.[\w-]+$/.test(table), 'a table');
    const spans = decodeTraceRequest(body);
    for (const span of spans) {
      const id = String(span.attributes['mlflow.traceRequestId']);
      this.#expect(
        /^"?trace:\/[\w.-]+\/[0-9a-f]{32}"?$/.test(id) && id.includes(span.traceId),
        `a request id (${id})`,
      );
    }
    this.tables.set(table, [...(this.tables.get(table) ?? []), ...spans]);
    return { status: 200 };
  }

  #ucInfo(url: URL, headers: IncomingHttpHeaders, body: Buffer): Answer {
    this.#expectJson(headers);
    const [, , , , , prefix = '', hex = ''] = url.pathname.split('/');
    const info = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    this.violations.push(...infoFaults(info, 'unity-catalog'));
    this.#expect(info['trace_id'] === hex, 'the id of the path');
    this.infos.set(`${prefix}/${hex}`, info);
    return json(info);
  }

  #expectJson(headers: IncomingHttpHeaders): void {
    this.#expect(/^application\/json\b/.test(headers['content-type'] ?? ''), 'JSON');
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) this.violations.push(what);
  }
}

/** What Python's `requests` adds of itself. */
const PYTHONS = new Set(['user-agent', 'accept', 'accept-encoding']);

function json(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}

const CALLS: readonly [Call, RegExp][] = [
  ['discovery', /^GET \/oidc\/\.well-known\/oauth-authorization-server$/],
  ['token', /^POST \/oidc\/v1\/token$/],
  ['experiment', /^GET \/api\/2\.0\/mlflow\/experiments\/get(?:-by-name)?\?experiment_(?:id|name)=[^&]+$/],
  ['info', /^POST \/api\/3\.0\/mlflow\/traces$/],
  ['address', /^GET \/api\/2\.0\/mlflow\/traces\/tr-[0-9a-f]{32}\/credentials-for-data-upload$/],
  ['spans', /^POST \/api\/2\.0\/otel\/v1\/traces$/],
  ['uc-info', /^POST \/api\/4\.0\/mlflow\/traces\/[\w.-]+\/[0-9a-f]{32}\/info$/],
  ['create', /^PUT \/bucket\/.*&resource=file$/],
  ['append', /^PATCH \/bucket\//],
  ['upload', /^PUT \/bucket\//],
];

function callOf({ method, url }: IncomingMessage): Call | undefined {
  return CALLS.find(([, pattern]) => pattern.test(`${method} ${url}`))?.[0];
}
