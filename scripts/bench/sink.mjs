// @ts-check
import { createServer } from 'node:http';

/**
 * A server that takes everything and keeps the sizes alone: what it does costs little beside what is measured.
 * @typedef {object} Sink
 * @property {string} url
 * @property {() => number[]} takeSizes of the bodies of POSTs since the last call, in bytes
 * @property {() => void} close
 */

/** @returns {Promise<Sink>} */
export async function openSink() {
  /** @type {number[]} */
  let sizes = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk) => (bytes += chunk.length));
    request.on('end', () => {
      if (request.method === 'POST') sizes.push(bytes);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    takeSizes: () => {
      const taken = sizes;
      sizes = [];
      return taken;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
