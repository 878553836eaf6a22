import { envText } from '../platform/environment.js';
import { type OrProblem, problem } from '../platform/problem.js';
import { isThisMachine } from '../settings/tracking-uri.js';

/**
 * The HTTP proxy for an address, from `HTTPS_PROXY` or `HTTP_PROXY` (small letters win, as in curl and
 * Python), unless `NO_PROXY` names its host. This machine is never asked for by way of a proxy: a
 * proxy would look for the server on its own. A value without a scheme means `http://`.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): OrProblem<string | undefined> {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const set = envText(env, name) ?? envText(env, name.toUpperCase());
  if (set === undefined || isThisMachine(url) || isExempt(url, env))
    return { kind: 'value', value: undefined };
  const variable = name.toUpperCase();
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(set) ? set : `http://${set}`;
  if (!URL.canParse(proxy) || !/^https?:\/\//i.test(proxy)) {
    const hint = `Set ${variable} to http://host:port, or name the server's host in NO_PROXY`;
    return problem('proxy-invalid', `${variable} is not the address of an HTTP proxy`, hint);
  }
  return { kind: 'value', value: proxy };
}

/** `NO_PROXY`: `*`, or hosts, each also for its subdomains, with or without a leading dot, a `*.` or a port. */
function isExempt(url: URL, env: NodeJS.ProcessEnv): boolean {
  const list = envText(env, 'no_proxy') ?? envText(env, 'NO_PROXY') ?? '';
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, host = '', itsPort] = /^\*?\.?(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (host === '' || (itsPort !== undefined && itsPort !== port)) return false;
      return url.hostname === host || url.hostname === `[${host}]` || url.hostname.endsWith(`.${host}`);
    });
}
