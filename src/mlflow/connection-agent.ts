import type { Agent } from 'node:http';
import type { TlsOptions } from './tls-options.js';

/** A server as its connections see it. */
export interface ConnectionTarget {
  url: string;
  tls?: TlsOptions;
  /** An HTTP proxy's address; may hold credentials. */
  proxy?: string;
}

/**
 * The connections to a server, straight or through an HTTP proxy; `destroy()` ends them.
 * @param keepAlive whether they stay open between requests
 */
export async function connectionAgent(target: ConnectionTarget, keepAlive: boolean): Promise<Agent> {
  const secure = target.url.startsWith('https:');
  // Node 18 tries only the first address of `localhost`, often ::1, where MLflow does not listen.
  const options = { keepAlive, autoSelectFamily: true };
  if (target.proxy === undefined) {
    const { Agent } = secure ? await import('node:https') : await import('node:http');
    return new Agent({ ...options, ...target.tls });
  }
  if (secure) {
    const { HttpsProxyAgent } = await import('./proxy-agents.js');
    const agent = new HttpsProxyAgent(target.proxy, options);
    // Its own options are for the way to the proxy (7.0.6); the server behind it is met here.
    const connect = agent.connect.bind(agent);
    agent.connect = (request, opts) => connect(request, { ...opts, ...target.tls });
    return agent;
  }
  const { HttpProxyAgent } = await import('./proxy-agents.js');
  return new HttpProxyAgent(target.proxy, options);
}
