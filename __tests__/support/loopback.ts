import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What to say to it; `hang`: nothing, ever. */
export type Reply = { status: number; body: string; headers?: Record<string, string> } | 'hang';

const open = new Set<() => Promise<void>>();

/** Closes every server that still runs: for `afterEach`, so that a failed test leaves none behind. */
export async function closeLoopbacks(): Promise<void> {
  await Promise.all([...open].map((close) => close()));
}

/** A small HTTP server on a free port of this machine, which remembers what it was asked. */
export async function startLoopback(reply: (request: SeenRequest) => Reply) {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      requests.push(seen);
      const answer = reply(seen);
      if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    open.delete(close);
    return new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  open.add(close);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    close,
  };
}
