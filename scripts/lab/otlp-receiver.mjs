// @ts-check
/**
 * An OTLP/HTTP receiver on loopback that keeps what it gets and answers as told: well, badly,
 * or not at all. For the tests of delivery and for the demo without a server.
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { decodeTraceRequest } from './otlp-decode.mjs';

/** @typedef {import('./otlp-decode.mjs').DecodedSpan} DecodedSpan */

/**
 * How to answer one request. Nothing said: 200 and an empty protobuf response.
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {Record<string, string>} [headers] `location` makes a redirect of a 3xx
 * @property {string | Buffer} [body]
 * @property {number} [delayMs] before answering
 * @property {'hang' | 'reset' | 'garbage'} [instead] never answer; cut the connection; send what is not HTTP
 * @property {'cut' | 'garbled' | 'endless'} [bodyIs] after the status: the connection is cut; what comes is not HTTP any more; nothing more comes
 */

/**
 * @typedef {object} ReceivedRequest
 * @property {string} method
 * @property {string} url path and query
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {Buffer} body as sent, perhaps compressed
 * @property {DecodedSpan[]} spans none where the body is no OTLP
 * @property {number} atMs when it had arrived whole
 * @property {boolean} isCutOff the client has gone away without waiting for the answer
 */

/**
 * @typedef {object} OtlpReceiver
 * @property {string} url `http://HOST:PORT`
 * @property {number} port
 * @property {ReceivedRequest[]} requests oldest first, whatever they were answered
 * @property {() => DecodedSpan[]} spans of the requests that were answered with 2xx
 * @property {(choose: Answer | ((request: ReceivedRequest, n: number) => Answer)) => void} answerWith for the requests from now on; n counts all requests from 0
 * @property {() => Promise<void>} close
 */

/**
 * Starts a receiver.
 * @param {{ port?: number, host?: string }} [options] default: any free port of 127.0.0.1
 * @returns {Promise<OtlpReceiver>}
 */
export async function startOtlpReceiver({ port = 0, host = '127.0.0.1' } = {}) {
  /** @type {ReceivedRequest[]} */
  const requests = [];
  /** @type {Set<ReceivedRequest>} */
  const accepted = new Set();
  /** @type {Answer | ((request: ReceivedRequest, n: number) => Answer)} */
  let answers = {};

  const server = createServer(async (incoming, response) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body,
      spans: spansOf(body, incoming.headers['content-encoding']),
      atMs: Date.now(),
      isCutOff: false,
    };
    response.once('close', () => {
      request.isCutOff = !response.writableFinished;
    });
    const answer = typeof answers === 'function' ? answers(request, requests.length) : answers;
    requests.push(request);
    if (answer.delayMs) await sleep(answer.delayMs);
    if (answer.instead === 'hang') return;
    if (answer.instead === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (answer.instead === 'garbage') {
      incoming.socket.end('220 this is not HTTP\r\n');
      return;
    }
    const status = answer.status ?? 200;
    if (status >= 200 && status < 300) accepted.add(request);
    if (answer.bodyIs) {
      breakBody(answer.bodyIs, status, incoming.socket);
      return;
    }
    response.writeHead(status, { 'content-type': 'application/x-protobuf', ...answer.headers });
    response.end(answer.body);
  });

  await new Promise((resolve) => server.listen(port, host, () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    requests,
    spans: () => requests.filter((request) => accepted.has(request)).flatMap((request) => request.spans),
    answerWith: (choose) => {
      answers = choose;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {NonNullable<Answer['bodyIs']>} how
 * @param {number} status
 * @param {import('node:net').Socket} socket
 */
function breakBody(how, status, socket) {
  const head = `HTTP/1.1 ${status} As Told\r\ntransfer-encoding: chunked\r\n\r\n`;
  if (how === 'garbled') socket.end(`${head}zz\r\n`);
  else if (how === 'endless') socket.write(head);
  // Once the status has gone out: a reset throws away what has not.
  else socket.write(`${head}5\r\nsome `, () => setTimeout(() => socket.resetAndDestroy(), 50));
}

/** @param {Buffer} body @param {string | undefined} encoding */
function spansOf(body, encoding) {
  try {
    return decodeTraceRequest(encoding === 'gzip' ? gunzipSync(body) : body);
  } catch {
    // Tests send garbage on purpose; the raw body is kept beside.
    return [];
  }
}
