import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry on this machine that has one package, in one version. */
export interface NpmRegistry {
  readonly url: string;
  close(): Promise<unknown>;
}

/** Serves a file that `npm pack` made, as npm's registry would. */
export async function startNpmRegistry(name: string, version: string, file: string): Promise<NpmRegistry> {
  const tarball = readFileSync(file);
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const server = createServer(({ url = '', headers }, response) => {
    if (url.endsWith('.tgz')) return response.end(tarball);
    if (decodeURIComponent(url) !== `/${name}`) return response.writeHead(404).end();
    const dist = { tarball: `http://${headers.host}/codex.tgz`, integrity };
    response.setHeader('content-type', 'application/json');
    return response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: version },
        versions: { [version]: { name, version, dist } },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
