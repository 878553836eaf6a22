import { createServer, request as httpRequestTo } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsSocketServer } from 'node:tls';
import { CERTIFICATE, KEY } from './test-certificate.js';

const open = new Set<() => Promise<void>>();

/** Closes what `listen`, `startProxy` and the TLS servers opened: for `afterEach`. */
export async function closeServers(): Promise<void> {
  await Promise.all([...open].map((close) => close()));
}

/** Lets a server listen on a free port of this machine until `closeServers`. @returns the port */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      open.delete(close);
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  open.add(close);
  return (server.address() as AddressInfo).port;
}

/** A server of its own behind the test certificate. @returns its port */
export function startTlsServer(body: string): Promise<number> {
  return listen(createTlsServer({ cert: CERTIFICATE, key: KEY }, (_, response) => response.end(body)));
}

/** Puts the test certificate before a plain server of this machine. @returns the port */
export function startTlsBefore(port: number): Promise<number> {
  return listen(
    createTlsSocketServer({ cert: CERTIFICATE, key: KEY }, (socket) => {
      const through = connect(port, '127.0.0.1');
      through.on('error', () => socket.destroy());
      socket.on('error', () => through.destroy());
      socket.pipe(through).pipe(socket);
    }),
  );
}

/** A proxy, and what it was asked: the request's first words and its `proxy-authorization`. */
export interface ProxyStub {
  /** With the user `ada` and the password `p w`. */
  url: string;
  asked: [string, string | undefined][];
}

/** What `ProxyStub.url`'s credentials are on the wire. */
export const PROXY_AUTHORIZATION = `Basic ${Buffer.from('ada:p w').toString('base64')}`;

/**
 * A proxy that sends every CONNECT, and every absolute address, to one port of this machine.
 * @param port 0: it wants other credentials (407)
 */
export async function startProxy(port: number): Promise<ProxyStub> {
  const asked: ProxyStub['asked'] = [];
  const server = createServer((request, response) => {
    asked.push([`${request.method} ${request.url}`, request.headers['proxy-authorization']]);
    const { pathname, search } = new URL(request.url ?? '');
    const { method, headers } = request;
    const onward = httpRequestTo({ port, method, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push([`CONNECT ${request.url}`, request.headers['proxy-authorization']]);
    if (port === 0) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const through = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    through.on('error', () => socket.destroy());
    socket.on('error', () => through.destroy());
    through.pipe(socket).pipe(through);
  });
  return { url: `http://ada:p%20w@127.0.0.1:${await listen(server)}`, asked };
}
