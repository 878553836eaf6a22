// @ts-check
/**
 * A scripted stand-in for the Responses API, on loopback, for the real Codex: it streams what a
 * script says and remembers it, so that a trace can be compared with what the model really served.
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { freshId } from './response-items.mjs';
import { itemEvents, usualUsage, wireUsage } from './response-stream.mjs';

/** @typedef {import('./response-items.mjs').Item} Item */
/** @typedef {import('./response-stream.mjs').Reply} Reply */
/** @typedef {import('./response-stream.mjs').Usage} Usage */
/** @typedef {import('./response-stream.mjs').StreamEvent} StreamEvent */
/** @typedef {import('./request-reading.mjs').RequestBody} RequestBody */
/** @typedef {{ n: number, url: string, headers: import('node:http').IncomingHttpHeaders }} RequestContext n counts requests from 0 */
/** @typedef {(body: RequestBody, context: RequestContext) => Reply} Script */

/**
 * What one request was answered.
 * @typedef {object} Served
 * @property {number} n
 * @property {RequestBody} request
 * @property {string} responseId
 * @property {string} model as requested
 * @property {Item[]} items those that were sent whole
 * @property {Usage | null} usage null where the response did not complete
 * @property {'completed' | 'failed' | 'incomplete' | 'dropped' | 'hanging' | 'json' | number} end a number is an HTTP status
 */

/**
 * @typedef {object} ResponsesApi
 * @property {number} port
 * @property {string} baseUrl for Codex's `model_providers.*.base_url`
 * @property {Served[]} served oldest first
 * @property {() => Promise<void>} close ends open streams too
 */

/**
 * Starts the API on a free port of 127.0.0.1.
 * @param {Script} script answers each request; what it throws becomes a status 500
 * @returns {Promise<ResponsesApi>}
 */
export async function startResponsesApi(script) {
  /** @type {Served[]} */
  const served = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: { message: String(error?.stack ?? error), type: 'server_error' } }),
      );
    });
  });

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async function handle(request, response) {
    const url = request.url ?? '/';
    const raw = await readBody(request);
    if (request.method !== 'POST' || !url.includes('/responses')) {
      // Codex asks for a list of models at its start and goes on without one.
      const known = request.method === 'GET' && url.includes('/models');
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
      response.end(known ? '{"models":[],"data":[],"object":"list"}' : '{}');
      return;
    }
    const body = /** @type {RequestBody} */ (JSON.parse(raw.toString('utf8')));
    const n = served.length;
    /** @type {Served} */
    const record = {
      n,
      request: body,
      responseId: freshId('resp'),
      model: body.model ?? '',
      items: [],
      usage: null,
      end: 'hanging',
    };
    served.push(record);
    const reply = script(body, { n, url, headers: request.headers });
    if (reply.delayMs) await sleep(reply.delayMs);
    if (reply.status || reply.json !== undefined) answerJson(response, reply, record);
    else await answerStream(response, reply, record);
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {import('node:http').ServerResponse} response @param {Reply} reply @param {Served} record */
function answerJson(response, reply, record) {
  const status = reply.status ?? 200;
  record.end = status === 200 ? 'json' : status;
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': freshId('req'),
    ...reply.headers,
  });
  response.end(JSON.stringify(reply.json ?? { error: { message: 'scripted error', type: 'server_error' } }));
}

/** @param {import('node:http').ServerResponse} response @param {Reply} reply @param {Served} record */
async function answerStream(response, reply, record) {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-request-id': freshId('req'),
    ...reply.headers,
  });
  let sequence = 0;
  /** @param {StreamEvent} event */
  const send = (event) => {
    if (response.destroyed) return;
    response.write(
      `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence })}\n\n`,
    );
    sequence += 1;
  };
  const base = {
    id: record.responseId,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    model: record.model,
    output: [],
  };
  send({ type: 'response.created', response: base });
  send({ type: 'response.in_progress', response: base });
  for (const [index, item] of (reply.items ?? []).entries()) {
    for (const event of itemEvents(item, index, reply.chunkSize)) {
      if (event.type === 'response.output_item.done' && reply.hangInItem === index) return;
      send(event);
      if (event.type === 'response.output_text.delta' && reply.chunkDelayMs) await sleep(reply.chunkDelayMs);
    }
    record.items.push(item);
  }
  if (reply.hang) return;
  if (reply.drop) {
    record.end = 'dropped';
    response.destroy();
    return;
  }
  if (reply.failed) {
    record.end = 'failed';
    send({ type: 'response.failed', response: { ...base, status: 'failed', error: reply.failed } });
  } else if (reply.incomplete) {
    record.end = 'incomplete';
    const details = { incomplete_details: { reason: reply.incomplete } };
    send({ type: 'response.incomplete', response: { ...base, status: 'incomplete', ...details } });
  } else {
    record.end = 'completed';
    record.usage = { ...usualUsage(record.n), ...reply.usage };
    const whole = { output: record.items, usage: wireUsage(record.usage) };
    send({ type: 'response.completed', response: { ...base, status: 'completed', ...whole } });
  }
  response.end();
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<Buffer>} */
async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
