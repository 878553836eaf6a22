import { BlockList, isIP } from 'node:net';
import { type OrProblem, problem } from '../platform/problems/problem.js';
import { envText } from '../platform/process/environment.js';
import { isThisMachine } from '../settings/files/tracking-uri.js';

/**
 * The HTTP proxy for an address, from `HTTPS_PROXY` or `HTTP_PROXY` (small letters win, as in curl and
 * Python), unless `NO_PROXY` names its host. This machine (127.0.0.2, too) is never asked for by way of
 * a proxy: a proxy would look for the server on its own. A value without a scheme means `http://`.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): OrProblem<string | undefined> {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const set = envText(env, name) ?? envText(env, name.toUpperCase());
  if (set === undefined || isThisMachine(url) || isWithin('127.0.0.0/8', url) || isExempt(url, env))
    return { kind: 'value', value: undefined };
  const variable = name.toUpperCase();
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(set) ? set : `http://${set}`;
  if (!URL.canParse(proxy) || !/^https?:\/\//i.test(proxy)) {
    const hint = `Set ${variable} to http://host:port, or name the server's host in NO_PROXY`;
    return problem('proxy-invalid', `${variable} is not the address of an HTTP proxy`, hint);
  }
  return { kind: 'value', value: proxy };
}

/**
 * `NO_PROXY`: `*`; hosts, each also for its subdomains, with or without a leading dot, a `*.` or a port;
 * addresses; and ranges of them (`10.0.0.0/8`, `fd00::/8`), as curl from 7.86 on and Python's requests
 * (2.32, which knows IPv4 ranges alone) have it.
 */
function isExempt(url: URL, env: NodeJS.ProcessEnv): boolean {
  const list = envText(env, 'no_proxy') ?? envText(env, 'NO_PROXY') ?? '';
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*' || isWithin(entry, url)) return true;
      const [, host = '', itsPort] = /^\*?\.?(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (host === '' || (itsPort !== undefined && itsPort !== port)) return false;
      return url.hostname === host || isWithin(bare(host), url) || url.hostname.endsWith(`.${host}`);
    });
}

/** Whether an address is this one, or in this range: `address` or `address/bits`. */
function isWithin(range: string, { hostname }: URL): boolean {
  const address = bare(hostname);
  const [network = '', bits, ...more] = range.split('/');
  const family = isIP(network);
  const length = family === 4 ? 32 : 128;
  if (family === 0 || isIP(address) === 0 || more.length > 0) return false;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > length)) return false;
  const known = new BlockList();
  known.addSubnet(network, bits === undefined ? length : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return known.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** An address without the brackets that IPv6 has in a URL. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
